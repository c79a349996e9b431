"""Contenders side by side on time, or customers, that none of them saw."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from regulars.insight.compute.churn import measures
from regulars.insight.compute.churn.design import Attributes
from regulars.insight.compute.churn.gate import EACH_OUTCOME, TESTED_OUTCOME
from regulars.insight.compute.churn.measures import Flags, Floats, Whole
from regulars.insight.compute.churn.observations import Observations
from regulars.insight.compute.churn.threshold import Costs, use

TESTED_CUTS = 3


class Model(Protocol):
    """What tells a risk and says why."""

    @property
    def features(self) -> tuple[str, ...]:
        """The columns it looks at."""

    def risk(self, told: Attributes) -> Floats:
        """The probability of leaving."""

    def effects(self, told: Attributes) -> Floats:
        """Customers × features: log odds against the usual."""

    def parameters(self) -> dict[str, float]:
        """For the model card."""

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and words."""


Contender: TypeAlias = Callable[[Observations], Model]
Split: TypeAlias = tuple[Flags, Flags]


@dataclass(frozen=True, slots=True)
class Trial:
    """What happened on the held-back rows, and the risk that each contender had told.

    Attributes:
        fold: Which test each row belongs to.
        risk: By contender.
    """

    lost: Flags
    value_minor: Floats
    fold: Whole
    risk: Mapping[str, Floats]

    @property
    def kept_value_minor(self) -> float:
        """What those who stayed brought on average."""
        stayed = self.value_minor[~self.lost]
        return float(stayed.mean()) if len(stayed) else 0.0

    def figures(self, name: str) -> dict[str, float]:
        """How well one contender did."""
        return measures.figures(self.lost, self.risk[name], self.fold)

    def card_figures(self, name: str, costs: Costs) -> dict[str, float]:
        """For the model card: the contender, the baseline, and what the threshold by cost would have brought."""
        baseline = {f"baseline_{measure}": value for measure, value in self.figures("baseline").items()}
        counts = {"rows": len(self.lost), "folds": len(np.unique(self.fold)), "lost_share": float(self.lost.mean())}
        value = self.kept_value_minor if costs.value_minor is None else costs.value_minor
        if value <= 0:
            return {**self.figures(name), **baseline, **counts}
        pays = use(self.lost, self.risk[name], costs, value)
        return {**self.figures(name), **baseline, **counts, **pays, "value_at_risk_minor": float(value)}


def run(rows: Observations, splits: Iterable[Split], contenders: Mapping[str, Contender]) -> Trial:
    """Fit every contender on the first rows of each split and let it tell the risk of the second."""
    tested, told = [], []
    for train, test in splits:
        tested.append(rows[test])
        told.append({name: fit(rows[train]).risk(rows[test].attributes) for name, fit in contenders.items()})
    return Trial(
        np.concatenate([part.lost for part in tested]),
        np.concatenate([part.value_minor for part in tested]),
        np.concatenate([part.cut for part in tested]),
        {name: np.concatenate([part[name] for part in told]) for name in contenders},
    )


def by_time(rows: Observations) -> list[Split]:
    """Each of the last cuts, tested by what was known before it: horizons do not overlap, so no label looks ahead.

    Only where there is enough of both outcomes on either side; so none at all in a small shop.
    """
    days = np.unique(rows.cut)
    splits = [(rows.cut < day, rows.cut == day) for day in days[1:][-TESTED_CUTS:]]
    return [
        (train, test)
        for train, test in splits
        if min(outcomes(rows[train])) >= EACH_OUTCOME and min(outcomes(rows[test])) >= TESTED_OUTCOME
    ]


def outcomes(rows: Observations) -> tuple[int, int]:
    """(lost, stayed)."""
    lost = int(rows.lost.sum())
    return lost, len(rows) - lost


def by_fold(rows: Observations) -> list[Split]:
    """Each fold in turn, tested by all others, for tables that have no past."""
    return [(rows.cut != fold, rows.cut == fold) for fold in np.unique(rows.cut)]
