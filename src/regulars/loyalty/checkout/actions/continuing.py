"""Capturing and releasing what a hold has: points, coupons and benefits, all of it or the parts that are named."""

from collections.abc import Sequence
from datetime import datetime

from regulars.loyalty.actions.commands import NothingLeft, Receipt
from regulars.loyalty.benefits import actions as benefits
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.actions.desk import (
    Desk,
    before,
    keep,
    moment,
    points,
    same_again,
    spendable_now,
    take_turn,
)
from regulars.loyalty.checkout.queries import Kept
from regulars.loyalty.checkout.rules import Ask, HoldEnded, NotInIt, Step, Used
from regulars.loyalty.coupons.actions import reserving as coupons
from regulars.loyalty.rules import ItemKind


def go_on(ask: Ask, desk: Desk) -> Step:
    """Capture or release what is left of a hold. A part that is named alone leaves the rest held."""
    hold = before(ask)
    canonical_id = take_turn(hold.customer_id, hold=hold)
    if (given := same_again(ask)) is not None:
        return given
    at = moment(ask, desk)
    own_coupons, own_benefits = _parts(ask, hold, at)
    receipt = _points(ask, desk, hold, canonical_id or 0, alone=not (own_coupons or own_benefits))
    lost: tuple[tuple[str, str], ...] = ()
    if ask.kind is ItemKind.CAPTURE:
        own_coupons, lost = _use(own_coupons, ask, desk, hold, at)
        if own_benefits:
            benefits.confirm(use_ids=[one.use_id for one in own_benefits], order=desk.order)
    else:
        coupons.give_back([one.use_id for one in own_coupons], by=coupons.RELEASED, at=desk.at)
        if own_benefits:
            benefits.release(use_ids=[one.use_id for one in own_benefits], actor=ask.actor, at=desk.at)
    step = Step(
        0, ask.kind, hold.step.id, receipt.amount if receipt else 0, receipt.left if receipt else 0,
        receipt.spendable if receipt else spendable_now(canonical_id, desk), receipt.at if receipt else at, None,
        ask.store, tuple(own_coupons), tuple(own_benefits), lost,
    )  # fmt: skip
    lines = ask.basket.lines if ask.basket else hold.lines
    return keep(
        ask, desk, step, customer_id=hold.customer_id, command_id=receipt.command_id if receipt else None,
        told={"lines": [list(line) for line in lines]},
    )  # fmt: skip


def _parts(ask: Ask, hold: Kept, at: datetime) -> tuple[list[Used], list[Used]]:
    """The coupons and benefits of the hold that this step is about.

    Raises:
        NotInIt: One is named that the hold does not have, or has no more.
        HoldEnded: They can be used by others again.
    """
    if not (hold.step.coupons or hold.step.benefits):
        all_there((*(ask.coupons or ()), *(ask.benefits or ())), ())
        return [], []
    gone = queries.steps_after(hold.step.id)
    found = []
    for part in ("coupons", "benefits"):
        had = {one.code for step in gone for one in getattr(step.step, part)}
        left = [one for one in getattr(hold.step, part) if one.code not in had]
        named = getattr(ask, part)
        if named is None:
            found.append([] if ask.names_parts else left)
            continue
        all_there(named, left)
        found.append([one for one in left if one.code in named])
    if any(found) and hold.step.ends_at is not None and hold.step.ends_at <= at:
        raise HoldEnded("The time of this hold is over, and what was left of it can be used again.", left=0)
    return found[0], found[1]


def all_there(named: Sequence[str], left: Sequence[Used]) -> None:
    """Refuse what is named and not among these.

    Raises:
        NotInIt: Names the first.
    """
    known = {one.code for one in left}
    if missing := next((code for code in named if code not in known), None):
        raise NotInIt("This is not held, or not any more.", item=missing)


def _points(ask: Ask, desk: Desk, hold: Kept, canonical_id: int, *, alone: bool) -> Receipt | None:
    """What happens to the points of the hold, if it has any and they are meant.

    Args:
        alone: The step is about nothing else, so that there must be some left.
    """
    if ask.names_parts and ask.points is None:
        return None
    if hold.command_id is None:
        if alone or ask.points:
            raise NothingLeft("There are no points in this hold.", left=0)
        return None
    try:
        return points(
            ask, desk, kind=ask.kind, customer_id=hold.customer_id or 0, canonical_id=canonical_id, amount=ask.points,
            refers_to=hold.command_id,
        )  # fmt: skip
    except NothingLeft:
        if alone or ask.points:
            raise
        return None


def _use(
    own: list[Used], ask: Ask, desk: Desk, hold: Kept, at: datetime
) -> tuple[list[Used], tuple[tuple[str, str], ...]]:
    """Use reserved coupons for good; of a till that was offline also those whose reservation has ended since.

    Raises:
        NotInIt: Somebody gave one back meanwhile.
    """
    if not own:
        return [], ()
    standing = coupons.confirm([one.use_id for one in own], order=desk.order, at=at)
    used = [Used(one.code, one.off_minor, standing[one.use_id]) for one in own if one.use_id in standing]
    missing = [one for one in own if one.use_id not in standing]
    if missing and ask.told_at is None:
        raise NotInIt("This coupon was given back meanwhile.", item=missing[0].code)
    if not missing:
        return used, ()
    again, refused = coupons.take_again(
        [one.use_id for one in missing], key=ask.key, at=at, zone=desk.zone, order=desk.order, actor=ask.actor,
        recorded_at=desk.at,
    )  # fmt: skip
    used += [Used(one.code, one.off_minor, one.use_id) for one in again]
    return used, tuple((code, error.code) for code, error in refused)
