"""The churn part of a refresh: a risk and its reasons for every customer, and what moves whole groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow

from regulars.insight.compute import features as feature_set
from regulars.insight.compute.cards import Card
from regulars.insight.compute.churn import reasons, rhythm
from regulars.insight.compute.churn.columns import CHOICES, MODELLED, SILENCE
from regulars.insight.compute.churn.design import Choice
from regulars.insight.compute.churn.drivers import Driver, drivers
from regulars.insight.compute.churn.levels import DIGITS, levels
from regulars.insight.compute.churn.measures import Flags, Floats
from regulars.insight.compute.churn.moments import Moment, moments
from regulars.insight.compute.churn.observations import Build, Buyers, buyers
from regulars.insight.compute.churn.threshold import Costs
from regulars.insight.compute.churn.training import Trained, train
from regulars.insight.compute.tables import Tables

SCORES = pyarrow.schema(
    [
        ("customer_id", pyarrow.int64()),
        (
            "churn_risk",
            pyarrow.float64(),
        ),  # of staying away for the horizon; null: lost already, or only the rule serves
        ("level", pyarrow.string()),  # 'low', 'medium', 'high', 'lost', or 'unknown' where nobody ever came twice
        ("reasons", reasons.REASONS),
    ]
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that churn has to say on a refresh.

    Attributes:
        scores: `SCORES`, a row for everybody who ever bought, by customer_id.
        model: Hand it to the next refresh as `previous`, as it is or through JSON; None where only the rule serves.
    """

    scores: pyarrow.Table
    cards: list[Card]
    horizon_days: int
    model: dict[str, Any] | None
    drivers: list[Driver]
    moments: list[Moment]


def score(told: Tables, day: date, *, previous: Mapping[str, Any] | None = None) -> tuple[pyarrow.Table, list[Card]]:
    """Scores and model cards alone. See `assess`."""
    assessed = assess(told, day, previous=previous)
    return assessed.scores, assessed.cards


def assess(
    told: Tables,
    day: date,
    *,
    previous: Mapping[str, Any] | None = None,
    features: ir.Table | None = None,
    groups: pyarrow.Table | None = None,
    costs: Costs | None = None,
    build: Build = feature_set.build,
) -> Assessment:
    """Train, test, choose, and score everybody as of this day.

    Args:
        previous: `Assessment.model` of the last refresh; it stays where the retrained model is worse.
        features: Those of `build` for this day, where they are there already.
        groups: customer_id and one column of words for each way to group customers (segment, stage); the main channel
            is always one.
        costs: What the threshold reckons with.
        build: Makes the features as of a day; a seam for tests.
    """
    trained = train(told, day, previous=previous, build=build, costs=costs or Costs())
    everybody = trained.everybody or buyers(build(told, day) if features is None else features)
    active = everybody.active(trained.horizon_days)
    found = moments(told, day, trained.horizon_days)
    if trained.serves is None:
        scores = _by_rule(everybody, active, trained)
        return Assessment(scores, trained.cards, trained.horizon_days, None, [], found)
    scored = everybody.attributes[active]
    risk = np.round(trained.serves.risk(scored.only(MODELLED)), DIGITS)
    effects = trained.serves.effects(scored.only(MODELLED))
    moved = drivers(_groupings(everybody, active, groups), risk, effects, trained.serves.features)
    scores = _by_model(everybody, active, risk, reasons.reasons(scored, effects, trained.serves.features))
    return Assessment(scores, trained.cards, trained.horizon_days, trained.kept, moved, found)


def _by_model(everybody: Buyers, active: Flags, risk: Floats, why: pyarrow.Array) -> pyarrow.Table:
    whole = np.full(len(active), np.nan)
    whole[active] = risk
    # Those without a risk take the last place, which is an empty list.
    place = np.where(active, np.cumsum(active) - 1, len(why))
    lists = pyarrow.concat_arrays([why, reasons.none(1)]).take(pyarrow.array(place))
    return _table(everybody, whole, levels(whole, active, gone="lost"), lists)


def _by_rule(everybody: Buyers, active: Flags, trained: Trained) -> pyarrow.Table:
    """Levels by the own rhythm, with the silence as the one reason; no risk, since nothing was tested."""
    count = len(active)
    blank = np.full(count, np.nan)
    if trained.verdict.code in ("nobody_bought", "nobody_returned"):
        return _table(everybody, blank, np.full(count, "unknown"), reasons.none(count))
    ratio = everybody.attributes.numbers[SILENCE]
    level = np.where(ratio >= rhythm.LATE, "high", np.where(ratio >= rhythm.WATCHED, "medium", "low"))
    return _table(everybody, blank, np.where(active, level, "lost"), reasons.silence(everybody.attributes, active))


def _table(everybody: Buyers, risk: Floats, level: Any, why: pyarrow.Array) -> pyarrow.Table:
    columns = [
        pyarrow.array(everybody.customer_id),
        pyarrow.array(risk, from_pandas=True),
        pyarrow.array(level.astype(object), type=pyarrow.string()),
        why,
    ]
    return pyarrow.table(columns, schema=SCORES)


def _groupings(everybody: Buyers, active: Flags, groups: pyarrow.Table | None) -> dict[str, Choice]:
    found = {name: chosen[active] for name, chosen in everybody.attributes.choices.items() if name in CHOICES}
    if groups is None:
        return found
    ids = np.asarray(groups["customer_id"].to_numpy(), dtype=np.int64)
    order = np.argsort(ids)
    mine = everybody.customer_id[active]
    place = np.minimum(np.searchsorted(ids[order], mine), max(0, len(ids) - 1))
    there = ids[order][place] == mine if len(ids) else np.zeros(len(mine), dtype=bool)
    for name in groups.column_names:
        if name != "customer_id" and len(ids):
            chosen = Choice.of(groups[name].to_pylist())
            found[name] = Choice(np.where(there, chosen.codes[order][place], -1), chosen.kinds)
    return found
