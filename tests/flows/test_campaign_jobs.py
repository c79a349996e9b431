"""A campaign through its background jobs: decided, sent no further after a stop, measured at night, then done."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.experiments import queries as experiments
from regulars.experiments.rules import About
from regulars.flows import jobs, move_campaign
from regulars.outreach.campaigns import queries
from regulars.outreach.campaigns.rules import State, about
from regulars.staff.rules import SYSTEM
from tests.flows.working import context, work_off
from tests.flows.world import query
from tests.outreach.campaigns.starting import clock, started
from tests.outreach.campaigns.town import Town, found


@pytest.fixture
def town(db: None, tmp_path: Path, settings: LazySettings) -> Town:
    settings.LAKE_DIR = tmp_path
    made = found(tmp_path)
    made.settle(20)
    made.picture()
    return made


def test_a_started_campaign_is_decided_by_its_job_and_goes_on_after_the_worker_left(town: Town) -> None:
    one = started(town)
    jobs.start(jobs.queue_campaign, campaign_id=one)
    jobs.start(jobs.queue_campaign, campaign_id=one)
    assert work_off(abort_after=0) == []
    assert work_off() == ["queue_campaign"]
    assert sum(decisions.arms(about(one)).values()) == 20
    assert queries.campaign(one).queued_at is not None


def test_a_stopped_campaign_leaves_nothing_in_the_queue(town: Town) -> None:
    one = started(town)
    jobs.start(jobs.queue_campaign, campaign_id=one)
    work_off()
    move_campaign.stop_campaign(campaign_id=one, by=SYSTEM, key="user:1", at=clock())
    jobs.start(jobs.close_campaign, campaign_id=one)
    work_off()
    assert query("SELECT DISTINCT state, reason FROM outreach_delivery") == [("suppressed", "stopped")]


def test_a_campaign_whose_window_is_over_is_measured_done_and_its_queue_closed(town: Town) -> None:
    # The jobs' clock is the real one, and by it this campaign began two months ago.
    one = started(town)
    ago = timezone.now() - timedelta(days=60)
    query(
        "UPDATE experiments_experiment SET started_at = %s, ends_at = %s RETURNING 1", [ago, ago + timedelta(days=30)]
    )
    jobs.start(jobs.queue_campaign, campaign_id=one)
    work_off()
    jobs.measure_campaign(context(), campaign_id=one)
    experiment = experiments.experiment_of(About.CAMPAIGN, one)
    assert experiment is not None
    outcome = experiments.latest_outcome(experiment.id)
    assert outcome is not None
    assert outcome.is_final
    assert outcome.report.treated == decisions.arms(about(one))[Outcome.CHOSEN]
    assert queries.campaign(one).state is State.DONE
    assert work_off() == ["close_campaign"]
    assert query("SELECT DISTINCT state, reason FROM outreach_delivery") == [("suppressed", "over")]


def test_every_night_what_still_runs_is_measured(town: Town) -> None:
    one = started(town)
    jobs._measure_what_runs(clock())
    assert jobs.is_waiting(jobs.measure_campaign, campaign_id=one)
