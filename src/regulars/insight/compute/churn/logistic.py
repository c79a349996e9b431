"""Regularised logistic regression: what serves unless something else is clearly better, since its reasons are exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from regulars.insight.compute.churn.design import Attributes, Term, as_json, from_json, matrix, terms
from regulars.insight.compute.churn.measures import Flags, Floats, Whole

INVERSE_PENALTY = 0.3
"""scikit-learn's C: ridge on standardised terms, intercept free. Strong enough that terms which say the same share the
weight instead of pulling against each other, weak enough to cost nothing from a few hundred customers on."""


def sigmoid(log_odds: Floats) -> Floats:
    """1 / (1 + e^-x), without overflow at either end."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


@dataclass(frozen=True, slots=True)
class Logistic:
    """log odds of leaving = intercept + Σ coefficient × standardised term. The numbers are calibrated already."""

    terms: tuple[Term, ...]
    coefficients: Floats
    intercept: float

    @property
    def features(self) -> tuple[str, ...]:
        """The columns it looks at, once each."""
        return tuple(dict.fromkeys(term.feature for term in self.terms))

    def log_odds(self, told: Attributes) -> Floats:
        """Before the sigmoid."""
        # Term by term, since the whole matrix of a million customers would be held only to be summed.
        weighted = zip(self.coefficients, self.terms, strict=True)
        return sum((weight * term.standardised(told) for weight, term in weighted), np.full(len(told), self.intercept))

    def risk(self, told: Attributes) -> Floats:
        """The probability of leaving."""
        return sigmoid(self.log_odds(told))

    def effects(self, told: Attributes) -> Floats:
        """Customers × features: how far each lifts (+) or lowers (-) the log odds against their average.

        The sum over a feature's terms of coefficient × (standardised value - average standardised value). A row sums to
        the customer's log odds less the average log odds.
        """
        names = self.features
        effects = np.zeros((len(told), len(names)))
        for weight, term in zip(self.coefficients, self.terms, strict=True):
            standardised = term.standardised(told)
            effects[:, names.index(term.feature)] += weight * (standardised - standardised.mean())
        return effects

    def parameters(self) -> dict[str, float]:
        """For the model card: the coefficients a standard deviation."""
        named = {term.name: float(coefficient) for term, coefficient in zip(self.terms, self.coefficients, strict=True)}
        return {"intercept": self.intercept, **named}

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and words, from which `from_json` makes the same model."""
        coefficients = [float(one) for one in self.coefficients]
        return {
            "kind": "logistic", "terms": as_json(self.terms), "coefficients": coefficients, "intercept": self.intercept,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Logistic":
        """The model of `as_json`."""
        coefficients = np.array(kept["coefficients"], dtype=np.float64)
        return cls(from_json(kept["terms"]), coefficients, float(kept["intercept"]))


def fit(told: Attributes, lost: Flags, fold: Whole) -> Logistic:
    """Fit, then calibrate on predictions for folds that were held back (Platt 1999).

    Args:
        fold: A number a row; the rows of one customer share it, so that nobody is predicted from themselves.
    """
    raw = _fit(told, lost)
    slope, shift = platt(held_back(told, lost, fold), lost)
    return Logistic(raw.terms, raw.coefficients * slope, raw.intercept * slope + shift)


def _fit(told: Attributes, lost: Flags) -> Logistic:
    shape = terms(told)
    if lost.all() or not lost.any() or not shape:
        return Logistic((), np.zeros(0), _base_log_odds(lost))
    columns = matrix(told, shape)
    fitted = LogisticRegression(C=INVERSE_PENALTY, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(columns, lost)
    return Logistic(shape, np.asarray(fitted.coef_[0], dtype=np.float64), float(fitted.intercept_[0]))


def _base_log_odds(lost: Flags) -> float:
    # One imagined customer on each side keeps the odds finite.
    return float(np.log((lost.sum() + 1) / ((~lost).sum() + 1)))


def held_back(told: Attributes, lost: Flags, fold: Whole) -> Floats:
    """The log odds of each row from a model that did not see its fold."""
    log_odds = np.full(len(lost), _base_log_odds(lost))
    for one in np.unique(fold):
        here = fold == one
        if not here.all():
            log_odds[here] = _fit(told[~here], lost[~here]).log_odds(told[here])
    return log_odds


def platt(log_odds: Floats, lost: Flags) -> tuple[float, float]:
    """(slope, shift) that make log odds honest: calibrated = slope × told + shift.

    The slope never turns the order round, and there is nothing to learn where all left or all stayed.
    """
    if lost.all() or not lost.any() or float(np.ptp(log_odds)) < 1e-9:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(log_odds[:, None], lost)
    slope = float(fitted.coef_[0, 0])
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (0.0, _base_log_odds(lost))
