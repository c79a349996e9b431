"""An import is posted in portions that can resume, and undone by reversals; told again, it counts again."""

from datetime import timedelta

import pytest
from django.db import transaction

from regulars.facts import actions as facts
from regulars.facts.actions import WrongState
from regulars.facts.rules import NewFact
from regulars.flows import import_orders, undo_import
from regulars.loyalty.rules import ItemKind
from tests.flows.world import SHANGHAI, World, cancel, counts, differences, order, query, refund, state, when

DAY = when("2024-03-01 10:00")


def history() -> list[NewFact]:
    """Forty orders of seven people and of nobody, some refunded, some before their order, one line wrong."""
    told: list[NewFact] = []
    for n in range(40):
        at = DAY + timedelta(days=n * 3)
        who = f"m{n % 7}" if n % 8 else ()
        told.append(order(f"o{n}", who, at, 37_00 + n * 11_11, lines=[20_00, 17_00 + n * 11_11]))
        if n % 5 == 0:
            told.append(refund(f"r{n}", f"o{n}", at + timedelta(days=2), 20_00))
        if n % 9 == 4:
            told.insert(0, cancel(f"c{n}", f"o{n}", at + timedelta(days=1)))
    return told


@pytest.fixture
def books(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(import_orders, "BATCH", 7)
    monkeypatch.setattr(undo_import, "BATCH", 3)
    return World(now="2024-12-01 10:00")


def staged(books: World, told: list[NewFact]) -> int:
    import_id = facts.open_import(
        source="till", connector="test", file_name="orders.csv", time_zone="Asia/Shanghai", mapping={}, actor="test",
        at=books.now,
    )  # fmt: skip
    count = facts.stage(import_id=import_id, facts=told)
    facts.checked(import_id=import_id, staged=count, counts={"orders": len(told)})
    return import_id


def post(books: World, import_id: int) -> list[int]:
    return list(import_orders.post_import(import_id=import_id, policies=books.policies, zone=SHANGHAI, at=books.now))


def undo(books: World, import_id: int) -> list[int]:
    return list(undo_import.undo_import(import_id=import_id, policies=books.policies, actor="test", at=books.now))


def zero_everywhere() -> bool:
    rows = query("SELECT count(*) FROM ledger_wallet WHERE (pending, available, held, debt, earned) <> (0, 0, 0, 0, 0)")
    tiers = query("SELECT count(*) FROM loyalty_tierinterval")
    return rows == [(0,)] and tiers == [(0,)]


def test_staging_writes_no_fact(books: World) -> None:
    import_id = staged(books, history())
    assert counts()["facts_fact"] == 0
    assert facts.stage(import_id=import_id, facts=history()[:3]) == 3
    assert counts()["facts_stagedfact"] == 3, "staging again replaces what was staged"


def test_facts_are_staged_as_they_are_told(books: World) -> None:
    told = history()
    told[1].profile = {"name": "😀", "birthday": DAY.date()}
    told[1].store = "7号店"
    import_id = staged(books, told)
    (portion,) = facts.staged_portions(import_id=import_id, reached=[0], most=1000)
    kept = [facts.retold(text) for text in portion.told]
    assert kept == told
    assert [fact.digest() for fact in kept] == [fact.digest() for fact in told]


def test_an_import_is_what_telling_its_facts_is(books: World) -> None:
    told = history()
    import_id = staged(books, told)
    assert post(books, import_id)[-1] == len(told)
    found = state()
    assert query("SELECT status, (counts->'recorded')::int FROM facts_import") == [("done", len(told))]
    books.assert_clean()
    undo(books, import_id)
    books.tell(*told)
    assert differences(state(), found) == []


def test_a_crash_between_portions_is_resumed_where_it_stopped(books: World) -> None:
    told = history()
    import_id = staged(books, told)
    posting = import_orders.post_import(import_id=import_id, policies=books.policies, zone=SHANGHAI, at=books.now)
    assert [next(posting), next(posting)] == [7, 14]
    del posting
    assert counts()["facts_fact"] == 14
    books.assert_clean()
    assert post(books, import_id)[0] == 21
    assert query("SELECT (counts->'recorded')::int FROM facts_import") == [(len(told),)]
    books.assert_clean()


def test_a_crash_within_a_portion_leaves_none_of_it(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = staged(books, history())
    really = facts.advance

    def crash(*, portion: facts.Portion, outcome: dict[str, int]) -> None:
        if portion.end > 14:
            raise RuntimeError("the power went off")
        really(portion=portion, outcome=outcome)

    monkeypatch.setattr(facts, "advance", crash)
    with pytest.raises(RuntimeError):
        post(books, import_id)
    assert counts()["facts_fact"] == 14
    monkeypatch.setattr(facts, "advance", really)
    post(books, import_id)
    assert counts()["facts_fact"] == len(history())
    assert counts()["facts_stagedfact"] == 0
    books.assert_clean()


def test_what_was_undone_is_as_if_it_had_never_been_told(books: World) -> None:
    books.tell(order("own", "m1", DAY, 500_00))
    before = state()
    import_id = staged(books, history())
    post(books, import_id)
    undo(books, import_id)
    assert differences(state(), before) == []
    assert query("SELECT count(*) FROM facts_fact WHERE retracted_at IS NULL") == [(1,)]
    shown = (
        "SELECT i.value FROM customers_customer c JOIN customers_identity i ON i.customer_id = c.id WHERE NOT hidden"
    )
    assert query(shown) == [("m1",)]
    books.assert_clean()


def test_an_import_that_was_undone_can_be_told_again(books: World) -> None:
    told = history()
    first = staged(books, told)
    post(books, first)
    found = state()
    undo(books, first)
    assert zero_everywhere()
    second = staged(books, told)
    post(books, second)
    assert differences(state(), found) == []
    assert query("SELECT count(*) FROM customers_customer WHERE hidden") == [(0,)]
    books.assert_clean()
    undo(books, second)
    assert zero_everywhere()
    books.assert_clean()


def test_an_undo_that_crashed_is_resumed(books: World) -> None:
    import_id = staged(books, history())
    post(books, import_id)
    undoing = undo_import.undo_import(import_id=import_id, policies=books.policies, actor="test", at=books.now)
    next(undoing)
    del undoing
    books.assert_clean()
    undo(books, import_id)
    assert zero_everywhere()
    books.assert_clean()


def test_who_was_given_points_stays_in_sight(books: World) -> None:
    import_id = staged(books, history())
    post(books, import_id)
    books.command(ItemKind.GRANT, "m1", 50, "sorry")
    undo(books, import_id)
    assert books.wallet("m1")["available"] == 50
    assert query("SELECT hidden FROM customers_customer WHERE id = %s", [books.customer("m1")]) == [(False,)]
    assert query("SELECT count(*) FROM customers_customer WHERE NOT hidden") == [(1,)]


def test_undoing_what_was_spent_leaves_debt(books: World) -> None:
    import_id = staged(books, history())
    post(books, import_id)
    books.command(ItemKind.REDEEM, "m1", 100, "k")
    undo(books, import_id)
    assert books.wallet("m1")["debt"] == -100
    books.assert_clean()
    post(books, staged(books, history()))
    assert books.wallet("m1")["debt"] == 0
    books.assert_clean()


def test_refunds_told_elsewhere_find_their_order_when_it_is_told_again_of_somebody_else(books: World) -> None:
    first = staged(books, [order("A", "m1", DAY, 100_00), order("B", "m1", DAY, 50_00)])
    post(books, first)
    books.tell(refund("r", "A", DAY + timedelta(days=2), 40_00))
    undo(books, first)
    books.assert_clean()
    post(books, staged(books, [order("A", "m2", DAY, 100_00), order("B", "m1", DAY, 50_00)]))
    assert (books.wallet("m1")["available"], books.wallet("m2")["available"]) == (50, 60)
    books.assert_clean()


def test_the_same_file_twice_changes_nothing_and_its_undo_takes_nothing(books: World) -> None:
    first = staged(books, history())
    post(books, first)
    found = state()
    second = staged(books, history())
    post(books, second)
    assert differences(state(), found) == []
    assert query("SELECT (counts->'repeated')::int FROM facts_import WHERE id = %s", [second]) == [(len(history()),)]
    undo(books, second)
    assert differences(state(), found) == []
    books.assert_clean()


def test_only_what_is_ready_is_posted_and_only_what_is_done_undone(books: World) -> None:
    import_id = staged(books, history())
    with pytest.raises(WrongState), transaction.atomic():
        undo(books, import_id)
    post(books, import_id)
    with pytest.raises(WrongState), transaction.atomic():
        post(books, import_id)
    undo(books, import_id)
    with pytest.raises(WrongState), transaction.atomic():
        undo(books, import_id)
