"""Examples of the API, as the OpenAPI document shows them; the tests send every one of them."""

from typing import Any, Final

Examples = dict[str, dict[str, Any]]


def example(summary: str, value: Any) -> dict[str, Any]:
    """An example as the OpenAPI document shows it."""
    return {"summary": summary, "value": value}


ORDER: Final[dict[str, Any]] = {
    "event": "Order Completed",
    "messageId": "shop-9f2c",
    "userId": "u-1024",
    "timestamp": "2026-03-01T09:30:00+08:00",
    "context": {"traits": {"phone": "13812345678"}},
    "properties": {
        "order_id": "SO-20260301-0007",
        "total": 188.5,
        "shipping": 8.5,
        "currency": "CNY",
        "channel": "online",
        "store": "tmall-flagship",
        "products": [
            {"line_id": "1", "sku": "TEA-100", "quantity": 2, "total": 120},
            {"line_id": "2", "sku": "CUP-01", "quantity": 1, "total": 60},
        ],
    },
}
TRACK: Final[Examples] = {
    "order": example("An order", ORDER),
    "order_with_a_coupon": example(
        "An order in which a coupon was used",
        {
            "event": "Order Completed",
            "userId": "u-1024",
            "timestamp": "2026-03-02T12:10:00+08:00",
            "properties": {
                "order_id": "SO-20260302-0001",
                "total": 32,
                "discount": 10,
                "store": "S01",
                "coupons": ["7KQM-R4WX-92TD"],
            },
        },
    ),
    "refund_of_a_line": example(
        "One line goes back",
        {
            "event": "Order Refunded",
            "userId": "u-1024",
            "timestamp": "2026-03-05T14:00:00+08:00",
            "properties": {
                "order_id": "SO-20260301-0007",
                "refund_id": "RF-88",
                "products": [{"line_id": "2", "total": 60}],
            },
        },
    ),
    "refund_of_everything": example(
        "All that is left goes back",
        {
            "event": "Order Refunded",
            "timestamp": "2026-03-06T10:00:00+08:00",
            "properties": {"order_id": "SO-20260301-0007", "refund_id": "RF-91"},
        },
    ),
    "cancellation": example(
        "An order was never made",
        {
            "event": "Order Cancelled",
            "timestamp": "2026-03-01T10:00:00+08:00",
            "properties": {"order_id": "SO-20260301-0008"},
        },
    ),
    "review": example(
        "A review",
        {
            "event": "Product Reviewed",
            "messageId": "shop-9f2e",
            "userId": "u-1024",
            "timestamp": "2026-03-09T20:15:00+08:00",
            "properties": {"product_id": "TEA-100", "rating": 5},
        },
    ),
    "custom": example(
        "An event of your own",
        {
            "event": "Tasting Attended",
            "messageId": "shop-9f30",
            "userId": "u-1024",
            "timestamp": "2026-03-10T15:00:00+08:00",
            "properties": {"topic": "Spring teas", "guests": 2},
        },
    ),
}
IDENTIFY: Final[Examples] = {
    "sign_up": example(
        "Somebody signs up",
        {
            "userId": "u-1024",
            "anonymousId": "visitor-77",
            "timestamp": "2026-02-20T19:03:00+08:00",
            "traits": {
                "name": "林小雨",
                "phone": "13812345678",
                "email": "xiaoyu.lin@regulars.shop",
                "birthday": "1990-05-17",
            },
        },
    ),
    "mini_program": example(
        "A member of a mini program",
        {"traits": {"openid": "oAbc123xyz", "appid": "wx1234567890", "unionid": "uXyz789", "memberNumber": "M-000042"}},
    ),
}
BATCH: Final[Examples] = {
    "several": example(
        "Two things from one system",
        {
            "source": "till",
            "batch": [
                {"type": "identify", **IDENTIFY["sign_up"]["value"]},
                {"type": "track", **ORDER},
            ],
        },
    ),
}
RECORDED: Final[Examples] = {
    "recorded": example("Recorded now", {"status": "recorded", "fact_id": 4711}),
    "repeated": example("Recorded before, word for word", {"status": "repeated", "fact_id": 4711}),
    "left_out": example(
        "Recorded, without the phone",
        {
            "status": "recorded",
            "fact_id": 4712,
            "warnings": [
                {
                    "field": "context.traits.phone",
                    "code": "masked",
                    "detail": "context.traits.phone is masked; it was left out.",
                }
            ],
        },
    ),
}
IDENTIFIED: Final[Examples] = {"identified": example("Done", {"status": "recorded"})}


def _problem(code: str, status: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    members = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return {**members, **more}


_NO_OFFSET: Final = _problem(
    "bad_timestamp",
    422,
    "The time is missing or wrong",
    "timestamp has no offset: end it with Z or the offset, such as +08:00.",
    field="timestamp",
)
_CONFLICT: Final = _problem(
    "key_reused",
    409,
    "The key was used for something else",
    "till already used 'SO-20260301-0007' for something else; nothing was changed. "
    "If this corrects it, send a refund or a cancellation.",
    fact_id=4711,
)
PROBLEMS: Final[dict[int, Examples]] = {
    409: {"conflict": example("The order number was used for another order", _CONFLICT)},
    422: {"no_offset": example("A time that could be anywhere on earth", _NO_OFFSET)},
    429: {
        "too_many": example(
            "Too fast",
            _problem("too_many_requests", 429, "Too many requests", "This key may send 500 requests a second."),
        )
    },
}
BATCH_ANSWER: Final[Examples] = {
    "mixed": example(
        "One recorded, one refused",
        {
            "counts": {"recorded": 1, "repeated": 0, "conflict": 0, "refused": 1},
            "answers": [
                {"index": 0, "status": "recorded", "fact_id": 4711},
                {"index": 1, "status": "refused", "problem": _NO_OFFSET},
            ],
        },
    ),
}
