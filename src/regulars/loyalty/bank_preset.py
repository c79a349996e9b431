"""The programme of a bank: an order is what is spent with a card; fees are lowered by tier, and little else is given.

Transfers, top-ups and bills paid in the app or on the web earn no points, as is usual: they are no consumption, and
whoever moves money to and fro would live on them. Spending earns 1 point for each 20 and 1 growth for each 100, within
a monthly cap; tiers are held for a year with 90 days of grace, and points last three years.
"""

from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.preset_parts import asks, benefit, quota, rule, tiers
from regulars.loyalty.rules import preset_terms

UPPER = ("platinum", "diamond")
ABOVE = ("gold", *UPPER)


def bank(digits: int) -> dict[str, Any]:
    """Points for card payments alone, tiers that are held, fee discounts, a lounge and a manager of one's own."""
    unit = 10**digits
    per_20 = {"kind": "per_amount", "minor": 20 * unit}
    spend = rule(
        "card_spend", Text("刷卡消费", "Card payments"), [asks("channel", "in", ["store"])], per_20,
        limits=[{"period": "month", "most": 10_000, "counts": "amount",
                 "by_tier": {"platinum": 20_000, "diamond": 50_000}}],
    )  # fmt: skip
    member_day = rule(
        "member_day", Text("会员日", "Member day"),
        [asks("channel", "in", ["store"]), asks("day_of_month", "eq", 8), asks("tier", "in", list(ABOVE))], per_20,
        limits=[{"period": "month", "most": 1_000, "counts": "amount"}],
    )  # fmt: skip
    return {
        **preset_terms(digits, pending_days={"store": 0, "online": 0}),
        "minor_per_point": 0,
        "minor_per_growth": 100 * unit,
        "tiers": tiers(("classic", 0, "普卡", "Classic"), ("gold", 300, "金卡", "Gold"),
                       ("platinum", 1_000, "白金", "Platinum"), ("diamond", 5_000, "钻石", "Diamond")),
        "expiry": "rolling",
        "expiry_months": 36,
        "keeping": {"held": "months", "months": 12, "grace_days": 90, "one_step": True},
        "rules": [spend, member_day],
        "benefits": [*_fees(unit), *_services()],
    }  # fmt: skip


def _fees(unit: int) -> list[dict[str, Any]]:
    """Fee discounts 费率优惠: transfers, the yearly card fee, and what buying a fund costs."""
    transfer = {"fee": "transfer", "fee_names": {"zh": "跨行转账手续费", "en": "transfer fee"}}
    card = {"fee": "annual_card", "fee_names": {"zh": "年费", "en": "yearly card fee"}}
    fund = {"fee": "fund_subscription", "fee_names": {"zh": "基金申购费", "en": "fund subscription fee"}}
    half, free = Text("转账手续费五折", "Transfers at half the fee"), Text("转账免手续费", "Free transfers")
    return [
        benefit("transfers", half, "fee_discount", "gold", **transfer, percent=50, least_minor=unit,
                quota=quota("month", 10)),
        benefit("free_transfers", free, "fee_discount", *UPPER, **transfer, percent=100,
                quota=quota("month", 20, diamond=100)),
        benefit("card_fee", Text("年费减半", "Half the card fee"), "fee_discount", "gold", **card, percent=50,
                quota=quota("year", 1)),
        benefit("no_card_fee", Text("免年费", "No card fee"), "fee_discount", *UPPER, **card, percent=100,
                quota=quota("year", 1)),
        benefit("fund_fee", Text("申购费六折", "Funds at 40% off"), "fee_discount", "gold", **fund, percent=40),
        benefit("fund_fee_upper", Text("申购费一折", "Funds at 90% off"), "fee_discount", *UPPER, **fund, percent=90),
    ]  # fmt: skip


def _services() -> list[dict[str, Any]]:
    gift = {"zh": "双人下午茶券", "en": "afternoon tea for two"}
    return [
        benefit("lounge", Text("机场贵宾厅", "Airport lounge"), "dedicated_service", *UPPER,
                about={"zh": "国内机场贵宾厅", "en": "A lounge at the airport"}, quota=quota("year", 2, diamond=6)),
        benefit("manager", Text("专属客户经理", "Account manager"), "dedicated_service", "diamond",
                about={"zh": "一对一客户经理，工作日当天回电",
                       "en": "An account manager of your own, who calls back the same working day"}),
        benefit("birthday", Text("生日礼遇", "Birthday gift"), "birthday_gift", *UPPER, gift=gift, whole_month=True),
        benefit("member_day", Text("8 日会员日", "Member day on the 8th"), "points", *ABOVE, rule="member_day"),
    ]  # fmt: skip
