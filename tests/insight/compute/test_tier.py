"""The tier as of a day: what comes later is not seen, neither a change nor the end of what was there."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from regulars.insight.compute import refresh
from regulars.insight.compute.churn import score
from regulars.insight.compute.tables import in_memory
from regulars.insight.compute.tier import held

DAY = date(2024, 6, 1)
Interval = tuple[int, int, str, str | None]


def tiers(*intervals: Interval) -> dict[int, int]:
    """Who has which tier as of DAY."""
    rows = [
        {"customer_id": who, "tier": tier, "from_date": date.fromisoformat(since),
         "to_date": date.fromisoformat(until) if until else None}
        for who, tier, since, until in intervals
    ]  # fmt: skip
    found = held(in_memory({"tiers": rows}), DAY).to_pyarrow().to_pylist()
    assert len(found) == len({row["customer_id"] for row in found})
    return {row["customer_id"]: row["tier"] for row in found}


@pytest.mark.parametrize(
    ("intervals", "tier"),
    [
        ([("2024-01-01", None)], 0),
        ([("2024-01-01", "2024-05-31"), ("2024-05-31", None)], 1),  # up on the day before
        ([("2024-01-01", "2024-06-01"), ("2024-06-01", None)], 0),  # up on the day itself, which has not been yet
        ([("2024-01-01", "2024-09-01"), ("2024-09-01", None)], 0),  # what lies ahead
        ([("2024-06-01", None)], None),  # came later
        ([("2024-01-01", "2024-05-31")], None),  # no longer in the programme
    ],
)
def test_as_of_the_day_before(intervals: list[tuple[str, str | None]], tier: int | None) -> None:
    told = [(1, place, since, until) for place, (since, until) in enumerate(intervals)]
    assert tiers(*told).get(1) == tier


def test_when_it_ends_in_the_future_says_nothing_today() -> None:
    ends: tuple[str | None, ...] = (None, "2024-06-01", "2024-06-02", "2030-01-01")
    assert all(tiers((1, 2, "2024-01-01", end)) == {1: 2} for end in ends)


def test_drivers_are_told_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[pa.Table] = []

    class Enough(Exception):
        pass

    def assess(*_told: Any, groups: pa.Table, **_more: Any) -> None:
        asked.append(groups)
        raise Enough

    monkeypatch.setattr(score, "assess", assess)
    work = refresh.Work(in_memory({}), DAY, tmp_path)
    work.picture = pa.table({"customer_id": [1, 2, 3], "tier": pa.array([0, None, 1], pa.int16()), "orders": [3, 1, 4]})
    with pytest.raises(Enough):
        refresh.STEPS["churn"](work)
    assert asked[0].to_pydict() == {"customer_id": [1, 2, 3], "tier": ["0", None, "1"]}
