"""Measure a campaign, or the standing control group, at a moment, and keep what was found."""

from datetime import datetime, timedelta

from django.db import transaction

from regulars.core.calendar import business_date, zone
from regulars.experiments import actions as experiments
from regulars.experiments import queries
from regulars.experiments.queries import ExperimentView, NoExperiment
from regulars.experiments.rules import About
from regulars.experiments.uplift import Report, report
from regulars.flows.picture_fields import picture_fields
from regulars.insight import queries as insight
from regulars.insight.queries import NoPicture
from regulars.outreach.campaigns import actions as campaigns
from regulars.outreach.campaigns import outcomes
from regulars.outreach.campaigns.outcomes import Measured
from regulars.staff import queries as staff

MICROSECOND = timedelta(microseconds=1)


def measure_campaign(*, campaign_id: int, at: datetime) -> Report:
    """What everybody chosen did, against everybody held out; a campaign whose window is over is done.

    Raises:
        NoExperiment: It was never started.
    """
    experiment = queries.experiment_of(About.CAMPAIGN, campaign_id)
    if experiment is None:
        raise NoExperiment("This campaign was never started.")
    found = _keep(experiment, outcomes.of_campaign(experiment, at=at), at)
    if found.is_over:
        campaigns.finish_if_running(campaign_id=campaign_id, at=at)
    return found


def measure_standing(*, at: datetime) -> Report:
    """The standing control group against everybody else.

    Raises:
        NoExperiment: There is no group.
        NoPicture: Nothing was refreshed yet.
    """
    experiment, picture = queries.standing(), insight.picture()
    if experiment is None:
        raise NoExperiment("No standing control group is running.")
    if picture is None:
        raise NoPicture("Make the picture first: it knows who there is.")
    return _keep(experiment, outcomes.of_standing(experiment, picture=picture, fields=picture_fields(), at=at), at)


@transaction.atomic
def _keep(experiment: ExperimentView, measured: Measured, at: datetime) -> Report:
    ends = experiment.ends_at
    found = report(
        measured.sums,
        share_percent=experiment.share_percent,
        costs=measured.costs,
        used_coupon=measured.used_coupon,
        reached=measured.reached,
        ends=business_date(ends - MICROSECOND, zone(staff.business().time_zone)) if ends else None,
        is_over=ends is not None and at >= ends,
    )
    experiments.keep_outcome(experiment_id=experiment.id, sums=measured.sums, report=found, at=at)
    return found
