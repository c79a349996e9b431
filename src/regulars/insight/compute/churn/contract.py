"""Churn where a contract says who left: a table of attributes with a flag or date of the end.

A table has no past, so nothing is held back in time: every fifth of the customers is told by a model of the other four.
It is for whoever brings the table to see that its attributes were known before the end, not after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute

from regulars.facts.reading.contract_headers import YES, plain
from regulars.insight.compute.cards import Card, Text
from regulars.insight.compute.churn import backtest, boosted, choice, logistic, reasons
from regulars.insight.compute.churn.backtest import Contender, Model
from regulars.insight.compute.churn.contract_cards import Window, card, closed, closed_card
from regulars.insight.compute.churn.design import Attributes, Choice
from regulars.insight.compute.churn.levels import DIGITS, levels
from regulars.insight.compute.churn.measures import Flags, Floats
from regulars.insight.compute.churn.observations import Observations, folds, number
from regulars.insight.compute.churn.presets import Preset
from regulars.insight.compute.churn.threshold import Costs

TESTS = 5
MANY_KINDS = 50
FEW_NUMBERS = 2
"""A column of whole numbers with at most so many different ones (0 and 1) is a choice."""


@dataclass(frozen=True, slots=True)
class Contract:
    """How to read a table of contracts.

    Attributes:
        customer, ended: Columns. `ended` is a flag (yes, 是, 1, true), or the date of the end, empty while it runs.
        ignored: Columns that must not be looked at.
        labels, units: By column, for sentences.
    """

    customer: str
    ended: str
    ignored: frozenset[str]
    labels: Mapping[str, Text]
    units: Mapping[str, str]


class UnknownContract(ValueError):
    """A table in which the customer or the end of the contract was not found; `.missing` says which."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"The table has no column for {missing}.")
        self.missing = missing


def recognise(columns: list[str], preset: Preset) -> Contract:
    """Find out what the columns of a table are.

    Raises:
        UnknownContract: There is no column of customers, or none of ends.
    """
    by_header = {plain(name): name for name in reversed(columns)}

    def found(names: tuple[str, ...], what: str) -> str:
        there = [by_header[name] for name in names if name in by_header]
        if not there:
            raise UnknownContract(what)
        return there[0]

    customer, ended = found(preset.customer, "customer"), found(preset.ended, "ended")
    known = preset.known(columns)
    return Contract(
        customer, ended, frozenset(by_header[name] for name in preset.ignored if name in by_header),
        {name: one.label for name, one in known.items()}, {name: one.unit for name, one in known.items()},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContractScores:
    """What came of a table.

    Attributes:
        scores: customer (as in the table), churn_risk (null where the contract ended), level ('low', 'medium', 'high',
            'ended', or 'unknown' where nothing serves), reasons.
        model: Plain JSON of what serves; None where nothing does.
    """

    scores: pyarrow.Table
    cards: list[Card]
    model: dict[str, Any] | None


def assess(table: pyarrow.Table, contract: Contract, day: date, *, costs: Costs | None = None) -> ContractScores:
    """Test, choose, and score everybody whose contract runs on this day."""
    customer = [str(one) for one in table[contract.customer].to_pylist()]
    told, ended = attributes(table, contract), ended_flags(table[contract.ended], day)
    blank = np.full(len(ended), np.nan)
    unknown = np.where(ended, "ended", "unknown")
    window = Window(day, len(ended), Text("", ""), costs or Costs())
    if short := closed(ended, len(told.names)):
        nothing = _table(customer, blank, unknown, reasons.none(len(ended)))
        return ContractScores(nothing, [closed_card(short, window)], None)
    rows = _observations(told, ended, customer)
    best = telling(rows)
    window = replace(window, attribute=contract.labels.get(best, Text(best, best)))
    contenders: dict[str, Contender] = {
        "baseline": lambda some: logistic.fit(some.attributes.only((best,)), some.lost, some.fold),
        "logistic": lambda some: logistic.fit(some.attributes, some.lost, some.fold),
        "boosted": lambda some: boosted.fit_raw(some.attributes, some.lost),
    }
    trial = choice.compete(rows, backtest.by_fold(rows), contenders, _calibrated)
    name, code = choice.champion(trial)
    contenders["boosted"] = _calibrated
    fitted = {one: fit(rows) for one, fit in contenders.items() if one in (name, "baseline", "logistic")}
    cards = [card(one, name, code, trial, fitted.get(one), window) for one in contenders]
    if name is None:
        return ContractScores(_table(customer, blank, unknown, reasons.none(len(ended))), cards, None)
    model = fitted[name]
    risk = np.where(ended, np.nan, np.round(model.risk(told), DIGITS))
    why = reasons.reasons(told, np.where(ended[:, None], 0.0, model.effects(told)), model.features)
    return ContractScores(_table(customer, risk, levels(risk, ~ended, gone="ended"), why), cards, model.as_json())


def attributes(table: pyarrow.Table, contract: Contract) -> Attributes:
    """Numbers and choices of a table; what is blank is not known. Columns of names or of many words are left out."""
    numbers: dict[str, Floats] = {}
    choices: dict[str, Choice] = {}
    for name in table.column_names:
        if name in {contract.customer, contract.ended} | contract.ignored:
            continue
        told = _as_number(table[name])
        if told is not None and len(np.unique(told[~np.isnan(told)])) > FEW_NUMBERS:
            numbers[name] = told
            continue
        words = Choice.of(None if one is None else str(one).strip() for one in table[name].to_pylist())
        if 1 < len(words.kinds) <= MANY_KINDS:
            choices[name] = words
    return Attributes(numbers, choices)


def _as_number(column: pyarrow.ChunkedArray) -> Floats | None:
    if pyarrow.types.is_boolean(column.type) or pyarrow.types.is_temporal(column.type):
        return None
    if pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type):
        trimmed = pyarrow.compute.utf8_trim_whitespace(column)
        column = pyarrow.compute.if_else(pyarrow.compute.equal(trimmed, ""), None, trimmed)
    try:
        told = number(column)
    except pyarrow.ArrowInvalid:
        return None
    return np.where(np.isfinite(told), told, np.nan)


def ended_flags(column: pyarrow.ChunkedArray, day: date) -> Flags:
    """Who left: a flag that says so, or an end before this day."""
    if pyarrow.types.is_temporal(column.type):
        ends = column.cast(pyarrow.date32()).to_pylist()
        return np.array([end is not None and end < day for end in ends], dtype=bool)
    return np.array([str(one).strip().lower() in YES for one in column.to_pylist()], dtype=bool)


def telling(rows: Observations) -> str:
    """The one attribute that tells most by itself, for the baseline: the widest spread of the share that left.

    Numbers are cut into five of equal size; the spread is the variance of the share over the groups, weighted by size.
    """
    spread: dict[str, float] = {}
    for name, column in rows.attributes.numbers.items():
        known = column[~np.isnan(column)]
        edges = np.unique(np.quantile(known, [0.2, 0.4, 0.6, 0.8])) if len(known) else np.zeros(0)
        spread[name] = _spread(np.where(np.isnan(column), -1, np.searchsorted(edges, column, side="right")), rows.lost)
    for name, chosen in rows.attributes.choices.items():
        spread[name] = _spread(chosen.codes, rows.lost)
    return max(spread, key=lambda name: (spread[name], name), default="")


def _spread(group: Any, lost: Flags) -> float:
    sizes = np.bincount(group + 1)
    left = np.bincount(group + 1, weights=lost)
    there = sizes > 0
    share = left[there] / sizes[there]
    return float(np.average((share - lost.mean()) ** 2, weights=sizes[there]))


def _observations(told: Attributes, ended: Flags, customer: list[str]) -> Observations:
    """Rows in an order of their own; each outcome is dealt out over the tests in turn, so that all tests are alike."""
    everybody = Observations(told, ended, np.zeros(len(ended)), folds(customer), np.zeros(len(ended), dtype=np.int64))
    rows = everybody.ordered()
    turn = np.where(rows.lost, np.cumsum(rows.lost), np.cumsum(~rows.lost)) % TESTS
    return replace(rows, cut=turn.astype(np.int64))


def _calibrated(some: Observations) -> Model:
    return boosted.fit(some.attributes, some.lost, some.fold)


def _table(customer: list[str], risk: Floats, level: Any, why: pyarrow.Array) -> pyarrow.Table:
    return pyarrow.table(
        {
            "customer": pyarrow.array(customer, type=pyarrow.string()),
            "churn_risk": pyarrow.array(risk, from_pandas=True),
            "level": pyarrow.array(level.astype(object), type=pyarrow.string()),
            "reasons": why,
        }
    )
