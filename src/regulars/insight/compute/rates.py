"""Shares of customers, with the counts behind them and how far chance may have moved them."""

from dataclasses import dataclass
from functools import cache
from math import sqrt
from statistics import NormalDist

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many. Nothing can be said of nobody: share and ends are None where `of` is 0."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1."""
        return self.count / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """Lower end of the 95 % interval."""
        return wilson(self.count, self.of)[0] if self.of else None

    @property
    def high(self) -> float | None:
        """Upper end of the 95 % interval."""
        return wilson(self.count, self.of)[1] if self.of else None

    @property
    def rest(self) -> "Rate":
        """All the others: churn, where this is retention."""
        return Rate(self.of - self.count, self.of)


def wilson(count: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): within 0..1, and honest for few customers and for shares of 0 or 1.

    Raises:
        ValueError: Unless 0 <= count <= of and of > 0.
    """
    if not 0 <= count <= of or of == 0:
        raise ValueError(f"{count} of {of} is no share.")
    z = normal_quantile(level)
    share, square = count / of, z * z / of
    middle, half = share + square / 2, z * sqrt(share * (1 - share) / of + square / (4 * of))
    low, high = (middle - half) / (1 + square), (middle + half) / (1 + square)
    return (0.0 if count == 0 else max(0.0, low), 1.0 if count == of else min(1.0, high))


@cache
def normal_quantile(level: float) -> float:
    """The z of a two-sided interval: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)
