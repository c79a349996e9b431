"""A stop and a start at the same moment: nothing is queued behind a stop, and nobody is decided about twice."""

import threading
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections

from regulars.flows import move_campaign
from regulars.outreach.campaigns import actions, deciding
from regulars.staff.rules import SYSTEM
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import query
from tests.outreach.campaigns.starting import clock, run, started
from tests.outreach.campaigns.town import Town, found


@pytest.fixture
def busy_town(transactional_db: None, tmp_path: Path, settings: LazySettings) -> Town:
    settings.LAKE_DIR = tmp_path
    made = found(tmp_path)
    made.settle(30)
    made.picture()
    return made


def stop_while_deciding(campaign_id: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop a campaign just when a portion is being decided; how many messages wait behind the stop for good."""
    decided = deciding.decide_portion
    stopping = threading.Thread(target=_stop, args=[campaign_id])

    def decide_and_meet(*args: object, **kwargs: object) -> object:
        stopping.start()
        stopping.join(timeout=1)
        return decided(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding, "decide_portion", decide_and_meet)
    run(campaign_id)
    stopping.join(timeout=30)
    return int(query("SELECT count(*) FROM outreach_delivery WHERE state = 'queued'")[0][0])


def _stop(campaign_id: int) -> None:
    try:
        move_campaign.stop_campaign(campaign_id=campaign_id, by=SYSTEM, key="user:1", at=clock())
        list(move_campaign.close_campaign(campaign_id=campaign_id, clock=clock))
    finally:
        connections.close_all()


def test_a_stop_waits_for_the_portion_and_then_closes_it(busy_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stop_while_deciding(started(busy_town), monkeypatch) == 0


def test_with_the_lock_taken_away_messages_wait_behind_the_stop(
    busy_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the stop empties a queue into which the portion is only now being written."""
    monkeypatch.setattr(actions, "keep_running", lambda campaign_id: True)
    assert stop_while_deciding(started(busy_town), monkeypatch) > 0


def test_of_two_starts_one_decides(busy_town: Town) -> None:
    one = started(busy_town)
    results = at_once([lambda: run(one), lambda: run(one)])
    assert failures(results) == []
    assert query("SELECT count(*) FROM decisions_decision") == [(30,)]
    assert sum(1 for result in results if result == [30]) == 1
