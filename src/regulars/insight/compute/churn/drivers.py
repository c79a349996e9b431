"""What moves the risk of whole groups: the mean effect of each feature within a segment, channel or stage."""

from dataclasses import dataclass

import numpy as np

from regulars.insight.compute.churn.design import Choice
from regulars.insight.compute.churn.measures import Floats

SMALLEST = 5
"""Smaller groups get no drivers: a mean over three customers is an anecdote."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One feature in one group.

    Attributes:
        grouping, group: Such as 'main_channel' and 'online'.
        customers: With a risk, in the group.
        risk: Their mean risk.
        effect: Mean effect on the log odds against all customers: above 0 the feature raises this group's risk.
    """

    grouping: str
    group: str
    customers: int
    risk: float
    feature: str
    effect: float


def drivers(groupings: dict[str, Choice], risk: Floats, effects: Floats, features: tuple[str, ...]) -> list[Driver]:
    """By grouping and group, the strongest feature first. Where all are of one group there is nothing to compare."""
    found: list[Driver] = []
    for grouping, chosen in sorted(groupings.items()):
        kinds = chosen.common(len(chosen.kinds), 0)
        for kind in sorted(kinds) if len(kinds) > 1 else ():
            here = chosen.is_kind(kind)
            count = int(here.sum())
            if count < SMALLEST:
                continue
            means = np.round(effects[here].mean(axis=0), 6) + 0.0  # never -0.0
            mean_risk = round(float(risk[here].mean()), 6)
            ordered = np.argsort(-np.abs(means), kind="stable")
            found += [Driver(grouping, kind, count, mean_risk, features[at], float(means[at])) for at in ordered]
    return found
