"""A stamp card to begin with, 买九赠一: one stamp a paid cup that staff confirm, nine for a cup. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.loyalty.rewards.rules import RewardKind, Terms
from regulars.loyalty.till.rules import STAMP

CURRENCY: Final = "stamps"
A_DAY: Final = 5
"""So many stamps one guest gets on a day at most, whoever confirms them."""
PRICE: Final = 9
MONTHS: Final = 6
REWARD: Final = "free-cup"
FREE_CUP: Final = Terms(
    name=Text("集满 9 个印花，任选一杯", "Nine stamps: a cup of your choice"), kind=RewardKind.ITEM, points=PRICE,
    description=Text("在收银台直接领取", "Handed over at the till"), currency=CURRENCY,
)  # fmt: skip


def with_stamp_card(
    terms: Mapping[str, Any], *, products: Sequence[str] = (), starts: date | None = None
) -> dict[str, Any]:
    """Terms with a stamp card beside their points.

    Args:
        products: What counts as a cup where an order says what was bought; without, staff confirm each at the till.
        starts: The first day of the card; None from the first day of the terms on.
    """
    currency = {
        "code": CURRENCY, "names": {"zh": "印花", "en": "stamps", "one": "stamp"}, "expiry": "rolling",
        "expiry_months": MONTHS, "restore_days": 14, "caps": [{"period": "day", "most": A_DAY}],
    }  # fmt: skip
    since = {"starts": starts.isoformat()} if starts else {}
    rules = [
        {"code": "stamp", "names": {"zh": "集点卡", "en": "Stamp card"}, "on": STAMP, "earns": CURRENCY,
         "then": {"kind": "fixed", "amount": 1}, **since},
    ]  # fmt: skip
    if products:
        rules.append(
            {"code": "cup", "names": {"zh": "买一杯集一个", "en": "A stamp a cup"}, "on": "order", "earns": CURRENCY,
             "then": {"kind": "per_item", "amount": 1, "products": list(products)}, **since}
        )  # fmt: skip
    return {
        **terms, "currencies": [*terms.get("currencies", ()), currency], "rules": [*terms.get("rules", ()), *rules],
    }  # fmt: skip
