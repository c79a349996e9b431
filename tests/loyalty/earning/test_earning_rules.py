"""Rules on top of the base: ¥1 is one point; a rule says when, if, then, at most how much."""

import pickle
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.errors import DomainError
from regulars.ledger.rules import Purpose
from regulars.loyalty.earning.rules import Award, Earns, Limit, Period
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import InvalidPolicy, Item, ItemKind, Policies, Policy, preset_terms
from tests.loyalty.histories import SHANGHAI, when

Rule = dict[str, Any]
SUNDAY = {"field": "weekday", "op": "in", "value": [7]}
DOUBLE_SUNDAY: Rule = {"code": "sunday", "if": SUNDAY, "then": {"kind": "multiply", "percent": 200}}


def fold(*rules: Rule, caps: Any = (), **terms: Any) -> Fold:
    changed = {**preset_terms(2), "rules": list(rules), "caps": list(caps), **terms}
    return Fold(Policies([(when("2000-01-01"), Policy.from_terms(1, changed, SHANGHAI))]))


def order(
    books: Fold,
    at: str,
    amount: int,
    *,
    goods: Any = (),
    key: str = "",
    store: int | None = None,
    paid: int | None = None,
) -> int:
    """Points of an order; `goods` [(product id, quantity, amount)]. 2024-03-03 is a Sunday."""
    number = len(books._orders) + len(books.earnings) + 1
    told = [[str(place), *line] for place, line in enumerate(goods, start=1)] or [["1", "", 1, amount]]
    moment = when(at)
    item = Item(
        ItemKind.ORDER, number, 1, moment, moment.date(), 1, key or str(number), amount, amount,
        lines=tuple((line[0], line[3]) for line in told), goods=told, store=store,
    )  # fmt: skip
    before = sum(t.amount for t in books.transfers if t.purpose == Purpose.EARN and t.lot)
    books.apply(item)
    return sum(t.amount for t in books.transfers if t.purpose == Purpose.EARN and t.lot) - before


def last(books: Fold) -> list[Award]:
    """The trace of the last item."""
    return list(books.earnings.values())[-1].awards


def event(books: Fold, at: str, name: str) -> int:
    number = 1000 + len(books.earnings)
    moment = when(at)
    books.apply(Item(ItemKind.EVENT, number, 1, moment, moment.date(), 1, str(number), event=name))
    return books.earnings[number].points


def refund(books: Fold, at: str, of: str, lines: Any = (), amount: int | None = None) -> int:
    """Points that a refund takes back."""
    moment = when(at)
    before = len(books.transfers)
    number = 5000 + before
    books.apply(
        Item(ItemKind.REFUND, number, 1, moment, moment.date(), 1, str(number), amount, subject=of, lines=tuple(lines))
    )
    return sum(t.amount for t in books.transfers[before:] if t.purpose == Purpose.CLAWBACK and t.lot)


def test_a_member_day_doubles_what_the_order_earns() -> None:
    books = fold(DOUBLE_SUNDAY)
    assert order(books, "2024-03-02 10:00", 120_00) == 120, "a Saturday"
    assert order(books, "2024-03-03 10:00", 120_00) == 240
    assert last(books) == [
        Award("", Earns.POINTS, 120, 120), Award("", Earns.GROWTH, 120, 120), Award("sunday", Earns.POINTS, 120, 120),
    ]  # fmt: skip


def test_the_day_is_the_business_s_own() -> None:
    books = fold(DOUBLE_SUNDAY)
    assert order(books, "2024-03-03 00:00", 10_00) == 20, "16:00 UTC on Saturday"
    assert order(books, "2024-03-04 00:00", 10_00) == 10


def test_the_sum_is_rounded_once() -> None:
    half = {"then": {"kind": "multiply", "percent": 150}}
    books = fold({"code": "a", **half}, {"code": "b", **half})
    assert order(books, "2024-03-01", 1_00) == 2, "1 + 0.5 + 0.5"
    assert order(books, "2024-03-01", 90) == 1, "0.9 + 0.45 + 0.45 = 1.8"
    assert order(fold({"code": "a", **half}), "2024-03-01", 1_00) == 1


def test_each_piece_and_each_amount_of_some_products() -> None:
    pieces = {"code": "new", "then": {"kind": "per_item", "amount": 5, "products": ["oat"]}}
    books = fold(pieces)
    assert order(books, "2024-03-01", 60_00, goods=[["oat", 2, 40_00], ["tea", 1, 20_00]]) == 60 + 10
    assert order(books, "2024-03-01", 20_00, goods=[["oat", "1.5", 20_00]]) == 20 + 5, "half a piece is none"
    assert order(books, "2024-03-01", 20_00, goods=[["oat", 1, 0], ["tea", 1, 20_00]]) == 20, "a reward earns nothing"
    spend = {"code": "beans", "then": {"kind": "per_amount", "minor": 10_00, "products": ["beans"]}}
    books = fold(spend)
    assert order(books, "2024-03-01", 80_00, goods=[["beans", 1, 50_00], ["tea", 1, 30_00]]) == 80 + 5
    assert order(books, "2024-03-01", 40_00, goods=[["beans", 1, 50_00], ["tea", 1, 30_00]]) == 40 + 2, (
        "a voucher paid half, so half of the beans is no spend"
    )


def test_what_a_line_earned_goes_with_that_line() -> None:
    books = fold({"code": "new", "then": {"kind": "per_item", "amount": 50, "products": ["oat"]}})
    assert order(books, "2024-03-01", 60_00, key="A", goods=[["oat", 1, 20_00], ["tea", 1, 40_00]]) == 110
    assert refund(books, "2024-03-02", "A", [("2", 40_00)]) == 40, "the tea earned 40 and none of the 50"
    assert refund(books, "2024-03-03", "A", [("1", 10_00)]) == 35
    assert refund(books, "2024-03-04", "A", [("1", 10_00)]) == 35


def test_conditions_know_the_customer_as_of_then() -> None:
    welcome = {"code": "welcome", "if": {"field": "first_order", "op": "is", "value": True},
               "then": {"kind": "fixed", "amount": 200}}  # fmt: skip
    gold = {"code": "gold", "if": {"field": "tier", "op": "in", "value": ["gold"]},
            "then": {"kind": "multiply", "percent": 200}}  # fmt: skip
    back = {"code": "back", "if": {"field": "days_since_last", "op": "gt", "value": 60},
            "then": {"kind": "fixed", "amount": 7}}  # fmt: skip
    books = fold(welcome, gold, back)
    assert order(books, "2024-03-01", 5_000_00) == 5_200, "the order that makes gold is not yet gold's"
    assert order(books, "2024-03-01 12:00", 10_00) == 20
    assert order(books, "2024-05-10", 10_00) == 20 + 7
    assert order(books, "2025-03-01", 10_00) == 10 + 7, "gold has ended"


def test_a_cancelled_order_was_never_made() -> None:
    welcome = {"code": "welcome", "if": {"field": "first_order", "op": "is", "value": True},
               "then": {"kind": "fixed", "amount": 200}}  # fmt: skip
    books = fold(welcome)
    assert order(books, "2024-03-01", 10_00, key="A") == 210
    moment = when("2024-03-02")
    books.apply(Item(ItemKind.CANCEL, 77, 1, moment, moment.date(), 1, "X", subject="A"))
    assert order(books, "2024-03-03", 10_00) == 210


def test_limits_by_period_and_tier_cut_and_say_so() -> None:
    rule = {**DOUBLE_SUNDAY, "limits": [{"period": "day", "most": 100, "by_tier": {"silver": 150}}]}
    books = fold(rule)
    assert order(books, "2024-03-03 09:00", 80_00) == 160
    assert order(books, "2024-03-03 10:00", 80_00) == 100, "20 were left today"
    assert last(books)[-1] == Award("sunday", Earns.POINTS, 80, 20, Limit(Period.DAY, 100, by_tier={"silver": 150}))
    assert order(books, "2024-03-10 09:00", 1000_00) == 1100
    assert order(books, "2024-03-10 10:00", 80_00) == 80 + 50, "silver by now: 150 a day"


def test_a_limit_on_times_counts_times() -> None:
    books = fold({"code": "in", "on": "Checked In", "then": {"kind": "fixed", "amount": 2},
                  "limits": [{"period": "day", "most": 1, "counts": "times"}]})  # fmt: skip
    assert [event(books, at, "Checked In") for at in ("2024-03-01 08:00", "2024-03-01 09:00", "2024-03-02 08:00")] == [
        2, 0, 2,
    ]  # fmt: skip
    assert event(books, "2024-03-03", "Shared") == 0, "nobody promised anything for that"


def test_a_refund_reopens_no_limit() -> None:
    books = fold({**DOUBLE_SUNDAY, "limits": [{"period": "month", "most": 100}]})
    order(books, "2024-03-03 09:00", 100_00, key="A")
    assert refund(books, "2024-03-03 10:00", "A") == 200
    assert order(books, "2024-03-03 11:00", 100_00) == 100


def test_the_caps_of_the_programme_hold_over_all_rules() -> None:
    books = fold(DOUBLE_SUNDAY, caps=[{"period": "week", "most": 300, "by_tier": {"gold": 10_000}}])
    assert order(books, "2024-03-03 09:00", 100_00, key="A") == 200
    assert order(books, "2024-03-03 10:00", 100_00, key="B") == 100
    assert order(books, "2024-03-03 11:00", 100_00) == 0
    assert order(books, "2024-03-04 09:00", 100_00) == 100, "a week starts on Monday"
    assert refund(books, "2024-03-05", "B", amount=50_00) == 50, "half of what it did earn"


def test_of_a_group_the_first_counts_and_one_alone_ends_it() -> None:
    triple = {"code": "z", "then": {"kind": "multiply", "percent": 300}, "group": "times", "priority": 5}
    double = {"code": "a", "then": {"kind": "multiply", "percent": 200}, "group": "times"}
    gift = {"code": "gift", "then": {"kind": "fixed", "amount": 1}}
    assert order(fold(double, triple, gift), "2024-03-01", 10_00) == 31
    assert order(fold(double, {**triple, "alone": True}, gift), "2024-03-01", 10_00) == 30


def test_a_rule_holds_from_its_first_day_to_its_last() -> None:
    books = fold({"code": "may", "then": {"kind": "fixed", "amount": 5}, "starts": "2024-05-01", "ends": "2024-05-03"})
    days = ("2024-04-30 23:59", "2024-05-01 00:00", "2024-05-03 23:59", "2024-05-04 00:00")
    assert [order(books, at, 1_00) for at in days] == [1, 6, 6, 1]


def test_growth_can_be_given_too() -> None:
    books = fold({"code": "grow", "earns": "growth", "then": {"kind": "multiply", "percent": 300}})
    assert order(books, "2024-03-01", 10_00) == 10
    assert books.growth == [(date(2024, 3, 1), 30)]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"then": {"kind": "fixed", "amount": 1}}, "code"),
        ({"code": "a", "then": {"kind": "magic"}}, "kind"),
        ({"code": "a", "then": {"kind": "fixed", "amount": 0}}, "amount"),
        ({"code": "a", "then": {"kind": "fixed", "amount": 1.5}}, "amount"),
        ({"code": "a", "then": {"kind": "per_item", "amount": 1}}, "products"),
        ({"code": "a", "then": {"kind": "multiply", "percent": 100}}, "percent"),
        ({"code": "a", "on": "Checked In", "then": {"kind": "multiply", "percent": 200}}, "fixed"),
        ({"code": "a", "on": "Checked In", "if": {"field": "paid", "op": "ge", "value": 1},
          "then": {"kind": "fixed", "amount": 1}}, "paid"),
        ({"code": "a", "if": {"field": "tier", "op": "in", "value": ["diamond"]},
          "then": {"kind": "fixed", "amount": 1}}, "tier"),
        ({"code": "a", "then": {"kind": "fixed", "amount": 1}, "limits": [{"period": "hour", "most": 1}]}, "period"),
        ({"code": "a", "then": {"kind": "fixed", "amount": 1}, "limits": [{"period": "day", "most": -1}]}, "most"),
        ({"code": "a", "then": {"kind": "fixed", "amount": 1}, "starts": "2024-05-02", "ends": "2024-05-01"}, "ends"),
        ({"code": "a", "then": {"kind": "fixed", "amount": 1}, "if": {"field": "mood", "op": "is"}}, "mood"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_by_name(rule: Rule, says: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        fold(rule)
    assert isinstance(refused.value, DomainError)
    assert says in str(refused.value)


def test_a_rule_that_is_live_stays_readable_when_its_store_is_gone() -> None:
    books = fold(
        {"code": "s", "if": {"field": "store", "op": "in", "value": ["7"]}, "then": {"kind": "fixed", "amount": 9}}
    )
    assert order(books, "2024-03-01", 1_00, store=7) == 10
    assert order(books, "2024-03-01", 1_00, store=8) == 1
    assert order(books, "2024-03-01", 1_00) == 1


def test_rules_travel_to_other_processes() -> None:
    policies = fold(DOUBLE_SUNDAY, {"code": "all", "then": {"kind": "fixed", "amount": 1}}).policies
    again = pickle.loads(pickle.dumps(policies))
    assert again.one == policies.one
    books = Fold(again)
    assert order(books, "2024-03-03 10:00", 10_00) == 21


amounts = st.lists(st.integers(0, 300_00), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(amounts, st.integers(0, 40)), min_size=1, max_size=6),
    st.lists(st.sampled_from([110, 133, 150, 200, 250]), max_size=3), st.integers(0, 400), st.data(),
)  # fmt: skip
def test_whatever_the_rules_a_refund_line_by_line_takes_back_exactly_what_was_given(
    told: list[tuple[list[int], int]], percents: list[int], most: int, data: st.DataObject
) -> None:
    rules: list[Rule] = [{"code": f"m{n}", "then": {"kind": "multiply", "percent": p}} for n, p in enumerate(percents)]
    rules.append({"code": "oat", "then": {"kind": "per_item", "amount": 3, "products": ["oat"]}, "priority": -1})
    books = fold(*rules, caps=[{"period": "day", "most": most}])
    for place, (lines, hour) in enumerate(told):
        goods = [["oat" if n % 2 else "tea", 1, amount] for n, amount in enumerate(lines)]
        earned = order(books, f"2024-03-{1 + hour // 24:02d} {place:02d}:00", sum(lines), key=f"o{place}", goods=goods)
        earning = list(books.earnings.values())[-1]
        assert earned == earning.points <= most
        if earning.line_points is not None:
            assert sum(earning.line_points) == earned
    for place, (lines, _) in enumerate(told):
        back = 0
        for n in data.draw(st.permutations(range(len(lines)))):
            back += refund(books, "2024-04-01", f"o{place}", [(str(n + 1), lines[n])])
        assert back <= list(books.earnings.values())[place].points
        if any(lines):
            assert back == list(books.earnings.values())[place].points
