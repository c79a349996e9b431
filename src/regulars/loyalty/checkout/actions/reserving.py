"""Reserving points, coupons and benefits of one basket together; or spending them at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from regulars.customers import actions as customers
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions.commands import AccountFrozen, UnknownCustomer
from regulars.loyalty.benefits import actions as benefits
from regulars.loyalty.benefits.queries import benefit_of
from regulars.loyalty.benefits.rules import BenefitRefused, Part
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.actions.desk import (
    Desk,
    Refusal,
    keep,
    moment,
    points,
    same_again,
    spendable_now,
    take_turn,
    together,
)
from regulars.loyalty.checkout.quoting import bill_of
from regulars.loyalty.checkout.rules import Ask, NothingAsked, NotTogether, Step, TooManyPoints, Used
from regulars.loyalty.coupons.actions import reserving as coupons
from regulars.loyalty.rules import ItemKind

REFUSED_POINTS = (InsufficientPoints, AccountFrozen, TooManyPoints)


def reserve(ask: Ask, desk: Desk) -> Step:
    """Take what a basket uses, all of it or nothing; a REDEEM takes it for good.

    What a till did while it was offline is taken as far as it is still there: a coupon that somebody else has used
    since is not counted, and the answer says so.
    """
    canonical_id = take_turn(ask.customer_id)
    if (given := same_again(ask)) is not None:
        return given
    at = moment(ask, desk)
    until = at + timedelta(minutes=ask.minutes) if ask.kind is ItemKind.HOLD else None
    if not (ask.points or ask.coupons or ask.benefits):
        raise NothingAsked("Ask for points, a coupon or a benefit.")
    if canonical_id is None and (ask.points or ask.benefits):
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    _check_together(ask, desk, at)
    used, refused = _benefits(ask, desk, at, until)
    spend = None if ask.basket is None else max(0, ask.basket.paid - _off_order(used, desk, at))
    taken, not_taken = _coupons(ask, desk, at, until, spend, canonical_id)
    refused += not_taken
    lost = [one for one in refused if ask.told_at is not None and one.part != "points"]
    refused = [one for one in refused if one not in lost]
    receipt = None
    if ask.points and canonical_id is not None:
        try:
            check_share(ask, desk, [*used, *taken])
            kind = ItemKind.HOLD if ask.kind is ItemKind.HOLD else ItemKind.REDEEM
            receipt = points(
                ask, desk, kind=kind, customer_id=ask.customer_id or 0, canonical_id=canonical_id, amount=ask.points
            )
        except REFUSED_POINTS as error:
            refused.insert(0, Refusal("points", "", error))
    if refused:
        if queries.step_of(ask.key) is not None:
            # Where nobody is named, the same request at another till has taken it while this one waited for the coupon.
            raise customers.Contended("The key was used at the same moment.")
        raise together(refused)
    step = Step(
        0, ask.kind, None, receipt.amount if receipt else 0, receipt.left if receipt else 0,
        receipt.spendable if receipt else spendable_now(canonical_id, desk), receipt.at if receipt else at, until,
        ask.store, tuple(taken), tuple(used), tuple((one.item, one.error.code) for one in lost),
    )  # fmt: skip
    lines = ask.basket.lines if ask.basket else ()
    return keep(
        ask, desk, step, customer_id=ask.customer_id, command_id=receipt.command_id if receipt else None,
        told={"lines": [list(line) for line in lines]},
    )  # fmt: skip


def _check_together(ask: Ask, desk: Desk, at: datetime) -> None:
    """Whether the programme lets these coupons and benefits go together.

    Raises:
        NotTogether: It does not. A till that was offline has done it already, so it is not asked.
    """
    if ask.told_at is not None:
        return
    policy = desk.policies.at(at)
    codes = ask.coupons or ()
    if len(codes) > policy.checkout.coupons:
        most = policy.checkout.coupons
        raise NotTogether(f"One basket may use {most} coupons.", part="coupons", item=codes[most], most=most)
    named = [found for code in ask.benefits or () if (found := benefit_of(policy, code)) is not None]
    for one in named:
        beside = [other for other in named if other is not one and other.effect.part is one.effect.part]
        on_order = one.effect.part is Part.ORDER
        if beside and (one.alone and one.effect.part is not Part.NONE):
            raise NotTogether("This benefit goes with no other.", part="benefits", item=one.code)
        if codes and on_order and (one.alone or not policy.checkout.with_benefits):
            raise NotTogether("This benefit goes with no coupon.", part="benefits", item=one.code)


def _benefits(ask: Ask, desk: Desk, at: datetime, until: datetime | None) -> tuple[list[Used], list[Refusal]]:
    used, refused = [], []
    for code in ask.benefits or ():
        try:
            made = benefits.use(
                customer_id=ask.customer_id or 0, code=code, key=f"{ask.key}:{code}", bill=bill_of(ask.basket), at=at,
                policies=desk.policies, order=desk.order, store_id=desk.store_id, actor=ask.actor,
                reserved_until=until,
            )  # fmt: skip
        except BenefitRefused as error:
            refused.append(Refusal("benefits", code, error))
            continue
        used.append(Used(code, made.use.off_minor, made.use.id))
    return used, refused


def _off_order(used: Sequence[Used], desk: Desk, at: datetime) -> int:
    """What benefits take off the goods; coupons count from what is left."""
    policy = desk.policies.at(at)
    parts = {one.code: benefit_of(policy, one.code) for one in used}
    return sum(
        one.off_minor for one in used if (benefit := parts[one.code]) is not None and benefit.effect.part is Part.ORDER
    )


def _coupons(
    ask: Ask, desk: Desk, at: datetime, until: datetime | None, spend: int | None, canonical_id: int | None
) -> tuple[list[Used], list[Refusal]]:
    if not ask.coupons:
        return [], []
    taken, refused = coupons.take(
        coupon_ids=[desk.coupons[code] for code in ask.coupons], key=ask.key, until=until, at=at, zone=desk.zone,
        spend_minor=spend, customer_id=canonical_id, order=desk.order, store_id=desk.store_id, actor=ask.actor,
        recorded_at=desk.at,
    )  # fmt: skip
    used = [Used(one.code, one.off_minor, one.use_id) for one in taken]
    return used, [Refusal("coupons", code, error) for code, error in refused]


def check_share(ask: Ask, desk: Desk, used: Sequence[Used]) -> None:
    """Whether points may pay so much of this basket; nobody asks where the basket or their worth is not told.

    Raises:
        TooManyPoints: They may pay less.
    """
    if ask.basket is None or not desk.worth.points or ask.told_at is not None:
        return
    due = max(0, ask.basket.paid - sum(one.off_minor for one in used))
    most = desk.worth.most(due, desk.policies.at(desk.at).checkout.points_percent)
    if (ask.points or 0) > most:
        raise TooManyPoints(f"At most {most} points may pay for this basket.", most=most)
