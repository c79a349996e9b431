"""What an experiment of a size can show: the smallest effect seen four times in five, before launch and after."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final

from regulars.core.bilingual import Text
from regulars.experiments.rules import LEVEL, WHOLE_BASIS, Verdict, basis_points

POWER: Final = 0.8
SEEN: Final = NormalDist().inv_cdf((1 + LEVEL) / 2) + NormalDist().inv_cdf(POWER)
"""Standard errors that an effect must have to be seen with 80 % power at 5 %: 2.80."""
FEWEST_PEOPLE: Final = 30
FEWEST_BUYERS: Final = 5
"""Below so many held out, or so many buyers expected among them (Cochran's five), nothing is said."""

_WHY = Text(
    "留出一成不发，才知道是不是券起了作用。", "A tenth gets nothing, or nobody could tell whether the coupon did it."
)
_SEES = Text(
    "留出 {held_out} 位。人均多花 {smallest_minor}（约 {smallest_share}）以上，"
    "这次基本看得出来；更小的差别要多做几次，合起来看。",
    "{held_out} are held out. A difference of {smallest_minor} per customer (about {smallest_share}) or more would "
    "show; for smaller ones, several campaigns are looked at together.",
)
_SEES_NO_SHARE = Text(
    "留出 {held_out} 位。人均多花 {smallest_minor} 以上，这次基本看得出来；更小的差别要多做几次，合起来看。",
    "{held_out} are held out. A difference of {smallest_minor} per customer or more would show; for smaller ones, "
    "several campaigns are looked at together.",
)
_TOO_FEW = Text(
    "留出的只有 {held_out} 位，其中会来买的大约 {buyers} 位，一次活动看不出效果；"
    "券照样可以发，多做几次合起来就看得出了。",
    "Only {held_out} would be held out, of whom about {buyers} would buy: one campaign cannot show an effect. Send it "
    "all the same; several campaigns together will tell.",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an experiment can show.

    Attributes:
        smallest_minor: Net revenue per customer, in minor units (not rounded).
        smallest_share: The same as a share of what customers spend anyway; None if they spend nothing.
        smallest_conversion: Difference of the shares of buyers.
    """

    customers: int
    held_out: int
    smallest_minor: float
    smallest_share: float | None
    smallest_conversion: float
    verdict: Verdict


def why_held_out() -> Text:
    """One kind sentence for shops to whom leaving people out seems a waste."""
    return _WHY


def before_launch(
    *, customers: int, share_percent: Decimal, mean_minor: float, sd_minor: float, conversion: float
) -> Reach:
    """What a campaign will be able to show, if customers go on as in the time of the same length before.

    Args:
        customers: Of the audience, the hold-out among them.
        mean_minor, sd_minor: Net revenue per customer of the audience in that time, buyers or not.
        conversion: Share of them who bought in it.
    Raises:
        InvalidShare: The share is out of range.
    """
    held_out = round(customers * basis_points(share_percent) / WHOLE_BASIS)
    treated = customers - held_out
    if not held_out or not treated:
        factor = float("inf")
    else:
        factor = SEEN * sqrt(1 / treated + 1 / held_out)
    smallest = factor * sd_minor if sd_minor else 0.0
    conversions = factor * sqrt(conversion * (1 - conversion)) if 0 < conversion < 1 else 0.0
    share = smallest / mean_minor if mean_minor > 0 else None
    buyers = held_out * conversion
    numbers = {"held_out": held_out, "smallest_minor": smallest, "smallest_share": share, "buyers": round(buyers, 1)}
    if is_too_few(held_out=held_out, buyers=buyers):
        verdict = Verdict("too_few", _TOO_FEW, numbers)
    else:
        verdict = Verdict("sees", _SEES if share is not None else _SEES_NO_SHARE, numbers)
    return Reach(customers, held_out, smallest, share, conversions, verdict)


def is_too_few(*, held_out: int, buyers: float) -> bool:
    """Whether a hold-out with so many expected buyers is too small to say anything."""
    return held_out < FEWEST_PEOPLE or buyers < FEWEST_BUYERS


def smallest_effect(standard_error: float) -> float:
    """What an experiment with this standard error sees four times in five."""
    return SEEN * standard_error


def customers_for(*, effect: float, customers: int, standard_error: float) -> int | None:
    """How many customers it takes to see an effect, if they are like these; None: there is no effect to be seen.

    Args:
        customers: Of the experiment whose standard error is known.
    """
    return ceil(customers * (smallest_effect(standard_error) / effect) ** 2) if effect else None
