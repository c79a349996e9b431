"""Points as a material right: revenue shared by relative stand-alone selling prices (IFRS 15, B39–B43).

Money is whole minor units of any currency; every rounding is half up and leaves no rest, since the second share is
what the first leaves.
"""

from dataclasses import dataclass
from fractions import Fraction

from regulars.core.errors import DomainError


class NothingToShare(DomainError):
    """Neither the products nor the points have a price, so revenue cannot be shared between them."""

    code = "nothing_to_share"


@dataclass(frozen=True, slots=True)
class Shares:
    """A price divided: what the products earn at once, and what is deferred for the points."""

    products: int
    points: int


def share_price(*, price: int, products_alone: int, points_alone: int) -> Shares:
    """Divide what customers paid over the products and the points that came with them (B42, IE267–IE270).

    Args:
        price: What was paid for both, minor units, >= 0.
        products_alone: Stand-alone selling price of the products, minor units.
        points_alone: Stand-alone selling price of the points, less what is expected never to be used, minor units.
    Raises:
        NothingToShare: Both stand-alone prices are zero.
    """
    whole = products_alone + points_alone
    if whole <= 0:
        raise NothingToShare("Products and points have no price of their own.")
    products = _nearest(Fraction(price * products_alone, whole))
    return Shares(products, price - products)


def points_alone(*, points: int, redeemed_share: Fraction, minor_per_point: Fraction) -> int:
    """Stand-alone price of points: what one is worth at the till, times those that are expected to be used (B42)."""
    return _nearest(points * redeemed_share * minor_per_point)


def recognised(*, deferred: int, redeemed: int, expected: int) -> int:
    """Revenue of the points so far: deferred × redeemed so far / redeemed expected in all (IE270).

    The expectation may change each year; what was recognised before is then taken off by the caller, so that the change
    falls into the year in which it is known.

    Args:
        deferred: What was deferred for these points, minor units.
        redeemed: Points used so far.
        expected: Points expected to be used in all; never less than those used.
    """
    if expected <= 0:
        return deferred
    return min(deferred, _nearest(Fraction(deferred * redeemed, max(redeemed, expected))))


def _nearest(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)
