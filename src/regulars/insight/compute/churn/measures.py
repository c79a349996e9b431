"""How well a risk told beforehand agrees with what happened: order, distance, honesty, and use.

Every measure gives ties the same treatment whatever the order of the rows, and a number even where all stayed or all
left (an AUC of one half, a lift of one), so that no figure is ever NaN.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from regulars.insight.compute.cards import Bin

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = NDArray[np.int64]

BINS = 10
SURE = 1e-6
"""Risks are never told as surer than this, since a single surprise would then cost an infinite log loss."""


def auc(lost: Flags, risk: Floats) -> float:
    """Area under the ROC curve: how often one who left had the higher risk of the two (Mann-Whitney, ties one half)."""
    left, stayed = int(lost.sum()), int((~lost).sum())
    if not left or not stayed:
        return 0.5
    _, place, count = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[lost].sum() - left * (left + 1) / 2) / (left * stayed))


def brier(lost: Flags, risk: Floats) -> float:
    """Mean squared distance between risk and outcome (Brier 1950)."""
    return float(np.mean((risk - lost) ** 2)) if len(lost) else 0.0


def losses(lost: Flags, risk: Floats) -> Floats:
    """The log loss of each customer, in nats."""
    sure = np.clip(risk, SURE, 1 - SURE)
    return np.asarray(-np.where(lost, np.log(sure), np.log1p(-sure)), dtype=np.float64)


def log_loss(lost: Flags, risk: Floats) -> float:
    """Mean log loss, in nats."""
    return float(losses(lost, risk).mean()) if len(lost) else 0.0


def bins(lost: Flags, risk: Floats, count: int = BINS) -> tuple[Bin, ...]:
    """The calibration curve over bins of about equally many customers; equal risks share a bin."""
    if not len(lost):
        return ()
    edges = np.unique(np.quantile(risk, np.arange(1, count) / count))
    place = np.searchsorted(edges, risk, side="right")
    return tuple(
        Bin(int(here.sum()), float(risk[here].mean()), float(lost[here].mean()))
        for here in (place == index for index in range(len(edges) + 1))
        if here.any()
    )


def calibration_error(curve: tuple[Bin, ...]) -> float:
    """Mean distance between told and happened over the bins, weighted by customers (Naeini et al. 2015)."""
    customers = sum(bin.count for bin in curve)
    return sum(bin.count * abs(bin.predicted - bin.actual) for bin in curve) / customers if customers else 0.0


def top_decile_lift(lost: Flags, risk: Floats) -> float:
    """How many times the average share of leavers is found in the tenth with the highest risk.

    Customers tied at the edge of the tenth count with their average, so that their order does not matter.
    """
    tenth = len(lost) / 10
    if not lost.any():
        return 1.0
    values, place = np.unique(-risk, return_inverse=True)
    size = np.bincount(place, minlength=len(values))
    left = np.bincount(place, weights=lost, minlength=len(values))
    taken = np.clip(tenth - (np.cumsum(size) - size), 0, size)
    return float((taken / size * left).sum() / tenth / lost.mean())


def figures(lost: Flags, risk: Floats, fold: Whole) -> dict[str, float]:
    """All measures by name. The AUC is the mean over the folds, since each fold had a model of its own."""
    folds = [fold == one for one in np.unique(fold)]
    return {
        "auc": float(np.mean([auc(lost[here], risk[here]) for here in folds])) if folds else 0.5,
        "brier": brier(lost, risk),
        "log_loss": log_loss(lost, risk),
        "calibration_error": calibration_error(bins(lost, risk)),
        "top_decile_lift": top_decile_lift(lost, risk),
    }
