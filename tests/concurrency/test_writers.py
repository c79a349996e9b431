"""Several writers on the same people, the same new names and the same orders: nobody sees a lost race."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from threading import Event

import pytest
from django.db import connections, transaction

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts import actions as inbox
from regulars.facts.rules import NewFact
from regulars.loyalty.rules import ItemKind
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, member, order, query, refund, when

DAY = when("2024-03-01 10:00")
PEOPLE = 30


@pytest.fixture
def books(transactional_db: None) -> World:
    found = World(now="2024-12-01 10:00")
    found.tell(order("opening", (), DAY, 1))
    return found


def identities(person: int, random: Random) -> list[Identity]:
    """A person shows one or more of the same three names, in any order of arrival."""
    phone = Identity(IdentityKind.PHONE, "", f"+86139{person:08d}")
    openid = Identity(IdentityKind.OPENID, "wx", f"o{person}")
    return random.choice([[member(f"m{person}"), phone], [member(f"m{person}"), openid, phone], [member(f"m{person}")]])


def batches(writer: int, random: Random) -> list[list[NewFact]]:
    told: list[list[NewFact]] = []
    for batch in range(12):
        facts: list[NewFact] = []
        for n in range(25):
            person = random.randrange(min(PEOPLE, 3 + batch * 3))
            at = DAY + timedelta(days=random.randrange(200), minutes=n)
            fact = order(f"{writer}-{batch}-{n}", identities(person, random), at, 10_00, source=f"till {writer % 2}")
            fact.profile = {"name": f"P{person}"} if random.random() < 0.5 else {}
            facts.append(fact)
            if random.random() < 0.1:
                facts.append(refund(f"{writer}-{batch}-{n}", fact.key, at, 5_00, source=fact.source))
        random.shuffle(facts)
        told.append(facts)
    return told


def test_four_writers_about_the_same_new_people(books: World) -> None:
    told = [batches(writer, Random(writer)) for writer in range(4)]

    def writer(mine: list[list[NewFact]]) -> Callable[[], None]:
        def write() -> None:
            for batch in mine:
                books.tell(*batch)

        return write

    results = at_once([writer(mine) for mine in told])
    assert failures(results) == []
    everything = [fact for mine in told for batch in mine for fact in batch]
    orders = sum(1 for fact in everything if fact.subject is None)
    refunds = len(everything) - orders
    assert query("SELECT count(*) FROM facts_fact") == [(1 + orders + refunds,)]
    assert query("SELECT sum(available), sum(earned) FROM ledger_wallet") == [
        (orders * 10 - refunds * 5, orders * 10 - refunds * 5)
    ]
    books.assert_clean()


def test_the_same_facts_from_eight_writers_count_once(books: World) -> None:
    told = batches(0, Random(1))[:4]

    def write(seed: int) -> None:
        for batch in Random(seed).sample(told, len(told)):
            books.tell(*Random(seed).sample(batch, len(batch)))

    results = at_once([lambda seed=seed: write(seed) for seed in range(8)])  # type: ignore[misc]
    assert failures(results) == []
    assert query("SELECT count(*) FROM facts_fact") == [(1 + sum(len(batch) for batch in told),)]
    books.assert_clean()


def test_everything_at_once(books: World) -> None:
    """Orders, refunds, redemptions, merges, undos, settling and verifying: no lost race reaches anybody."""
    books.tell(*(order(f"first {n}", f"m{n}", DAY, 500_00, channel="online") for n in range(8)))
    done = Event()

    def orders(writer: int) -> None:
        random = Random(writer)
        for n in range(25):
            who = [member(f"m{random.randrange(8)}")]
            at = DAY + timedelta(days=random.randrange(150))
            books.tell(order(f"{writer}-{n}", who, at, 20_00), order(f"{writer}+{n}", who, at, 1_00))
            if n % 4 == 0:
                books.tell(refund(f"{writer}-{n}", f"{writer}-{n}", at))

    def redemptions() -> None:
        for n in range(25):
            books.command(ItemKind.REDEEM, f"m{n % 8}", 3, f"r{n}")

    def merges() -> None:
        random = Random(7)
        for _ in range(8):
            child, parent = random.sample(range(8), 2)
            books.undo(books.merge(f"m{child}", f"m{parent}"))

    def nights() -> int:
        seen = 0
        while not done.wait(0.02):
            books.settle()
            report = books.verify()
            assert report.clean, report.differences
            seen += 1
        return seen

    def day(*stories: Callable[[], None]) -> None:
        try:
            results = at_once(stories)
        finally:
            done.set()
        assert failures(results) == []

    stories = [lambda: orders(1), lambda: orders(2), redemptions, merges]
    results = at_once([lambda: day(*stories), nights])  # type: ignore[list-item]
    assert failures(results) == []
    books.assert_clean()


def pairs(books: World, turns: int) -> int:
    """Orders and their refunds told at the same moment by two writers; points that were not taken back."""
    for turn in range(turns):
        told = order(f"o{turn}", "anna", DAY + timedelta(minutes=turn), 10_00)
        back = refund(f"r{turn}", f"o{turn}", DAY + timedelta(days=40, minutes=turn))
        results = at_once([lambda fact=fact: books.tell(fact) for fact in (told, back)])  # type: ignore[misc]
        assert failures(results) == []
    return books.wallet("anna")["available"]


def test_an_order_and_its_refund_do_not_pass_each_other(books: World) -> None:
    assert pairs(books, 25) == 0
    books.assert_clean()


def test_without_taking_turns_they_do(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the refund is told while its order is written but not committed, and neither sees the other."""
    monkeypatch.setattr(inbox, "take_turn", lambda **_: None)
    written, go_on = Event(), Event()

    def tell_order() -> None:
        with transaction.atomic():
            books.tell(order("A", "anna", DAY, 10_00))
            written.set()
            go_on.wait(timeout=30)

    def tell_refund() -> None:
        written.wait(timeout=30)
        books.tell(refund("r", "A", DAY))
        go_on.set()

    assert failures(at_once([tell_order, tell_refund])) == []
    assert books.wallet("anna")["available"] == 10, "the refund was lost"


def test_with_taking_turns_the_refund_waits_for_the_order(books: World) -> None:
    written = Event()

    def tell_order() -> None:
        with transaction.atomic():
            books.tell(order("A", "anna", DAY, 10_00))
            written.set()
            _until_somebody_waits()

    def tell_refund() -> None:
        written.wait(timeout=30)
        books.tell(refund("r", "A", DAY))

    assert failures(at_once([tell_order, tell_refund])) == []
    assert books.wallet("anna")["available"] == 0
    books.assert_clean()


def _until_somebody_waits() -> None:
    """Return once another connection waits for a lock."""
    with connections["default"].cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT count(*), pg_sleep(0.01) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waited")
