"""Which model tells how often customers will buy: tried on the newest time, held back, beside a simple rule."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.insight.compute.cards import Bin, Text, Verdict
from regulars.insight.compute.clv import words
from regulars.insight.compute.clv.bg_nbd import BG_NBD
from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.fitting import Fit, maximise
from regulars.insight.compute.clv.histories import Floats, Histories, Ints, unique_rows
from regulars.insight.compute.clv.mbg_nbd import MBG_NBD
from regulars.insight.compute.clv.outlook import chance_of, outlook
from regulars.insight.compute.clv.own_rate import OWN_RATE, own_rate
from regulars.insight.compute.clv.summary import FEWEST_HOLDOUT_DAYS, Summary

MODELS = (BG_NBD, MBG_NBD)
FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 30
ALIKE, NEVER = 50.0, 1e-3  # r above: all buy at one pace; a chance to leave below: nobody does
COARSE_ROWS, COARSE_DAYS = 20_000, 14
STARTS = ((0.5, 0.5, 1.0, 2.5), (0.25, 0.25, 2.0, 8.0), (1.5, 1.5, 0.5, 5.0))


@dataclass(frozen=True, slots=True)
class Trial:
    """One model on the held-back time: its parameters from the time before, figures by name, calibration."""

    model: DropoutModel
    parameters: Parameters
    figures: dict[str, float]
    calibration: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What became of one model: its trial and its fit on all data, where it came so far, and the verdict."""

    model: DropoutModel
    trial: Trial | None
    fit: Fit | None
    verdict: Verdict


def fit(model: DropoutModel, histories: Histories) -> Fit:
    """The most likely parameters; `histories` has repeat purchases."""
    gap = max(float(histories.count @ histories.age) / max(histories.purchases, 1), 1e-3)
    starts = [np.array([r, gap * alpha, a, b]) for r, alpha, a, b in STARTS]
    rough = histories.coarse(COARSE_DAYS) if len(histories.repeats) > COARSE_ROWS else None
    return maximise(
        lambda told: model.log_likelihood(Parameters(*told), histories),
        starts,
        weight=float(histories.customers),
        coarse=(lambda told: model.log_likelihood(Parameters(*told), rough)) if rough else None,
    )


def choose(whole: Histories, cut: Summary, window_days: int, held_back: int) -> tuple[list[Candidate], Trial | None]:
    """The models, at most one of which serves, and the rule's own trial where there is held-back time.

    Args:
        whole: All histories, for the fit that serves.
        cut: What was known before the held-back time, for the trial.
        window_days: Days from the first purchase of all.
        held_back: Days held back, 0 for none.
    """
    before, _ = Histories.of(cut.repeats, cut.last_days, cut.age_days, unit_days=whole.unit_days)
    rule = None
    if held_back and before.customers:
        rule = try_out(OWN_RATE, own_rate(before), cut, held_back, whole.unit_days)
    refused = _gate(whole, before, window_days, held_back)
    if refused or rule is None:
        return [Candidate(model, None, None, refused or _too_short(window_days)) for model in MODELS], rule
    found = [_candidate(model, whole, before, cut, held_back) for model in MODELS]
    tried = [one for one in found if one.trial and not one.verdict.code]
    best = max(tried, key=lambda one: _score(one.trial), default=None)
    return [_judged(one, best, rule) for one in found], rule


def _gate(whole: Histories, before: Histories, window_days: int, held_back: int) -> Verdict | None:
    numbers: dict[str, Any] = {"customers": whole.customers}
    if not whole.purchases:
        return Verdict(False, "no_repeats", words.NO_REPEATS, numbers)
    learned = before if held_back else whole
    if learned.customers < FEWEST_CUSTOMERS:
        numbers = {"customers": learned.customers, "needed": FEWEST_CUSTOMERS}
        return Verdict(False, "too_few_customers", words.TOO_FEW_CUSTOMERS, numbers)
    if learned.repeaters < FEWEST_REPEATERS:
        numbers = {"repeaters": learned.repeaters, "needed": FEWEST_REPEATERS}
        return Verdict(False, "too_few_repeaters", words.TOO_FEW_REPEATERS, numbers)
    return None if held_back else _too_short(window_days)


def _too_short(window_days: int) -> Verdict:
    return Verdict(False, "too_short", words.TOO_SHORT, {"days": window_days, "needed": 3 * FEWEST_HOLDOUT_DAYS})


def _candidate(model: DropoutModel, whole: Histories, before: Histories, cut: Summary, held_back: int) -> Candidate:
    early, late = fit(model, before), fit(model, whole)
    trial = try_out(model, Parameters(*early.parameters), cut, held_back, whole.unit_days)
    code, text = _fault(early) if early.trouble else _fault(late)
    return Candidate(model, trial, late, Verdict(False, code, text))


def _fault(found: Fit) -> tuple[str, Text]:
    """What is wrong with an optimum; no code for a proper one."""
    if not found.trouble:
        return "", words.UNSETTLED
    told = Parameters(*found.parameters)
    if told.r > ALIKE:
        return "alike", words.ALIKE
    return (
        ("nobody_leaves", words.NOBODY_LEAVES) if told.a / (told.a + told.b) < NEVER else ("unsettled", words.UNSETTLED)
    )


def _judged(one: Candidate, best: Candidate | None, rule: Trial) -> Candidate:
    if one.verdict.code or best is None or one.trial is None:
        return one
    told = one.trial.figures
    numbers: dict[str, Any] = {
        "days": int(told["held_back_days"]), "actual": round(told["actual_orders"]),
        "predicted": round(told["predicted_orders"]), "baseline": round(rule.figures["predicted_orders"]),
    }  # fmt: skip
    code, text = _outcome(one, best, rule)
    return Candidate(one.model, one.trial, one.fit, Verdict(code == "serves", code, text, numbers))


def _outcome(one: Candidate, best: Candidate, rule: Trial) -> tuple[str, Text]:
    if _score(one.trial) < _score(rule):
        return "loses", words.LOSES
    return ("serves", words.SERVES) if one is best else ("other_closer", words.OTHER_CLOSER)


def _score(trial: Trial | None) -> float:
    return round(trial.figures["log_score"], 9) if trial else -np.inf


def try_out(model: DropoutModel, told: Parameters, cut: Summary, held_back: int, unit_days: int) -> Trial:
    """How well a model foretells the held-back time.

    Figures: orders foretold and made by all, the mean absolute error and the correlation over customers, the mean
    log score (of the probability given to what happened; higher is better), and how many ended in their range beside
    how many should have.
    """
    (x, last, age, later), _, count = unique_rows(cut.repeats, cut.last_days, cut.age_days, cut.later)
    histories = Histories(x, last, age, count, unit_days)
    ahead = outlook(model, told, histories, horizon_days=held_back)
    chance = chance_of(model, told, histories, held_back, later)
    inside = (later >= ahead.low) & (later <= ahead.high)
    total = float(count.sum())
    figures = {
        "held_back_days": float(held_back),
        "customers": total,
        "actual_orders": float(count @ later),
        "predicted_orders": float(count @ ahead.expected),
        "mean_absolute_error": float(count @ np.abs(ahead.expected - later)) / total,
        "correlation": _correlation(ahead.expected, later.astype(float), count),
        "log_score": float(count @ np.log(chance)) / total,
        "coverage": float(count @ inside) / total,
        "coverage_expected": float(count @ ahead.held) / total,
    }
    return Trial(
        model, told, {name: round(one, 6) for name, one in figures.items()}, _bins(ahead.expected, later, count)
    )


def _correlation(one: Floats, other: Floats, count: Ints) -> float:
    one, other = one - np.average(one, weights=count), other - np.average(other, weights=count)
    spread = float((count @ one**2) * (count @ other**2))
    return float(count @ (one * other) / np.sqrt(spread)) if spread > 1e-18 else 0.0


def _bins(expected: Floats, later: Ints, count: Ints) -> tuple[Bin, ...]:
    """Ten bins of customers by what was expected; equal expectations share a bin."""
    _, place = np.unique(np.round(expected, 9), return_inverse=True)
    of_value = np.bincount(place, weights=count)
    tenth = np.ceil(10 * np.cumsum(of_value) / of_value.sum() - 1e-9)[place]
    found = []
    for number in np.unique(tenth):
        some = tenth == number
        size = float(count[some].sum())
        mean, came = float(count[some] @ expected[some]) / size, float(count[some] @ later[some]) / size
        found.append(Bin(int(size), round(mean, 6), round(came, 6)))
    return tuple(found)
