"""A small café with planted cheats, told as it went: nine in ten are found before they cash in, and few honest ones.

The whole measure, on large cafés and fresh seeds, is `python -m bench.risk`.
"""

from datetime import date, timedelta

import pytest

from bench.risk import replay
from regulars.facts.connectors.camellia.abuse import KINDS, RiskyCafe

from .watched import feed

pytest.importorskip("faker")
__all__ = ["feed"]
ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def cafe() -> RiskyCafe:
    return RiskyCafe("test", on=ON, members=30)


@pytest.mark.django_db
@pytest.mark.usefixtures("feed")
def test_cheats_are_found_before_they_cash_in_and_honest_people_left_alone(cafe: RiskyCafe) -> None:
    outcome = replay(cafe, look_every=timedelta(days=7))
    assert set(outcome.cheats) == set(KINDS)
    assert outcome.found_share >= 0.9, outcome.missed
    assert outcome.flagged_share <= 0.05, outcome.by_rule
    assert outcome.honest_frozen == 0


def test_the_same_seed_is_the_same_cafe_and_another_is_another(cafe: RiskyCafe) -> None:
    def told(one: RiskyCafe) -> list[tuple[str, str]]:
        return [(fact.key, fact.occurred_at.isoformat()) for fact in one.facts()]

    assert told(RiskyCafe("test", on=ON, members=30)) == told(cafe)
    assert told(RiskyCafe("other", on=ON, members=30)) != told(cafe)
    facts = cafe.facts()
    assert len({(fact.kind, fact.key) for fact in facts}) == len(facts)
    for cheat in cafe.cheats.values():
        assert cheat.began <= cheat.cash_in
