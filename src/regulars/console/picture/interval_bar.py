"""An estimate with its interval as a bar over a line with nought on it, drawn by the server."""

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Final

from regulars.console.campaigns.words import FARTHEST_SHOWN, money

WIDTH: Final = 600.0
MARGIN: Final = 28.0
FEWEST_TICKS: Final = 3


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the line, with its words; `edge` keeps the words inside the picture."""

    x: float
    label: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """Where everything is, from 0 to WIDTH. `tone` is good, bad or '' for an interval with nought in it."""

    low: float
    point: float
    high: float
    tone: str
    ticks: tuple[Tick, ...]
    planted: float | None = None

    @property
    def range(self) -> float:
        """How wide the bar is."""
        return max(2.0, self.high - self.low)


def interval_bar(
    low: float, point: float, high: float, currency: str, *, planted: float | None = None
) -> IntervalBar | None:
    """The picture of an interval of money in minor units; None where an end is nowhere.

    Args:
        planted: What is known to be true, for a demo.
    """
    ends = [low, point, high]
    if not all(isfinite(one) and abs(one) < FARTHEST_SHOWN for one in ends):
        return None
    shown = [*ends, 0.0, *([planted] if planted is not None else [])]
    step = _step(max(shown) - min(shown))
    first, last = floor(min(shown) / step) * step, ceil(max(shown) / step) * step
    if first == last:
        first, last = first - step, last + step

    def x(value: float) -> float:
        return MARGIN + (value - first) / (last - first) * (WIDTH - 2 * MARGIN)

    count = round((last - first) / step)
    ticks = tuple(
        Tick(x(value), money(value, currency).removesuffix(".00"), abs(value) < step / 2)
        for value in (first + place * step for place in range(count + 1))
    )
    tone = "good" if low > 0 else "bad" if high < 0 else ""
    return IntervalBar(x(low), x(point), x(high), tone, ticks, None if planted is None else x(planted))


def _step(span: float) -> float:
    """A round distance between ticks, of which three to six fit."""
    if span <= 0:
        return 100.0
    rough = span / FEWEST_TICKS
    power = 10 ** floor(log10(rough))
    return float(max(step for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power) if step <= rough))
