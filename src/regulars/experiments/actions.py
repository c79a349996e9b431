"""Verbs of experiments: open and close them, keep what was measured, run the standing control group."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.experiments import sums as sums_of
from regulars.experiments import uplift
from regulars.experiments.models import Experiment, Outcome, ShareChange
from regulars.experiments.queries import NoExperiment
from regulars.experiments.rules import About, basis_points
from regulars.experiments.sums import Sums
from regulars.experiments.uplift import Report

LONGEST_DAYS = 366


class InvalidWindow(DomainError):
    """A window has 1 to 366 days."""

    code = "invalid_window"


class StandingRuns(DomainError):
    """There is a standing control group already; change its share, or end it first."""

    code = "standing_runs"


def new_salt() -> str:
    """A salt that nobody can guess, so that nobody can choose who is held out."""
    return secrets.token_hex(16)


@transaction.atomic
def open_for_campaign(*, campaign_id: int, share_percent: Decimal, window_days: int, salt: str, at: datetime) -> int:
    """Begin the experiment of a campaign; returns its id. What is open already stays as it was begun.

    Args:
        salt: From `new_salt`, kept by the campaign since its dry run, so that the same customers are held out.
        at: When the window begins.
    Raises:
        InvalidShare, InvalidWindow: Out of range.
    """
    _check(share_percent, window_days)
    made, _ = Experiment.objects.get_or_create(
        about_kind=About.CAMPAIGN,
        about_id=campaign_id,
        defaults={
            "salt": salt,
            "share_percent": share_percent,
            "window_days": window_days,
            "started_at": at,
            "ends_at": at + timedelta(days=window_days),
        },
    )
    return made.pk


def keep_outcome(*, experiment_id: int, sums: Sums, report: Report, at: datetime) -> None:
    """Keep what was measured at a moment; the same moment again replaces it.

    Raises:
        NoExperiment: There is none.
    """
    if not Experiment.objects.filter(pk=experiment_id).exists():
        raise NoExperiment("There is no such experiment.")
    Outcome.objects.update_or_create(
        experiment_id=experiment_id,
        measured_at=at,
        defaults={"is_final": report.is_over, "sums": sums_of.as_json(sums), "report": uplift.as_json(report)},
    )


@transaction.atomic
def start_standing(*, share_percent: Decimal, window_days: int, actor: str, at: datetime, salt: str = "") -> int:
    """Begin a company-wide control group, which no campaign reaches; returns its id.

    Args:
        window_days: How long a stretch is compared at a time.
    Raises:
        StandingRuns: There is one.
        InvalidShare, InvalidWindow: Out of range.
    """
    _check(share_percent, window_days)
    bulk.run(connection, "LOCK TABLE experiments_experiment IN SHARE ROW EXCLUSIVE MODE")
    standing = Experiment.objects.filter(about_kind=About.STANDING)
    if standing.filter(ends_at=None).exists():
        raise StandingRuns("There is a standing control group already.")
    made = Experiment.objects.create(
        about_kind=About.STANDING, about_id=standing.count() + 1, salt=salt or new_salt(),
        share_percent=share_percent, window_days=window_days, started_at=at,
    )  # fmt: skip
    ShareChange.objects.create(experiment=made, at=at, share_percent=share_percent, by=actor)
    return made.pk


@transaction.atomic
def change_standing_share(*, share_percent: Decimal, actor: str, at: datetime) -> None:
    """From now on more or fewer customers are left alone; those who already were stay first in line.

    Raises:
        NoExperiment: No group is running.
        InvalidShare: Out of range.
    """
    basis_points(share_percent)
    one = _lock_standing()
    if one.share_percent != share_percent:
        ShareChange.objects.update_or_create(
            experiment=one, at=at, defaults={"share_percent": share_percent, "by": actor}
        )
        Experiment.objects.filter(pk=one.pk).update(share_percent=share_percent)


@transaction.atomic
def end_standing(*, at: datetime) -> None:
    """From now on nobody is left alone company-wide.

    Raises:
        NoExperiment: No group is running.
    """
    one = _lock_standing()
    Experiment.objects.filter(pk=one.pk).update(ends_at=max(at, one.started_at))


def _lock_standing() -> Experiment:
    found = Experiment.objects.select_for_update(no_key=True).filter(about_kind=About.STANDING, ends_at=None).first()
    if found is None:
        raise NoExperiment("No standing control group is running.")
    return found


def _check(share_percent: Decimal, window_days: int) -> None:
    basis_points(share_percent)
    if not 1 <= window_days <= LONGEST_DAYS:
        raise InvalidWindow(f"A window has 1 to {LONGEST_DAYS} days.")
