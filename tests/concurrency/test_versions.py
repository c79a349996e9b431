"""The programme changes while tills go on: whoever wrote by the old version is put right, and nobody waits for ever."""

from functools import partial
from typing import Any

import pytest

from regulars.facts.rules import Answer
from regulars.flows.rate_again import rate_everybody_again
from regulars.loyalty.actions import launch
from regulars.loyalty.rules import ItemKind, Policies, preset_terms
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, when

DAY, TILLS, EACH = when("2024-03-01 10:00"), 6, 6
TIERS = [{**tier, "threshold": tier["threshold"] // 10} for tier in preset_terms(2)["tiers"]]


@pytest.fixture
def books(transactional_db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(*(order(f"O{n}", f"m{n}", DAY, 150_00) for n in range(12)))
    return found


def test_tills_record_and_redeem_while_everybody_is_rated_again(books: World) -> None:
    """Half of the tills know the new version, half read the programme a moment before it changed."""
    old = books.policies
    number = launch(
        terms={**preset_terms(2), "minor_per_point": 50, "tiers": TIERS}, live_from=books.now,
        time_zone="Asia/Shanghai", actor="kim", at=books.now,
    )  # fmt: skip
    books.learn()
    new = books.policies

    def till(place: int, known: Policies) -> list[Answer]:
        own, found = World.__new__(World), list[Answer]()
        own.now, own.zone, own.policies = books.now, books.zone, known
        for turn in range(EACH):
            who = f"m{(place + turn) % 12}"
            found += own.tell(order(f"T{place}-{turn}", who, books.now, 100_00))
            own.command(ItemKind.REDEEM, who, 10, f"k{place}-{turn}")
        return found

    def job() -> int:
        return sum(1 for _ in rate_everybody_again(policies=new, at=books.now, number=number, lanes=1))

    work: list[Any] = [partial(till, place, old if place % 2 else new) for place in range(TILLS)]
    assert failures(at_once([*work, job, job])) == []
    job()
    assert query("SELECT count(*) FROM facts_fact") == [(12 + TILLS * EACH,)]
    assert query("SELECT sum(available) FROM ledger_wallet") == [(12 * 150 + TILLS * EACH * (200 - 10),)]
    books.assert_clean()
