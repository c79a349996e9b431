"""Why a customer's risk is what it is: the features that move it most, as columns that a picture can keep."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow

from regulars.insight.compute.churn.columns import BASIS, COMPANIONS, SHOWN, SILENCE
from regulars.insight.compute.churn.design import Attributes
from regulars.insight.compute.churn.measures import Flags, Floats, Whole

MOST = 5
SLIGHT = 0.05
"""Effects on the log odds below this (about one percentage point of risk) are no reason."""
DIGITS = 6
RAISES, LOWERS = "raises", "lowers"

REASON = pyarrow.struct(
    [
        ("feature", pyarrow.string()),
        ("direction", pyarrow.string()),  # 'raises' or 'lowers' the risk
        ("effect", pyarrow.float64()),  # on the log odds
        ("value", pyarrow.float64()),  # the customer's; null: not known, or a choice
        ("usual", pyarrow.float64()),  # the median of those scored
        ("companion", pyarrow.float64()),  # a number the sentence needs beside it, such as the own gap
        ("choice", pyarrow.string()),  # the customer's, where the feature is a choice; whose gap, beside a silence
    ]
)
REASONS = pyarrow.list_(REASON)


def reasons(told: Attributes, effects: Floats, features: tuple[str, ...]) -> pyarrow.Array:
    """For each customer up to five features, the strongest first.

    Args:
        effects: Customers × features, on the log odds.
    """
    count = len(effects)
    if not count or not features:
        return pyarrow.array([[] for _ in range(count)], type=REASONS)
    order = np.argsort(-np.abs(np.round(effects, DIGITS)), axis=1, kind="stable")[:, :MOST]
    strength = np.take_along_axis(effects, order, axis=1)
    counts = np.abs(strength) >= SLIGHT
    row = np.repeat(np.arange(count), counts.sum(axis=1))
    return _listed(told, features, row, order[counts], strength[counts], np.append(0, counts.sum(axis=1).cumsum()))


def none(count: int) -> pyarrow.Array:
    """No reasons, for so many customers."""
    return pyarrow.array([[] for _ in range(count)], type=REASONS)


def silence(told: Attributes, of: Flags) -> pyarrow.Array:
    """The one reason of the simple rule, without an effect, for some of the customers; no reason for the others.

    Longer than usual raises the risk, shorter lowers it.
    """
    row = np.flatnonzero(of)
    shown = told.numbers[SHOWN[SILENCE]]
    structs = _structs(
        {
            "feature": np.full(len(row), SILENCE, dtype=object),
            "direction": np.where(told.numbers[SILENCE][row] > 1, RAISES, LOWERS),
            "effect": np.full(len(row), np.nan),
            "value": shown[row],
            "usual": np.full(len(row), median(shown)),
            "companion": told.numbers[COMPANIONS[SILENCE]][row],
            "choice": told.choices[BASIS[SILENCE]].words(row),
        }
    )
    return pyarrow.ListArray.from_arrays(np.append(0, of.cumsum()).astype(np.int32), structs)


def _listed(
    told: Attributes, features: tuple[str, ...], row: Whole, place: Whole, strength: Floats, offsets: Whole
) -> pyarrow.Array:
    value, usual, companion = (np.full(len(row), np.nan) for _ in range(3))
    choice = np.full(len(row), None, dtype=object)
    for index, name in enumerate(features):
        here = place == index
        if name in told.choices:
            choice[here] = told.choices[name].words(row[here])
            continue
        column = told.numbers[SHOWN.get(name, name)]
        value[here] = column[row[here]]
        usual[here] = median(column)
        beside = COMPANIONS.get(name, "")
        if beside in told.numbers:
            companion[here] = told.numbers[beside][row[here]]
        if BASIS.get(name, "") in told.choices:
            choice[here] = told.choices[BASIS[name]].words(row[here])
    structs = _structs(
        {
            "feature": np.array(features, dtype=object)[place],
            "direction": np.where(strength > 0, RAISES, LOWERS),
            "effect": np.round(strength, DIGITS),
            "value": value, "usual": usual, "companion": companion, "choice": choice,
        }
    )  # fmt: skip
    return pyarrow.ListArray.from_arrays(offsets.astype(np.int32), structs)


def _structs(columns: Mapping[str, Any]) -> pyarrow.StructArray:
    arrays = []
    for part in REASON:
        column = columns[part.name]
        if pyarrow.types.is_floating(part.type):
            arrays.append(pyarrow.array(np.round(column, DIGITS), type=part.type, from_pandas=True))
        else:
            arrays.append(pyarrow.array(column, type=part.type, from_pandas=True))
    return pyarrow.StructArray.from_arrays(arrays, fields=list(REASON))


def median(column: Floats) -> float:
    """Of what is known; NaN where nothing is."""
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else float("nan")
