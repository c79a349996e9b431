"""A shop that is watched: the feed of facts as a test sees it, since its own transaction is still under way."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from regulars.facts import queries as facts
from regulars.facts.queries import FedFact
from regulars.flows.watch_risk import watch_risk
from regulars.loyalty.risk import queries
from regulars.loyalty.risk.queries import CaseView
from tests.flows.world import World, query

TOLD = """SELECT 1, id, id, kind, source_id, key, subject, identity_id, occurred_at, business_date, amount, store_id,
                 body::text FROM facts_fact WHERE id > %s ORDER BY id LIMIT %s"""


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts in the order of their ids: nobody else writes in a test."""

    def fed(*, after: tuple[int, int], most: int) -> list[FedFact]:
        rows: list[Any] = query(TOLD, [after[1], most])
        return [FedFact(*[*row[:12], orjson.loads(row[12])]) for row in rows]

    monkeypatch.setattr(facts, "feed", fed)


def look(world: World, at: datetime | None = None) -> list[Any]:
    """What the job does every minute."""
    return list(watch_risk(policies=world.policies, at=at or world.now))


def case_of(world: World, who: str) -> CaseView | None:
    """The newest case about a member."""
    return next(iter(queries.cases_of([world.customer(who)])), None)
