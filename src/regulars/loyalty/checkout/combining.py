"""The best combination: every one that is allowed is tried, and what takes most off is chosen. Pure.

Benefits count first, each of the whole bill; then coupons, percentages before amounts, each of what is left; points
pay last. A benefit that stands alone goes with nothing else that takes off the same part of the bill.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from regulars.loyalty.benefits.rules import AppliedBenefit, Part
from regulars.loyalty.checkout.rules import Chosen
from regulars.loyalty.checkout.terms import CheckoutTerms
from regulars.loyalty.coupons.rules import CouponRefused, OfferKind, Promise

TakesOff = Callable[[Promise, int], int]
"""What a coupon takes off when so much is left to pay; raises CouponRefused."""

MOST_TRIED: Final = 10
"""Benefits on the same part of a bill that are tried in every way; of more, those that take most off."""


@dataclass(frozen=True, slots=True)
class _Mix:
    """Benefits and coupons that go together, and what all of them take off."""

    benefits: tuple[AppliedBenefit, ...]
    coupons: tuple[tuple[Promise, int], ...]
    off_minor: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """The more it takes off the better; then the more gifts; then the fewer that are used up."""
        gifts = sum(promise.terms.kind is OfferKind.GIFT for promise, _ in self.coupons)
        return self.off_minor, gifts, -len(self.coupons) - len(self.benefits)


def best(
    coupons: Sequence[Promise],
    benefits: Sequence[AppliedBenefit],
    *,
    paid: int,
    terms: CheckoutTerms,
    takes_off: TakesOff,
) -> Chosen:
    """The combination that takes most off a bill; among equals, coupons that end first.

    Args:
        coupons: Those that apply to the bill when each is used alone.
        benefits: The same; what takes nothing off is nothing to choose.
        paid: What the bill comes to before any of them, minor units.
    """
    of_part = {part: [one for one in benefits if one.off_minor and one.benefit.effect.part is part] for part in Part}
    shipping = max(_sets(of_part[Part.SHIPPING]), key=_off, default=())
    ordered = sorted(_distinct(coupons), key=_in_turn)
    found = _Mix((), (), 0)
    for own in _sets(of_part[Part.ORDER]):
        off = min(_off(own), paid)
        for some in _baskets_of(ordered, own, terms):
            try:
                used = tuple(_chain(some, paid - off, takes_off))
            except CouponRefused:
                continue
            mix = _Mix(own, used, off + sum(one for _, one in used))
            if mix.rank > found.rank:
                found = mix
    whole = _Mix((*found.benefits, *shipping), found.coupons, min(paid, found.off_minor + _off(shipping)))
    return Chosen(
        tuple((promise.code, off) for promise, off in whole.coupons),
        tuple((one.benefit.code, one.off_minor) for one in whole.benefits),
        whole.off_minor,
        paid - whole.off_minor,
        dict(_why(whole, coupons, [one for one in benefits if one.off_minor], paid, terms, takes_off)),
    )


def _off(benefits: Iterable[AppliedBenefit]) -> int:
    return sum(one.off_minor for one in benefits)


def _sets(benefits: Sequence[AppliedBenefit]) -> Iterator[tuple[AppliedBenefit, ...]]:
    """Every set of benefits on one part that may go together; of sets that take as much off, the first."""
    friendly = [one for one in benefits if not one.benefit.alone]
    friendly = sorted(friendly, key=lambda one: -one.off_minor)[:MOST_TRIED]
    seen = set()
    for size in range(len(friendly) + 1):
        for some in combinations(friendly, size):
            if (off := _off(some)) not in seen:
                seen.add(off)
                yield some
    yield from ((one,) for one in benefits if one.benefit.alone)


def _baskets_of(
    coupons: Sequence[Promise], benefits: tuple[AppliedBenefit, ...], terms: CheckoutTerms
) -> Iterator[tuple[Promise, ...]]:
    """Every set of coupons that may go with these benefits."""
    most = terms.coupons if _go_together(benefits, terms) else 0
    for size in range(most + 1):
        yield from combinations(coupons, size)


def _go_together(benefits: Sequence[AppliedBenefit], terms: CheckoutTerms) -> bool:
    """Whether a coupon goes with these benefits, as far as they take something off the order."""
    order = [one for one in benefits if one.benefit.effect.part is Part.ORDER]
    return not order or (terms.with_benefits and not any(one.benefit.alone for one in order))


def _distinct(coupons: Sequence[Promise]) -> list[Promise]:
    """Of coupons on the same terms the one that ends first; several, as far as several can be used."""
    seen: dict[object, int] = {}
    found = []
    for one in sorted(coupons, key=lambda one: (one.expires_at, one.coupon_id)):
        seen[one.terms] = seen.get(one.terms, 0) + 1
        if seen[one.terms] <= 3:
            found.append(one)
    return found


def _in_turn(promise: Promise) -> tuple[int, object, int]:
    kinds = (OfferKind.PERCENT_OFF, OfferKind.AMOUNT_OFF, OfferKind.GIFT)
    return kinds.index(promise.terms.kind), promise.expires_at, promise.coupon_id


def _chain(coupons: Sequence[Promise], left: int, takes_off: TakesOff) -> Iterator[tuple[Promise, int]]:
    for one in coupons:
        off = takes_off(one, left)
        left -= off
        yield one, off


def _why(
    chosen: _Mix, coupons: Sequence[Promise], benefits: Sequence[AppliedBenefit], paid: int, terms: CheckoutTerms,
    takes_off: TakesOff,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """(code, why) of each that applies when used alone and is left out all the same."""
    used = {promise.code for promise, _ in chosen.coupons}
    left = paid - chosen.off_minor
    for one in coupons:
        if one.code in used:
            continue
        if len(used) >= terms.coupons:
            yield one.code, "enough_coupons" if used else "no_coupons"
        elif not _go_together(chosen.benefits, terms):
            yield one.code, "not_with_benefit"
        else:
            try:
                takes_off(one, left)
            except CouponRefused:
                yield one.code, "below_after_others"
            else:
                yield one.code, "takes_less"
    had = {one.benefit.code for one in chosen.benefits}
    for benefit in benefits:
        if benefit.benefit.code in had:
            continue
        part = benefit.benefit.effect.part
        beside = [one for one in chosen.benefits if one.benefit.effect.part is part]
        if part is Part.ORDER and used and not _go_together([benefit], terms):
            yield benefit.benefit.code, "not_with_coupon"
        elif beside and (benefit.benefit.alone or any(one.benefit.alone for one in beside)):
            yield benefit.benefit.code, "not_with_benefit"
        else:
            yield benefit.benefit.code, "takes_less"
