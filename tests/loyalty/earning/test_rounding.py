"""What an order earns is rounded once for all of it: down, to the nearest (a half goes up), or up."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.money import share_out
from regulars.ledger.rules import Account, Currency, Purpose
from regulars.loyalty.earning.rounding import Rounding
from regulars.loyalty.previews import Sample, earned_by
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import InvalidPolicy, Item, ItemKind, Policies, Policy, preset_terms
from tests.flows.world import World, cancel, differences, order, refund, state, world
from tests.loyalty.histories import SHANGHAI, when

AT = when("2024-03-03 10:00")
EXACTLY = {
    "down": floor,
    "nearest": lambda exact: floor(exact + Fraction(1, 2)),
    "up": ceil,
}  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"code": "more", "then": {"kind": "multiply", "percent": 133}},
    {"code": "beans", "then": {"kind": "per_amount", "minor": 700, "products": ["BEANS"]}},
    {"code": "grow", "earns": "growth", "then": {"kind": "multiply", "percent": 117}},
    {"code": "hello", "then": {"kind": "fixed", "amount": 2}},
]


def policy(rounding: str | None, rules: list[dict[str, Any]] = RULES, **terms: Any) -> Policy:
    told = {**preset_terms(2), "rules": rules, **terms}
    return Policy.from_terms(1, told if rounding is None else {**told, "rounding": rounding}, SHANGHAI)


def bought(amount: int, version: Policy, *lines: tuple[str, int]) -> tuple[int, int]:
    """Points and growth of an order; `lines` (product, amount)."""
    sample = Sample(amount, "basic", AT, goods=tuple((sku, 1, part) for sku, part in lines))
    earning = earned_by(sample, version)
    for whole, by_line in ((earning.points, earning.line_points), (earning.growth, earning.line_growth)):
        assert by_line is None or sum(by_line) == whole
    assert earning.points == sum(one.given for one in earning.awards if one.earns == "points")
    return earning.points, earning.growth


@given(
    rounding=st.sampled_from(["down", "nearest", "up"]), beans=st.integers(0, 90_000), other=st.integers(0, 90_000),
    per_point=st.integers(0, 3_000), per_growth=st.integers(1, 3_000), ruled=st.booleans(),
)  # fmt: skip
def test_never_a_whole_unit_from_the_exact_amount(
    rounding: str, beans: int, other: int, per_point: int, per_growth: int, ruled: bool
) -> None:
    version = policy(rounding, RULES if ruled else [], minor_per_point=per_point, minor_per_growth=per_growth)
    spend = beans + other
    base = Fraction(spend, per_point) if per_point else Fraction(0)
    growth = Fraction(spend, per_growth)
    points = base
    if ruled:
        points, growth = base * Fraction(133, 100) + Fraction(beans, 700) + 2, growth * Fraction(117, 100)
    assert bought(spend, version, ("BEANS", beans), ("TEA", other)) == (
        EXACTLY[rounding](points), EXACTLY[rounding](growth)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("minor", "down", "nearest", "up"),
    [(0, 0, 0, 0), (1, 0, 0, 1), (49, 0, 0, 1), (50, 0, 1, 1), (99, 0, 1, 1), (100, 1, 1, 1), (26_828, 268, 268, 269)],
)
def test_a_half_goes_up_where_the_nearest_counts(minor: int, down: int, nearest: int, up: int) -> None:
    found = [bought(minor, policy(rounding, []))[0] for rounding in (None, "down", "nearest", "up")]
    assert found == [down, down, nearest, up]


def test_two_halves_are_one_and_no_rule_is_rounded_by_itself() -> None:
    halves = [{"code": code, "then": {"kind": "per_amount", "minor": 20_000}} for code in ("one", "other")]
    assert bought(100_00, policy("up", halves))[0] == 101, "rounded rule by rule it would be 102"
    assert bought(100_00, policy("nearest", halves[:1]))[0] == 101
    assert bought(100_00, policy("down", halves[:1]))[0] == 100


def test_what_is_left_over_goes_to_the_lines_by_largest_remainder() -> None:
    version = policy("up", [RULES[1]], minor_per_point=0)
    sample = Sample(1_000, "basic", AT, goods=(("BEANS", 1, 300), ("BEANS", 1, 500), ("TEA", 1, 200)))
    assert earned_by(sample, version).line_points == [1, 1, 0]  # 800/700, rounded up: 2


@pytest.mark.parametrize("wrong", ["", "half", "UP", None, 1, ["up"]])
def test_another_way_to_round_is_refused_by_name(wrong: Any) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        Policy.from_terms(1, {**preset_terms(2), "rounding": wrong}, SHANGHAI)
    assert refused.value.context == {"field": "rounding"}


def test_terms_that_say_nothing_round_down() -> None:
    assert Policy.from_terms(1, preset_terms(2), SHANGHAI).rounding is Rounding.DOWN


@given(
    rounding=st.sampled_from(["nearest", "up"]), parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=4),
    share=st.integers(1, 99),
)  # fmt: skip
def test_a_refund_takes_the_floor_of_its_share_and_the_last_one_takes_the_rest(
    rounding: str, parts: list[int], share: int
) -> None:
    version = policy(rounding, [], minor_per_point=300, minor_per_growth=700)
    fold = Fold(Policies([(when("2000-01-01"), version)]))
    whole, day = sum(parts), AT.date()
    lines = tuple((str(place), part) for place, part in enumerate(parts, 1))
    fold.apply(Item(ItemKind.ORDER, 1, 1, AT, day, 1, "o", whole, whole, lines=lines))
    issued = sum(lot.issued for lot in fold.lots.values())
    assert issued == EXACTLY[rounding](Fraction(whole, 300))

    def clawed(currency: Currency) -> int:
        return sum(
            one.amount for one in fold.transfers if one.purpose == Purpose.CLAWBACK and one.currency == currency
        )  # fmt: skip

    back, line = parts[0] * share // 100, share_out(issued, parts)[0]
    fold.apply(Item(ItemKind.REFUND, 2, 1, AT, day, 1, "r1", None, lines=(("1", back),), subject="o"))
    assert clawed(Currency.POINTS) == line * back // parts[0]
    fold.apply(Item(ItemKind.REFUND, 3, 1, AT, day, 1, "r2", None, subject="o"))
    assert clawed(Currency.POINTS) == issued
    assert clawed(Currency.GROWTH) == EXACTLY[rounding](Fraction(whole, 700))
    assert all(one.source != Account.DEBT and one.target != Account.DEBT for one in fold.transfers)


TOLD = [
    order("A", "anna", when("2024-03-01 10:00"), 268_28), order("B", "anna", when("2024-03-02 19:00"), 31),
    order("C", "anna", when("2024-03-05 10:00"), 20_50, lines=(10_25, 10_25)),
    refund("r", "C", when("2024-03-06 10:00"), lines=((1, 10_25),)), cancel("c", "B", when("2024-03-07 10:00")),
]  # fmt: skip


@pytest.mark.parametrize(("rounding", "points"), [("down", 278), ("nearest", 278), ("up", 279)])
@pytest.mark.django_db
def test_told_in_turn_or_late_the_books_round_the_same(rounding: str, points: int) -> None:
    found = []
    for facts in (TOLD, TOLD[::-1]):
        with world("2024-06-01 10:00", [("2000-01-02", {"rounding": rounding})]) as books:
            for fact in facts:
                books.tell(fact)
            books.assert_clean()
            assert books.wallet("anna")["available"] == points
            found.append(state())
    assert not differences(*found)


@pytest.mark.django_db
def test_a_version_rounds_another_way_from_its_first_moment_on() -> None:
    books = World("2024-06-01 10:00", [("2000-01-02", {}), ("2024-03-02 00:00", {"rounding": "up"})])
    books.tell(*TOLD[:2])
    assert books.wallet("anna")["available"] == 268 + 1
    books.assert_clean()
