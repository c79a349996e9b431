"""What a campaign brought: treated against held out, everyone in the arm that they were given (intention to treat).

Per customer: who bought at all, orders, and net revenue, each with a 95 % interval and p (`means`). In money: the
difference times the treated, less what the campaign cost. The verdict is about money and is given once, when the window
is over: whoever looks every day and stops at the first good figure finds effects that are not there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from math import ceil, isfinite
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.experiments import words
from regulars.experiments.means import Comparison, Difference
from regulars.experiments.moments import Moments
from regulars.experiments.power import customers_for, is_too_few, smallest_effect
from regulars.experiments.ratio import Check, check, contamination
from regulars.experiments.rules import Interval, Verdict
from regulars.experiments.sums import Sums

FARTHEST_MINOR: Final = 10**18
"""An end that is nowhere is told as this."""
_UNKNOWN: Final = Interval(0.0, float("-inf"), float("inf"), 1.0)
MOST_TIMES: Final = 50
"""More campaigns than this are not worth naming."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a campaign cost, in minor units.

    Attributes:
        coupons_minor: What redemptions cost beyond what net revenue shows: gifts at their cost. A discount is no part
            of what was paid, so net revenue is lower by it already, and it would be taken off twice.
        messages_minor: Of sending.
        discounts_minor: What was taken off bills: told, not subtracted.
    """

    coupons_minor: int = 0
    messages_minor: int = 0
    discounts_minor: int = 0

    @property
    def whole_minor(self) -> int:
        """What is subtracted."""
        return self.coupons_minor + self.messages_minor


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure per customer, in both arms.

    Attributes:
        outcome: 'conversion' (share of buyers), 'orders', or 'revenue' (minor units).
        treated, held_out: Means per customer as they are; CUPED moves `difference.point` away from theirs.
        error: Standard error that there would be without any effect.
        theta, less: CUPED's factor, and the share of the variance that it takes away; 0 where it is not used.
    """

    outcome: str
    treated: float
    held_out: float
    difference: Interval
    error: float
    theta: float
    less: float


@dataclass(frozen=True, slots=True)
class Gain:
    """净增, in whole minor units: what the treated brought more, and what remains of it after costs."""

    incremental: Interval
    costs: Costs
    net_minor: int
    low_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is said of an experiment. `smallest_minor` per customer is seen four times in five at this size.

    `needed` customers would show the difference that was found, were it the true one; None where it is nought or the
    number is beyond reason.
    """

    treated: int
    held_out: int
    conversion: Effect
    orders: Effect
    revenue: Effect
    gain: Gain
    smallest_minor: float
    needed: int | None
    ratio: Check
    contamination: Verdict
    verdict: Verdict
    is_over: bool


def report(
    sums: Sums,
    *,
    share_percent: Decimal,
    costs: Costs = Costs(),
    used_coupon: int = 0,
    reached: int = 0,
    ends: date | None = None,
    is_over: bool = True,
) -> Report:
    """What the sums say.

    Args:
        share_percent: That was to be held out.
        used_coupon, reached: Held-out customers who used the campaign's coupon or got its message.
        ends: Last day of the window, for the words, as long as it is not over.
    """
    treated, held_out = sums.treated, sums.held_out
    conversion = _effect("conversion", Moments.of_conversion(treated), Moments.of_conversion(held_out), adjusted=False)
    orders = _effect("orders", Moments.of(treated, treated.orders), Moments.of(held_out, held_out.orders))
    revenue = _effect("revenue", Moments.of(treated, treated.revenue), Moments.of(held_out, held_out.revenue))
    found = Report(
        treated=treated.customers,
        held_out=held_out.customers,
        conversion=conversion,
        orders=orders,
        revenue=revenue,
        gain=_gain(revenue, treated.customers, costs),
        smallest_minor=smallest_effect(revenue.error),
        needed=customers_for(effect=revenue.difference.point, customers=sums.customers, standard_error=revenue.error),
        ratio=check(treated=treated.customers, held_out=held_out.customers, share_percent=share_percent),
        contamination=contamination(held_out=held_out.customers, used_coupon=used_coupon, reached=reached),
        verdict=Verdict("", words.NOBODY),
        is_over=is_over,
    )
    buyers = (treated.buyers + held_out.buyers) * held_out.customers / max(sums.customers, 1)
    return replace(found, verdict=_verdict(found, buyers, ends))


def _effect(outcome: str, treated: Moments, held_out: Moments, *, adjusted: bool = True) -> Effect:
    if not treated.n or not held_out.n:
        return Effect(outcome, float(treated.mean), float(held_out.mean), _UNKNOWN, float("inf"), 0.0, 0.0)
    found = Comparison(treated, held_out, covariate=adjusted).solve()
    return Effect(
        outcome, float(treated.mean), float(held_out.mean), _interval(found), float(found.error_if_none),
        float(found.adjustment.theta), float(found.adjustment.less),
    )  # fmt: skip


def _interval(found: Difference) -> Interval:
    return Interval(*(float(one) for one in (found.point, found.low, found.high, found.p)))


def _gain(revenue: Effect, treated: int, costs: Costs) -> Gain:
    one = revenue.difference
    times = Interval(one.point * treated, one.low * treated, one.high * treated, one.p) if treated else _UNKNOWN
    net, low, high = (_whole(end - costs.whole_minor) for end in (times.point, times.low, times.high))
    return Gain(times, costs, net, low, high)


def _verdict(found: Report, buyers: float, ends: date | None) -> Verdict:
    """What the figures say about money; `buyers` is how many of the held out would buy, were there no effect."""
    gain = found.gain
    if not found.treated:
        return Verdict("nobody", words.NOBODY)
    if not found.held_out:
        return Verdict("no_hold_out", words.NO_HOLD_OUT)
    if found.ratio.alarms:
        return Verdict("uneven", words.UNEVEN, found.ratio.verdict.numbers)
    if not found.is_over:
        return Verdict("running", words.RUNNING, {"ends": ends.isoformat() if ends else "…"})
    if is_too_few(held_out=found.held_out, buyers=buyers):
        return Verdict("too_few", words.TOO_FEW, {"held_out": found.held_out})
    numbers: dict[str, Any] = {
        "treated": found.treated,
        "incremental_minor": _whole(gain.incremental.point),
        "net_minor": gain.net_minor,
        "low_minor": gain.low_minor,
        "high_minor": gain.high_minor,
    }
    if gain.low_minor > 0:
        return Verdict("earned", words.EARNED, numbers)
    if gain.high_minor < 0:
        return Verdict("lost", words.LOST, numbers)
    numbers["smallest_minor"] = _whole(found.smallest_minor)
    times = ceil(found.needed / (found.treated + found.held_out)) if found.needed else 0
    if 1 < times <= MOST_TIMES:
        numbers |= {"needed": found.needed, "times": times}
        return Verdict("cannot_tell", words.CANNOT_TELL_NEEDS, numbers)
    return Verdict("cannot_tell", words.CANNOT_TELL, numbers)


def _whole(minor: float) -> int:
    """Whole minor units; what has no end is as far as amounts go."""
    return round(max(-FARTHEST_MINOR, min(FARTHEST_MINOR, minor)))


def as_json(found: Report) -> dict[str, Any]:
    """To be kept; ends that are nowhere are None."""
    told: dict[str, Any] = _finite(asdict(found))
    return told


def read(told: Mapping[str, Any]) -> Report:
    """What `as_json` wrote."""
    effects = {
        name: Effect(
            **{
                **told[name],
                "error": _end(told[name]["error"], 1),
                "difference": _read_interval(told[name]["difference"]),
            }
        )
        for name in ("conversion", "orders", "revenue")
    }
    gain = {
        **told["gain"],
        "incremental": _read_interval(told["gain"]["incremental"]),
        "costs": Costs(**told["gain"]["costs"]),
    }
    return Report(
        **{
            **told,
            **effects,
            "gain": Gain(**gain),
            "smallest_minor": _end(told["smallest_minor"], 1),
            "ratio": Check(**{**told["ratio"], "verdict": _read_verdict(told["ratio"]["verdict"])}),
            "contamination": _read_verdict(told["contamination"]),
            "verdict": _read_verdict(told["verdict"]),
        }
    )


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return None if isinstance(value, float) and not isfinite(value) else value


def _end(value: float | None, sign: int) -> float:
    return sign * float("inf") if value is None else value


def _read_interval(told: Mapping[str, Any]) -> Interval:
    return Interval(told["point"], _end(told["low"], -1), _end(told["high"], 1), told["p"])


def _read_verdict(told: Mapping[str, Any]) -> Verdict:
    return Verdict(told["code"], Text(*told["words"]), told["numbers"])
