"""Giving back what a checkout took: all of it, so many points, or what was paid for some of the lines."""

from typing import NamedTuple

from regulars.facts import orders as facts
from regulars.loyalty.actions.commands import NothingLeft, Receipt
from regulars.loyalty.benefits import actions as benefits
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.actions.continuing import all_there
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
from regulars.loyalty.checkout.rules import Ask, Lines, LinesUnknown, Step, Used, back_by_line
from regulars.loyalty.coupons.actions import reserving as coupons


class _Back(NamedTuple):
    """What goes back: so many points (None: all that is left), and these coupons and benefits."""

    points: int | None
    coupons: list[Used]
    benefits: list[Used]


def refund(ask: Ask, desk: Desk) -> Step:
    """Give back what was captured. What the order earned is clawed back by its own refund, and not here as well.

    Raises:
        NothingLeft: There is not so much left.
        LinesUnknown, RefundAboveOrder: By line, as they say.
    """
    capture = before(ask)
    canonical_id = take_turn(capture.customer_id, hold=capture)
    if (given := same_again(ask)) is not None:
        return given
    moment(ask, desk)
    earlier = queries.steps_after(capture.step.id)
    back = _back(ask, capture, earlier)
    receipt = _points(ask, desk, capture, canonical_id or 0, back, earlier)
    coupons.give_back([one.use_id for one in back.coupons], by=ask.actor, at=desk.at)
    if back.benefits:
        benefits.release(use_ids=[one.use_id for one in back.benefits], actor=ask.actor, at=desk.at)
    step = Step(
        0, ask.kind, capture.step.id, receipt.amount if receipt else 0,
        receipt.left if receipt else _left(capture, earlier),
        receipt.spendable if receipt else spendable_now(canonical_id, desk), receipt.at if receipt else desk.at, None,
        ask.store, tuple(back.coupons), tuple(back.benefits),
    )  # fmt: skip
    return keep(
        ask, desk, step, customer_id=capture.customer_id, command_id=receipt.command_id if receipt else None,
        told={"refunded": [list(line) for line in ask.lines]},
    )  # fmt: skip


def _back(ask: Ask, capture: Kept, earlier: list[Kept]) -> _Back:
    """What the request is about; coupons and benefits go back by line only with the last of the lines."""
    left = [_still(capture, earlier, part) for part in ("coupons", "benefits")]
    if ask.lines:
        lines = capture.lines or _order_lines(capture)
        so_far = [one.refunded for one in earlier if one.refunded]
        due, whole = back_by_line(capture.step.points, lines, [*so_far, ask.lines])
        given, _ = back_by_line(capture.step.points, lines, so_far)
        back = min(due - given, _left(capture, earlier))
        return _Back(back, *(left if whole else ([], [])))
    if not ask.names_parts:
        return _Back(None, *left)
    all_there(ask.coupons or (), left[0])
    all_there(ask.benefits or (), left[1])
    named = (ask.coupons or (), ask.benefits or ())
    return _Back(ask.points or 0, *([one for one in left[i] if one.code in named[i]] for i in (0, 1)))


def _still(capture: Kept, earlier: list[Kept], part: str) -> list[Used]:
    """The coupons or benefits of the capture that were not given back before."""
    gone = {one.code for step in earlier for one in getattr(step.step, part)}
    return [one for one in getattr(capture.step, part) if one.code not in gone]


def _points(ask: Ask, desk: Desk, capture: Kept, canonical_id: int, back: _Back, earlier: list[Kept]) -> Receipt | None:
    alone = not (back.coupons or back.benefits or ask.lines)
    if back.points == 0 and not alone:
        return None
    if capture.command_id is None or (back.points is None and not alone and not _left(capture, earlier)):
        if alone or back.points:
            raise NothingLeft("There are no points left to give back.", left=0)
        return None
    return points(
        ask, desk, kind=ask.kind, customer_id=capture.customer_id or 0, canonical_id=canonical_id, amount=back.points,
        refers_to=capture.command_id,
    )  # fmt: skip


def _left(capture: Kept, earlier: list[Kept]) -> int:
    return capture.step.points - sum(one.step.points for one in earlier)


def _order_lines(capture: Kept) -> Lines:
    """The lines that the order itself tells, where the till told none.

    Raises:
        LinesUnknown: The capture names no order, or the order has not arrived.
    """
    lines = facts.lines_of(capture.order) if capture.order else None
    if lines is None:
        raise LinesUnknown("Nobody told which lines were bought: tell the basket or the order_id when you capture.")
    return lines
