"""Contracts over time: what was known of each on past days, whether it ended soon after, and who tells that best.

As for customers without a contract (`training.py`), each test is told by what was known before it began. What a
contract is like comes from what had been told by then, never from a later table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from regulars.insight.compute.cards import Card, Text
from regulars.insight.compute.churn import backtest, boosted, choice, contract, contract_book, keeping, logistic
from regulars.insight.compute.churn.backtest import Contender, Model, Trial
from regulars.insight.compute.churn.contract_book import Contract
from regulars.insight.compute.churn.contract_cards import Window, card_in_time
from regulars.insight.compute.churn.design import Attributes
from regulars.insight.compute.churn.gate import EACH_OUTCOME, TESTED_OUTCOME
from regulars.insight.compute.churn.observations import EPOCH, SAMPLED, Observations, cuts, folds

HORIZONS = (30, 60, 90, 180)
"""Days. The shortest serves in which enough contracts ended to learn from and to be tested on."""
TENURE, TO_END = "tenure_days", "days_to_end"
LABELS = {TENURE: Text("合同已有", "Under contract for"), TO_END: Text("离到期还有", "Time to the end agreed")}
UNITS = {TENURE: "days", TO_END: "days"}
TOLD = 0.5
"""Where fewer contracts than this share had told anything about themselves by the past days, these teach nothing."""
Row = tuple[Contract, date]


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training came to. `told` are the attributes of the contracts that run now, in step with them."""

    horizon_days: int
    model: Model | None
    told: Attributes
    cards: list[Card]
    kept: dict[str, Any] | None


def train(
    book: Sequence[Contract], running: Sequence[Contract], day: date, *, previous: Mapping[str, Any] | None,
    window: Window,
) -> Trained | None:  # fmt: skip
    """Train on what happened before this day; None where the past teaches too little.

    Args:
        running: Those of the book to tell a risk of.
    """
    some = _sampled(book)
    before = int(previous["horizon_days"]) if previous else None
    horizon = next((one for one in dict.fromkeys([before, *HORIZONS]) if one and _enough(some, day, one)), None)
    if horizon is None:
        return None
    past = [(one, cut) for cut in _cuts(some, day, horizon) for one in some if one.runs(cut)]
    if not _known(past, [(one, day) for one in running]):
        return None
    told = known(past + [(one, day) for one in running])
    rows = _observed(past, told[: len(past)], horizon)
    splits = backtest.by_time(rows)
    if not splits:
        return None
    return _decide(rows, told[len(past) :], horizon, previous, replace(window, day=day, first=_first(some)))


def known(rows: Sequence[Row]) -> Attributes:
    """What was known of contracts at the start of days: what they told, their age, and the time to their agreed end."""
    table = contract_book.as_table(rows)
    read = contract.Contract("", "", frozenset({TENURE, TO_END}), {}, {})
    said = contract.attributes(table, read) if table.num_columns else Attributes({}, {})
    own = {
        TENURE: np.array([_days(one.started_on, day) for one, day in rows]),
        TO_END: np.array([-_days(one.agreed_until(day), day) for one, day in rows]),
    }
    numbers = {name: column for name, column in own.items() if not np.isnan(column).all()}
    return Attributes({**numbers, **said.numbers}, said.choices)


def _days(since: date | None, day: date) -> float:
    return float("nan") if since is None else float((day - since).days)


def _sampled(book: Sequence[Contract]) -> Sequence[Contract]:
    # By name, so that every import of the same facts learns from the same ones.
    return book if len(book) <= SAMPLED else [book[place] for place in range(0, len(book), 1 + len(book) // SAMPLED)]


def _first(book: Sequence[Contract]) -> date:
    return min(one.known_on for one in book)


def _cuts(book: Sequence[Contract], day: date, horizon: int) -> list[date]:
    return cuts(_first(book), day, horizon) if book else []


def _enough(book: Sequence[Contract], day: date, horizon: int) -> bool:
    """Whether enough contracts ended, and went on, after the newest of the past days and after those before it."""
    counts = []
    for cut in _cuts(book, day, horizon):
        there = [one for one in book if one.runs(cut)]
        ended = sum(one.ends_in(cut, cut + timedelta(days=horizon)) for one in there)
        counts.append((ended, len(there) - ended))
    if len(counts) < 2:
        return False
    learned = [sum(part) for part in zip(*counts[:-1], strict=True)]
    return min(counts[-1]) >= TESTED_OUTCOME and min(learned) >= EACH_OUTCOME


def _known(past: Sequence[Row], now: Sequence[Row]) -> bool:
    """Whether contracts had told about themselves by the past days, if they ever do."""

    def share(rows: Sequence[Row]) -> float:
        told = sum(any(event.attributes for event in one.told_before(day)) for one, day in rows)
        return told / len(rows) if rows else 0.0

    return share(past) >= TOLD * share(now)


def _observed(past: Sequence[Row], told: Attributes, horizon: int) -> Observations:
    lost = np.array([one.ends_in(cut, cut + timedelta(days=horizon)) for one, cut in past], dtype=bool)
    cut = np.array([(cut - EPOCH).days for _, cut in past], dtype=np.int64)
    return Observations(told, lost, np.zeros(len(past)), folds(one.contract for one, _ in past), cut).ordered()


def _decide(
    rows: Observations, now: Attributes, horizon: int, previous: Mapping[str, Any] | None, window: Window
) -> Trained:
    """Let the contenders compete and fit the one who serves on all rows; the model before stays if it did better."""
    best = contract.telling(rows)
    named = {**window.labels, **LABELS}.get(best, Text(best, best))
    fits: dict[str, Contender] = {
        "baseline": lambda some: logistic.fit(some.attributes.only((best,)), some.lost, some.fold),
        "logistic": lambda some: logistic.fit(some.attributes, some.lost, some.fold),
        "boosted": lambda some: boosted.fit_raw(some.attributes, some.lost),
    }
    trial = choice.compete(rows, backtest.by_time(rows), fits, _calibrated)
    name, code = choice.champion(trial)
    fits["boosted"] = _calibrated
    fitted = {one: fits[one](rows) for one in fits if one != "boosted" or one == name}
    model = fitted[name] if name else None
    kept = keeping.pack(model, name, trial, window.day, horizon) if model and name else None
    old = _better(previous, trial, rows, name, horizon) if name else None
    if old and previous:
        model, kept, code = old, dict(previous), "kept_previous"
    window = replace(window, attribute=named, horizon_days=horizon)
    cards = [
        card_in_time(one, _verdict(one, name, code, trial, previous), trial, fitted.get(one), window) for one in fits
    ]
    return Trained(horizon, model, now, cards, kept)


def _calibrated(some: Observations) -> Model:
    return boosted.fit(some.attributes, some.lost, some.fold)


def _better(
    previous: Mapping[str, Any] | None, trial: Trial, rows: Observations, name: str, horizon: int
) -> Model | None:
    if previous is None:
        return None
    try:
        return keeping.better(previous, trial, rows, name, horizon)
    except KeyError:
        # A column of numbers has become one of words: what was learned from it cannot be asked any more.
        return None


def _verdict(
    one: str, serves: str | None, code: str, trial: Trial, previous: Mapping[str, Any] | None
) -> tuple[str, bool, dict[str, Any]]:
    """(code, whether it serves, numbers besides the trial's)."""
    if code == "kept_previous" and previous and one == previous["name"]:
        return code, True, {"trained_until": previous["trained_until"]}
    if one != serves:
        return choice.why_not(one, serves), False, {}
    return ("retrained_worse", False, {}) if code == "kept_previous" else (code, True, {})
