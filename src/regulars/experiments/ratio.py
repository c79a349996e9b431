"""Is the draw what it should be? The sizes of the arms, and held-out customers whom the campaign reached."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from scipy import special

from regulars.core.bilingual import Text
from regulars.experiments.rules import WHOLE_BASIS, Verdict, basis_points

ALARM: Final = 0.001
"""p below which the arms are said to be uneven: one experiment in a thousand is, by chance."""

_EVEN = Text(
    "留出的人数和设定的比例相符：应留约 {expected} 位，实际留出 {held_out} 位。",
    "The hold-out has the size that it should: about {expected} customers expected, {held_out} held out.",
)
_UNEVEN = Text(
    "留出的人数不对：应留约 {expected} 位，实际是 {held_out} 位，几乎不可能是偶然。"
    "分组可能出了问题，下面的数字不能当真。",
    "The hold-out has the wrong size: about {expected} customers expected, {held_out} found, which chance hardly ever "
    "does. Something went wrong with the draw, so do not rely on the figures.",
)
_CLEAN = Text("留出的顾客里，没有人收到消息或用到券。", "Nobody who was held out got a message or used a coupon.")
_TOUCHED = Text(
    "留出的 {held_out} 位里，有 {coupons} 位用过这次的券，{reached} 位收到过消息。"
    "他们仍算在留出组，所以真实效果往往比算出来的大一些。",
    "Of {held_out} held out, {coupons} used a coupon of this campaign and {reached} were reached. They still count as "
    "held out, so the true effect is likely larger than the measured one.",
)


@dataclass(frozen=True, slots=True)
class Check:
    """How the sizes of the arms fit the share: `p` is the chance of a hold-out at least as far off."""

    expected: float
    held_out: int
    p: float
    verdict: Verdict

    @property
    def alarms(self) -> bool:
        """Whether the arms are uneven beyond chance."""
        return self.p < ALARM


def check(*, treated: int, held_out: int, share_percent: Decimal) -> Check:
    """Sample-ratio check: the exact binomial test of the hold-out's size, the smaller tail doubled.

    Raises:
        InvalidShare: The share is out of range.
    """
    customers, share = treated + held_out, basis_points(share_percent) / WHOLE_BASIS
    if customers == 0 or share == 0:
        p = 1.0 if held_out == 0 else 0.0
    else:
        below = float(special.bdtr(held_out, customers, share))
        above = 1.0 if held_out == 0 else float(special.bdtrc(held_out - 1, customers, share))
        p = min(1.0, 2 * min(below, above))
    expected = customers * share
    code, words = ("uneven", _UNEVEN) if p < ALARM else ("even", _EVEN)
    return Check(expected, held_out, p, Verdict(code, words, {"expected": round(expected), "held_out": held_out}))


def contamination(*, held_out: int, used_coupon: int, reached: int) -> Verdict:
    """Held-out customers who used a campaign's coupon, or got its message. They stay in their arm."""
    code, words = ("touched", _TOUCHED) if used_coupon or reached else ("clean", _CLEAN)
    return Verdict(code, words, {"held_out": held_out, "coupons": used_coupon, "reached": reached})
