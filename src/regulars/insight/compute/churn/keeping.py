"""A retrained model takes the place of the one before only if it is no worse on time that it had not seen."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from regulars.insight.compute.churn.backtest import Model, Trial
from regulars.insight.compute.churn.boosted import Boosted
from regulars.insight.compute.churn.logistic import Logistic
from regulars.insight.compute.churn.measures import log_loss, losses
from regulars.insight.compute.churn.observations import EPOCH, Observations

FORMAT = 1
ERRORS = 1.0
SLACK = 0.02


def pack(model: Model, name: str, trial: Trial, day: date, horizon: int) -> dict[str, Any]:
    """All that the next refresh needs, as plain JSON."""
    return {
        "format": FORMAT,
        "name": name,
        "trained_until": day.isoformat(),
        "horizon_days": horizon,
        "skill": skill(trial, name),
        "model": model.as_json(),
    }


def unpack(kept: Mapping[str, Any]) -> Model:
    """The model of `pack`."""
    kinds: dict[str, type[Logistic] | type[Boosted]] = {"logistic": Logistic, "boosted": Boosted}
    return kinds[kept["model"]["kind"]].from_json(kept["model"])


def skill(trial: Trial, name: str) -> float:
    """How much of the uncertainty a contender took away: 1 - log loss / log loss of telling everybody the average."""
    average = np.full(len(trial.lost), trial.lost.mean())
    blind = log_loss(trial.lost, average)
    return 1 - log_loss(trial.lost, trial.risk[name]) / blind if blind > 0 else 0.0


def better(previous: Mapping[str, Any], trial: Trial, rows: Observations, name: str, horizon: int) -> Model | None:
    """The previous model where the retrained one is worse than it; else None.

    Where the previous one was trained before the newest test began, both are asked about that test, and the new one is
    worse if its log loss is higher by more than a standard error of the difference. Else the previous one has seen the
    answers, and its own backtest speaks for it: the new one is worse if its skill is lower by more than `SLACK`.
    """
    if previous.get("format") != FORMAT or previous["horizon_days"] != horizon:
        return None
    model = unpack(previous)
    if not set(model.features) <= set(rows.attributes.names):
        return None
    newest = int(rows.cut.max())
    if (date.fromisoformat(previous["trained_until"]) - EPOCH).days > newest:
        return model if skill(trial, name) < float(previous["skill"]) - SLACK else None
    # The trial keeps the order of the rows, test by test, so the newest test is the same rows on both sides.
    test = rows[rows.cut == newest]
    here = trial.fold == newest
    if not here.any():
        return None
    gained = losses(trial.lost[here], trial.risk[name][here]) - losses(test.lost, model.risk(test.attributes))
    error = float(gained.std()) / len(gained) ** 0.5
    return model if float(gained.mean()) > ERRORS * error else None
