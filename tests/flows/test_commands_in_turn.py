"""Commands that come after everything else go on from the books; all others fold the whole history. Same books."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.errors import DomainError
from regulars.loyalty.actions import commands, in_turn, whole
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, differences, order, query, refund, state, when, world

DAY = when("2024-03-01 10:00")
REDEEM, REVERSE, HOLD = ItemKind.REDEEM, ItemKind.REVERSE, ItemKind.HOLD
CAPTURE, RELEASE, DEDUCT = ItemKind.CAPTURE, ItemKind.RELEASE, ItemKind.DEDUCT


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(order("A", "anna", DAY, 100_00), order("B", "anna", DAY + timedelta(days=1), 50_00))
    return found


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of whom the whole history was folded for a command."""
    found: list[int] = []
    fold_whole = whole.without_ended_holds

    def noted(canonical_id: int, *told: object) -> object:
        found.append(canonical_id)
        return fold_whole(canonical_id, *told)  # type: ignore[arg-type]

    monkeypatch.setattr(commands, "without_ended_holds", noted)
    return found


def test_holds_captures_and_releases_need_no_history(books: World, folded: list[int]) -> None:
    one = books.command(HOLD, "anna", 120, "one")
    other = books.command(HOLD, "anna", 20, "other")
    assert (one.left, one.spendable, other.spendable) == (120, 30, 10)
    books.command(CAPTURE, "anna", 110, "of one", refers_to=one.command_id)
    books.command(RELEASE, "anna", 5, "a part", refers_to=one.command_id)
    books.command(CAPTURE, "anna", 20, "of the other", refers_to=other.command_id)
    last = books.command(RELEASE, "anna", 5, "the rest", refers_to=one.command_id)
    assert (last.left, last.spendable) == (0, 20)
    books.command(REDEEM, "anna", 10, "at once")
    books.command(DEDUCT, "anna", 10, "by hand")
    assert folded == []
    assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 0, "debt": 0, "growth": 150}
    books.assert_clean()


def test_what_an_earlier_lot_has_is_held_and_captured_first(books: World, folded: list[int]) -> None:
    hold = books.command(HOLD, "anna", 120, "h")
    books.command(CAPTURE, "anna", 105, "c", refers_to=hold.command_id)
    books.command(RELEASE, "anna", 15, "r", refers_to=hold.command_id)
    lots = query("SELECT issued, remaining, used FROM ledger_lot ORDER BY id")
    assert ([tuple(lot) for lot in lots], folded) == ([(100, 0, 100), (50, 45, 5)], [])
    books.assert_clean()


def test_a_late_order_changes_what_was_held_and_the_next_command_goes_on_from_there(
    books: World, folded: list[int]
) -> None:
    hold = books.command(HOLD, "anna", 120, "h")
    books.tell(order("C", "anna", DAY - timedelta(days=400), 30_00))
    books.command(CAPTURE, "anna", 120, "c", refers_to=hold.command_id)
    assert folded == []
    books.assert_clean()


def test_a_debt_a_merge_something_due_and_a_reversal_need_the_history(books: World, folded: list[int]) -> None:
    anna = books.customer("anna")
    spent = books.command(REDEEM, "anna", 10, "spent")
    assert folded == []
    books.command(REVERSE, "anna", 10, "back", refers_to=spent.command_id)
    assert folded == [anna], "a reversal"
    books.tell(order("W", "anna", books.now - timedelta(days=1), 40_00, channel="online"))
    books.command(REDEEM, "anna", 150, "all", at=books.now + timedelta(days=20))
    assert folded == [anna] * 2, "what was pending has matured"
    books.tell(refund("R", "A", books.now + timedelta(days=21), who="anna"), at=books.now + timedelta(days=22))
    with pytest.raises(DomainError):
        books.command(REDEEM, "anna", 1, "owing", at=books.now + timedelta(days=22))
    assert folded == [anna] * 3, "a debt"
    books.tell(order("D", "bo", DAY, 100_00))
    books.merge("bo", "anna")
    books.command(REDEEM, "anna", 1, "merged", at=books.now + timedelta(days=23))
    assert folded == [anna] * 4, "a merged group"
    books.now += timedelta(days=30)
    books.assert_clean()


STEPS = st.lists(
    st.tuples(
        st.sampled_from([HOLD, HOLD, REDEEM, DEDUCT, CAPTURE, CAPTURE, RELEASE, REVERSE]),
        st.integers(1, 90), st.integers(0, 5), st.integers(0, 40),
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.django_db
@given(steps=STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_keep_the_same_books(steps: list[tuple[ItemKind, int, int, int]]) -> None:
    kept = []
    for can in (in_turn.KINDS, ()):
        with pytest.MonkeyPatch.context() as patch, world(now="2024-06-01 10:00") as books:
            patch.setattr(in_turn, "KINDS", can)
            for number in range(4):
                books.tell(order(f"{number}", "anna", DAY - timedelta(days=200 * number), 60_00))
            came = [_try(books, place, *step) for place, step in enumerate(steps)]
            books.now += timedelta(days=4 * 365)
            books.assert_clean()
            found = state()
            found["standings"] = {who: (at, *rest) for who, (at, _, *rest) in found["standings"].items()}
            kept.append((came, found))
    assert kept[0][0] == kept[1][0]
    assert differences(kept[0][1], kept[1][1]) == []


def _try(books: World, place: int, kind: ItemKind, points: int, of: int, days: int) -> tuple[object, ...]:
    """One step, days after the one before; what it came to, or its refusal."""
    books.now += timedelta(days=days)
    known = query("SELECT id FROM loyalty_command WHERE kind IN (11, 13, 14, 16) ORDER BY id")
    refers_to = known[of % len(known)][0] if known and kind in (CAPTURE, RELEASE, REVERSE) else None
    try:
        done = books.command(kind, "anna", points, f"step {place}", refers_to=refers_to)
    except DomainError as error:
        return (error.code,)
    return (done.amount, done.left, done.spendable)
