"""Opening and closing experiments, keeping what was measured, and the standing control group."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from regulars.experiments import actions, queries
from regulars.experiments.actions import InvalidWindow, StandingRuns
from regulars.experiments.models import Experiment
from regulars.experiments.queries import ExperimentView, NoExperiment
from regulars.experiments.rules import About, InvalidShare
from regulars.experiments.uplift import report
from tests.experiments.worlds import shop

pytestmark = pytest.mark.django_db
TENTH = Decimal("10.00")


def at(day: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day)


def opened(campaign_id: int = 7, *, day: int = 0) -> int:
    return actions.open_for_campaign(campaign_id=campaign_id, share_percent=TENTH, window_days=30, salt="s", at=at(day))


def keep(experiment_id: int, day: int, *, is_over: bool = True, seed: int = 1) -> None:
    sums = shop(500, seed=seed)
    found = report(sums, share_percent=TENTH, is_over=is_over)
    actions.keep_outcome(experiment_id=experiment_id, sums=sums, report=found, at=at(day))


def of_campaign(campaign_id: int) -> ExperimentView:
    found = queries.experiment_of(About.CAMPAIGN, campaign_id)
    assert found is not None
    return found


def test_a_campaign_opens_one_experiment_however_often() -> None:
    one = opened()
    again = actions.open_for_campaign(campaign_id=7, share_percent=Decimal(20), window_days=9, salt="t", at=at(4))
    assert again == one
    view = of_campaign(7)
    assert view.id == one
    assert (view.salt, view.share_percent, view.shares_percent) == ("s", TENTH, (TENTH,))
    assert (view.started_at, view.ends_at) == (at(0), at(30))
    assert queries.experiment_of(About.CAMPAIGN, 8) is None


def test_what_was_never_opened_keeps_no_outcome() -> None:
    with pytest.raises(NoExperiment):
        keep(99, 1)


@pytest.mark.parametrize("days", [0, 367])
def test_windows(days: int) -> None:
    with pytest.raises(InvalidWindow):
        actions.open_for_campaign(campaign_id=1, share_percent=TENTH, window_days=days, salt="s", at=at(0))


def test_what_was_measured_is_kept_whole() -> None:
    one, other = opened(7), opened(8)
    assert queries.latest_outcome(one) is None
    keep(one, 5, is_over=False)
    keep(one, 31)
    keep(one, 31, seed=2)
    keep(other, 31, is_over=False)
    latest = queries.latest_outcome(one)
    assert latest is not None
    assert (latest.sums, latest.about_id, latest.is_final) == (shop(500, seed=2), 7, True), "the same moment replaces"
    assert latest.report == report(latest.sums, share_percent=TENTH)
    assert [(view.measured_at, view.is_final) for view in queries.course(one)] == [(at(31), True), (at(5), False)]
    assert [view.experiment_id for view in queries.finished_campaigns()] == [one]


def test_what_is_to_be_measured() -> None:
    running, ended, over = opened(1, day=0), opened(2, day=-35), opened(3, day=-60)
    keep(over, 1)
    assert [view.id for view in queries.to_measure(at=at(1))] == [running, ended]
    keep(ended, 1)
    assert [view.id for view in queries.to_measure(at=at(1))] == [running]
    assert [view.id for view in queries.to_measure(at=at(32))] == [running], "facts still come for some days"


def test_the_standing_group() -> None:
    assert queries.standing() is None
    one = actions.start_standing(share_percent=Decimal(5), window_days=90, actor="kim", at=at(0))
    with pytest.raises(StandingRuns):
        actions.start_standing(share_percent=Decimal(5), window_days=90, actor="kim", at=at(1))
    actions.change_standing_share(share_percent=Decimal(8), actor="kim", at=at(2))
    actions.change_standing_share(share_percent=Decimal(8), actor="kim", at=at(3))
    view = queries.standing()
    assert view is not None
    assert (view.id, view.about_kind, view.share_percent, view.ends_at) == (one, About.STANDING, Decimal(8), None)
    assert view.shares_percent == (Decimal(5), Decimal(8))
    actions.end_standing(at=at(9))
    assert queries.standing() is None
    for verb in (
        lambda: actions.end_standing(at=at(9)),
        lambda: actions.change_standing_share(share_percent=Decimal(8), actor="kim", at=at(9)),
    ):
        with pytest.raises(NoExperiment):
            verb()
    again = actions.start_standing(share_percent=Decimal(3), window_days=90, actor="kim", at=at(10))
    after = queries.standing()
    assert after is not None
    assert (after.id, after.about_id) == (again, 2)
    assert after.salt != view.salt


def test_shares() -> None:
    with pytest.raises(InvalidShare):
        actions.start_standing(share_percent=Decimal(51), window_days=90, actor="kim", at=at(0))


@pytest.mark.parametrize(
    "wrong", [{"about_kind": "other"}, {"share_percent": Decimal(60)}, {"window_days": 0}, {"ends_at": at(-1)}, {}]
)
def test_the_database_refuses(wrong: dict[str, object]) -> None:
    opened()
    told = {"about_kind": "campaign", "about_id": 7 if not wrong else 8, "salt": "s", "share_percent": TENTH}
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(**{**told, "window_days": 1, "started_at": at(0), **wrong})
