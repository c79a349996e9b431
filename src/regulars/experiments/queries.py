"""Reading experiments and what was measured of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.experiments import sums as sums_of
from regulars.experiments import uplift
from regulars.experiments.models import Experiment, Outcome, ShareChange
from regulars.experiments.rules import About
from regulars.experiments.sums import Sums
from regulars.experiments.uplift import Report


class NoExperiment(DomainError):
    """There is no such experiment."""

    code = "no_experiment"


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """An experiment. `about_id` is a campaign's id, or counts the standing groups; `ends_at` None: it goes on.

    `shares_percent` are all that it has had, the present one last.
    """

    id: int
    about_kind: About
    about_id: int
    salt: str
    share_percent: Decimal
    shares_percent: tuple[Decimal, ...]
    started_at: datetime
    window_days: int
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What was measured at a moment; `is_final` if the window was over."""

    experiment_id: int
    about_id: int
    measured_at: datetime
    is_final: bool
    sums: Sums
    report: Report


def experiment_of(about_kind: About, about_id: int) -> ExperimentView | None:
    """The experiment of a campaign; None: it was never started."""
    found = Experiment.objects.filter(about_kind=about_kind, about_id=about_id).first()
    return None if found is None else _view(found)


def standing() -> ExperimentView | None:
    """The company-wide control group that is running now."""
    found = Experiment.objects.filter(about_kind=About.STANDING, ends_at=None).first()
    return None if found is None else _view(found)


def to_measure(*, at: datetime, days_after: int = 3) -> list[ExperimentView]:
    """Experiments whose window goes on, has just ended, or has no final outcome yet; the oldest first.

    Args:
        days_after: Figures of so many days after the end still take in facts that came late.
    """
    rows = bulk.run(
        connection,
        "SELECT e.id FROM experiments_experiment e WHERE e.started_at <= %s AND (e.ends_at IS NULL"
        " OR e.ends_at + make_interval(days => %s) > %s"
        " OR NOT EXISTS (SELECT 1 FROM experiments_outcome o WHERE o.experiment_id = e.id AND o.is_final))"
        " ORDER BY e.id",
        [at, days_after, at],
    )
    found = Experiment.objects.in_bulk([row[0] for row in rows])
    return [_view(found[row[0]]) for row in rows]


def latest_outcome(experiment_id: int) -> OutcomeView | None:
    """What was measured last; None: nothing yet."""
    found = Outcome.objects.filter(experiment_id=experiment_id).select_related("experiment").order_by("-measured_at")
    return next(iter(_outcomes(found[:1])), None)


def course(experiment_id: int, *, most: int = 100) -> list[OutcomeView]:
    """What was measured one time after the other, the latest first."""
    found = Outcome.objects.filter(experiment_id=experiment_id).select_related("experiment").order_by("-measured_at")
    return _outcomes(found[:most])


def finished_campaigns(*, most: int = 200) -> list[OutcomeView]:
    """The last final outcome of each campaign, the latest campaign first: what `pooled` looks at together."""
    found = (
        Outcome.objects.filter(is_final=True, experiment__about_kind=About.CAMPAIGN)
        .select_related("experiment")
        .order_by("-experiment_id", "-measured_at")
        .distinct("experiment_id")
    )
    return _outcomes(found[:most])


def _outcomes(rows: Iterable[Outcome]) -> list[OutcomeView]:
    return [
        OutcomeView(
            row.experiment_id, row.experiment.about_id, row.measured_at, row.is_final,
            sums_of.read(row.sums), uplift.read(row.report),
        )
        for row in rows
    ]  # fmt: skip


def _view(one: Experiment) -> ExperimentView:
    changes: list[Any] = list(
        ShareChange.objects.filter(experiment=one).order_by("at").values_list("share_percent", flat=True)
    )
    return ExperimentView(
        one.pk, About(one.about_kind), one.about_id, one.salt, one.share_percent,
        tuple(changes) or (one.share_percent,), one.started_at, one.window_days, one.ends_at,
    )  # fmt: skip
