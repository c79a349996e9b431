"""Examples of the checkout, as the OpenAPI document shows them; the tests send every one of them."""

from typing import Final

from regulars.api.bodies import Json
from regulars.api.examples import example

QUOTE_BODIES: Final = {
    "till": example(
        "At the till",
        {
            "context": {"traits": {"phone": "13812345678"}},
            "basket": {
                "total": 128,
                "store": "S01",
                "products": [{"sku": "TEA-100", "quantity": 2, "total": 128}],
            },
        },
    ),
    "web_shop": example(
        "In the web shop, before signing in",
        {"anonymousId": "visitor-77", "source": "web", "basket": {"total": 88.5, "shipping": 8.5, "channel": "online"}},
    ),
}
RESERVE_BODIES: Final = {
    "together": example(
        "A coupon, and 5.00 with points",
        {
            "context": {"traits": {"phone": "13812345678"}},
            "pay": 5,
            "coupons": ["7KQM-R4WX-92TD"],
            "basket": {"total": 128, "products": [{"line_id": "1", "sku": "TEA-100", "quantity": 2, "total": 128}]},
            "store": "S01",
        },
    ),
    "till": example("At the till", {"context": {"traits": {"phone": "13812345678"}}, "points": 100, "store": "S01"}),
    "web_shop": example(
        "In the web shop, for half an hour", {"userId": "u-1024", "source": "web", "points": 100, "minutes": 30}
    ),
}
REDEEM_BODIES: Final = {
    "till": example(
        "At a till without a second step",
        {"context": {"traits": {"phone": "13812345678"}}, "points": 100, "order_id": "T-0815", "store": "S01"},
    ),
    "offline": example(
        "Told later by a till that was offline",
        {
            "context": {"traits": {"phone": "13812345678"}},
            "points": 100,
            "at": "2026-03-01T09:30:00+08:00",
            "store": "S01",
        },
    ),
}
CAPTURE_BODIES: Final = {
    "whole": example("All of it", {"hold_id": 812, "store": "S01"}),
    "order": example("With the order's number", {"hold_id": 812, "order_id": "SO-20260301-0007"}),
    "part": example("A part", {"hold_id": 812, "points": 60}),
}
RELEASE_BODIES: Final = {"whole": example("The customer pays otherwise", {"hold_id": 812})}
REFUND_BODIES: Final = {
    "whole": example("Everything goes back", {"capture_id": 813, "store": "S01"}),
    "part": example("So many points go back", {"capture_id": 813, "points": 20, "store": "S01"}),
    "lines": example(
        "What was paid for one line", {"capture_id": 813, "products": [{"line_id": "2", "total": 60}], "store": "S01"}
    ),
}
_AFTER: Final[Json] = {
    "points": 100,
    "left": 0,
    "spendable": 750,
    "at": "2026-03-01T09:32:00+08:00",
    "store": "S01",
    "coupons": [],
    "benefits": [],
    "discount": "0.00",
}
_WITH_COUPON: Final[Json] = {
    **_AFTER,
    "coupons": [{"code": "7KQM-R4WX-92TD", "discount": "10.00"}],
    "discount": "10.00",
}
_QUOTED: Final[Json] = {
    "customer": {"known": True, "tier": {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}}},
    "currency": "CNY",
    "earns": {
        "points": 256,
        "growth": 0,
        "currencies": {},
        "usable_at": "2026-03-01T09:30:00+08:00",
        "valid_until": "2027-12-31",
        "awards": [
            {
                "rule": "",
                "name": None,
                "earns": "points",
                "amount": 128,
                "before_limits": 128,
                "said": {
                    "zh": "每满 ¥1 得 1 积分，基础 128 积分（会员计划第 2 版）。",
                    "en": "¥1 = 1 point, which makes 128 points to begin with (programme version 2).",
                },
            },
            {
                "rule": "sunday",
                "name": {"zh": "周日双倍", "en": "Double Sunday"},
                "earns": "points",
                "amount": 128,
                "before_limits": 128,
                "said": {"zh": "“周日双倍”多得 128 积分。", "en": "“Double Sunday” gave 128 points more."},
            },
        ],
    },
    "points": {
        "spendable": 850,
        "worth": "8.50",
        "could_pay": {"points": 850, "amount": "8.50", "earns": {"points": 219, "growth": 0}},
    },
    "coupons": [
        {
            "code": "7KQM-R4WX-92TD",
            "offer": {
                "id": 3,
                "kind": "amount_off",
                "name": {"zh": "好久不见", "en": "Long time no see"},
                "terms": {"zh": "满30元减10元", "en": "¥10 off from ¥30"},
            },
            "discount": "10.00",
            "currency": "CNY",
            "uses_left": 1,
            "valid_until": "2026-03-15",
            "applies": True,
        }
    ],
    "best_coupon": "7KQM-R4WX-92TD",
    "benefits": [],
    "best": {
        "coupons": ["7KQM-R4WX-92TD"],
        "benefits": [],
        "discount": "10.00",
        "due": "118.00",
        "earns": {"points": 236, "growth": 0},
        "left_out": [],
    },
}
ANSWERS: Final = {
    "BasketQuote": {"known": example("A gold member on a Sunday", _QUOTED)},
    "Held": {
        "held": example("Held", {**_WITH_COUPON, "hold_id": 812, "left": 100, "ends_at": "2026-03-01T09:47:00+08:00"})
    },
    "Redeemed": {"redeemed": example("Used at once", {**_WITH_COUPON, "capture_id": 813})},
    "Captured": {"captured": example("All of it", {**_WITH_COUPON, "capture_id": 813, "hold_id": 812})},
    "Released": {"released": example("Given back", {**_AFTER, "release_id": 814, "hold_id": 812, "spendable": 850})},
    "Refunded": {
        "part": example(
            "A part", {**_AFTER, "refund_id": 815, "capture_id": 813, "points": 20, "left": 80, "spendable": 770}
        )
    },
}
