"""A shop with benefits: its terms, and members who use them."""

from datetime import date, datetime
from typing import Any

from regulars.flows.use_benefits import undo_by_key, use_benefit
from regulars.loyalty.benefits.actions import Receipt
from regulars.loyalty.benefits.rules import Bill
from tests.flows.world import World, order, query, when

AT = when("2026-03-10 15:00")
PERCENT = {"code": "five", "names": {"zh": "会员价", "en": "Member price"}, "kind": "discount", "percent": 5}
CAKE = {
    "code": "cake", "names": {"zh": "生日蛋糕", "en": "Birthday cake"}, "kind": "birthday_gift",
    "gift": {"zh": "六寸蛋糕", "en": "a cake"}, "days_before": 7, "days_after": 7,
}  # fmt: skip
POST = {
    "code": "post", "kind": "free_shipping", "most_minor": 12_00, "tiers": ["silver", "gold", "black"],
    "quota": {"period": "month", "times": 2, "by_tier": {"black": 5}},
}  # fmt: skip
FEE = {
    "code": "wire", "kind": "fee_discount", "fee": "transfer", "fee_names": {"zh": "转账手续费", "en": "transfer fee"},
    "percent": 50, "least_minor": 1_00,
}  # fmt: skip
LOUNGE = {
    "code": "lounge", "kind": "dedicated_service", "about": {"zh": "贵宾室", "en": "The lounge"},
    "quota": {"period": "year", "times": 2},
}  # fmt: skip
EARLY = {"code": "early", "kind": "early_access", "days": 3, "tiers": ["gold", "black"]}
DOUBLE = {"code": "double", "names": {"zh": "会员日", "en": "Member day"}, "kind": "points", "rule": "member_day"}
RULE = {
    "code": "member_day", "names": {"zh": "会员日", "en": "Member day"},
    "if": {"field": "day_of_month", "op": "eq", "value": 18}, "then": {"kind": "multiply", "percent": 200},
    "limits": [{"period": "month", "most": 500}],
}  # fmt: skip
ALL: dict[str, Any] = {"rules": [RULE], "benefits": [PERCENT, CAKE, POST, FEE, LOUNGE, EARLY, DOUBLE]}


def shop(*, now: str = "2026-03-20 12:00", terms: dict[str, Any] | None = None) -> World:
    """Anna is silver, Bo and Chen are in the lowest tier; nobody's birthday is known."""
    books = World(now=now, terms=[("2020-01-01 00:00", terms or ALL)])
    books.tell(
        order("A1", "anna", when("2025-12-01 10:00"), 1200_00),
        order("B1", "bo", when("2025-12-01 10:00"), 30_00),
        order("C1", "chen", when("2025-12-01 10:00"), 30_00),
    )
    return books


def born(books: World, who: str, day: str | None) -> None:
    """What the profile of this customer, alone, says from now on."""
    found = date.fromisoformat(day) if day else None
    query("UPDATE customers_customer SET birthday = %s WHERE id = %s RETURNING 1", [found, books.customer(who)])


def use(
    books: World, who: str, code: str, key: str = "k", *, at: datetime | None = None, total: int | None = 100_00,
    **more: Any,
) -> Receipt:  # fmt: skip
    bill = Bill(total, more.pop("shipping", None), more.pop("fees", {}), more.pop("channel", "store"))
    return use_benefit(
        customer_id=books.customer(who), code=code, key=key, bill=bill, policies=books.policies, at=at or AT, **more
    )


def undo(books: World, key: str = "k", at: datetime | None = None) -> Receipt:
    return undo_by_key(key=key, policies=books.policies, at=at or books.now, actor="test")


def uses(code: str) -> list[tuple[Any, ...]]:
    """(key, off, undone by) of this benefit's uses, undone ones included."""
    return query("SELECT key, off_minor, undone_by FROM loyalty_benefituse WHERE code = %s ORDER BY id", [code])
