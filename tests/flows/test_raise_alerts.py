"""Alerts after a refresh: the picture's endangered customers are decided about, and some become somebody's task."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.decisions import actions as recording
from regulars.decisions import queries as decisions
from regulars.decisions.rules import About, AboutKind, Outcome
from regulars.flows.raise_alerts import raise_alerts
from regulars.insight.compute.churn.reasons import REASONS
from regulars.insight.models import Refresh
from regulars.playbooks import queries
from tests.flows.world import SHANGHAI
from tests.playbooks.cafe import at, day, guests, person, playbook, store

pytestmark = pytest.mark.django_db
SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()), ("churn_risk", pa.float64()), ("churn_level", pa.string()),
        ("churn_reasons", REASONS), ("stage", pa.string()), ("spent_365_minor", pa.int64()),
        ("value_minor", pa.int64()), ("recency_days", pa.int64()), ("usual_gap_days", pa.float64()),
        ("main_store_id", pa.int64()),
    ]
)  # fmt: skip
WHY = {"feature": "silence_ratio", "direction": "raises", "effect": 1.2, "value": 20.0, "usual": 6.0, "companion": 4.0,
       "choice": "own"}  # fmt: skip


@pytest.fixture
def lake(settings: Any, tmp_path: Path) -> Path:
    settings.LAKE_DIR = tmp_path
    return tmp_path


def picture(lake: Path, on: date, rows: dict[int, dict[str, Any]]) -> None:
    """A refresh that is done, with a picture of these customers: by id, what is known of them."""
    name = f"set-{on}"
    folder = lake / "sets" / name
    folder.mkdir(parents=True)
    usual = {"churn_level": "low", "churn_risk": 0.1, "stage": "active", "churn_reasons": [WHY], "recency_days": 3}
    told = [{**usual, "customer_id": who, **columns} for who, columns in rows.items()]
    pq.write_table(pa.Table.from_pylist(told, schema=SCHEMA), folder / "picture.parquet")
    moment = at((on - day(0)).days)
    Refresh.objects.create(day=on, started_at=moment, finished_at=moment, status="done", set_name=name)


def decided(round_id: int) -> dict[int, tuple[Outcome, str]]:
    found = decisions.page(About(AboutKind.ALERT, round_id), most=100)
    return {one.customer_id: (one.outcome, one.reason) for one in found}


def test_without_a_picture_there_is_nothing_to_raise(lake: Path) -> None:
    assert raise_alerts(zone=SHANGHAI, at=at(0)) == 0
    assert [one.code for one in queries.playbooks()] == ["slipping_away"], "the preset is there from now on"


def test_the_endangered_and_valuable_become_tasks(lake: Path) -> None:
    playbook(worth_percent=50)
    here = store("湖滨店")
    anna = person("anna", stores=["湖滨店"])
    high, late, poor, fine, rich, away = guests(6)
    picture(
        lake, day(0),
        {
            high: {"churn_level": "high", "churn_risk": 0.7, "spent_365_minor": 500_00, "main_store_id": here},
            late: {"stage": "at_risk", "churn_risk": 0.2, "spent_365_minor": 900_00, "main_store_id": here,
                   "recency_days": 20, "usual_gap_days": 4.0},
            poor: {"churn_level": "high", "churn_risk": 0.9, "spent_365_minor": 40_00, "main_store_id": here},
            fine: {"spent_365_minor": 100_00},
            away: {"churn_level": "lost", "churn_risk": None, "stage": "at_risk", "spent_365_minor": 100_00},
            rich: {"spent_365_minor": 9000_00},
        },
    )  # fmt: skip
    assert raise_alerts(zone=SHANGHAI, at=at(0)) == 2
    todo = queries.todo(today=day(0), owner_id=anna)
    assert [(one.customer_id, one.at_stake_minor) for one in todo] == [(high, 350_00), (late, 180_00)]
    assert todo[1].numbers == {
        "churn_risk": 0.2, "spent_365_minor": 900_00, "stage": "at_risk", "recency_days": 20, "usual_gap_days": 4.0,
        "reasons": [WHY],
    }  # fmt: skip
    (made,) = queries.rounds()
    assert decided(made.id) == {
        high: (Outcome.CHOSEN, "chosen"),
        late: (Outcome.CHOSEN, "chosen"),
        poor: (Outcome.SUPPRESSED, "low_value"),
    }
    floor = decisions.found(About(AboutKind.ALERT, made.id), [poor])[poor].numbers
    assert floor == {"worth_minor": 40_00, "floor_minor": 500_00}, "of six who spent, three are worth it"


def test_again_for_the_same_picture_and_for_the_next(lake: Path) -> None:
    person("anna")
    one, other = guests(2)
    danger = {"churn_level": "high", "churn_risk": 0.7, "spent_365_minor": 500_00}
    picture(lake, day(0), {one: danger, other: {"spent_365_minor": 500_00}})
    assert raise_alerts(zone=SHANGHAI, at=at(0)) == 1
    assert raise_alerts(zone=SHANGHAI, at=at(0, 1)) == 0
    picture(lake, day(1), {one: danger, other: danger})
    assert raise_alerts(zone=SHANGHAI, at=at(1)) == 1
    assert decided(queries.rounds()[0].id) == {other: (Outcome.CHOSEN, "chosen")}, "who was in danger is no news"


def test_where_only_the_rule_serves_there_is_no_risk(lake: Path) -> None:
    person("anna")
    (one,) = guests(1)
    picture(lake, day(0), {one: {"churn_level": "high", "churn_risk": None, "spent_365_minor": 500_00}})
    assert raise_alerts(zone=SHANGHAI, at=at(0)) == 1
    (task,) = queries.todo(today=day(0))
    assert task.at_stake_minor == 500_00
    assert "churn_risk" not in task.numbers


def test_if_the_decisions_cannot_be_kept_nothing_begins(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person("anna")
    (one,) = guests(1)
    picture(lake, day(0), {one: {"churn_level": "high", "churn_risk": 0.7, "spent_365_minor": 500_00}})
    with monkeypatch.context() as patch:
        patch.setattr(recording, "record_many", lambda **told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            raise_alerts(zone=SHANGHAI, at=at(0))
    assert queries.todo(today=day(0)) == []
    assert raise_alerts(zone=SHANGHAI, at=at(0, 1) + timedelta(minutes=1)) == 1
