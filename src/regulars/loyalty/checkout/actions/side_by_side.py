"""Steps about points alone, side by side: one transaction for several tills, each step of another customer.

Only what everybody's own lots decide is taken so (`actions/in_turn.py`). Whatever is refused, repeated or needs more is
left to the step by itself (`take_step`), which names the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.loyalty.actions import commands, in_turn
from regulars.loyalty.actions.commands import Receipt, Wish
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.actions.desk import Desk, keep_all, kept_as
from regulars.loyalty.checkout.actions.reserving import check_share
from regulars.loyalty.checkout.queries import Kept
from regulars.loyalty.checkout.rules import Ask, Step
from regulars.loyalty.models import Command
from regulars.loyalty.rules import ItemKind

SPENDING: Final = (ItemKind.HOLD, ItemKind.REDEEM)
GOING_ON: Final = (ItemKind.CAPTURE, ItemKind.RELEASE)


@dataclass(slots=True)
class _Taken:
    """One of the steps: its place, what it is about, and the hold that it goes on from."""

    place: int
    ask: Ask
    desk: Desk
    customer_id: int
    hold: Kept | None
    command: Command | None = None
    receipt: Receipt | None = None

    @property
    def wish(self) -> Wish:
        """The command that it asks for."""
        refers_to = self.hold.command_id if self.hold else None
        kind = ItemKind.REDEEM if self.ask.kind is ItemKind.REDEEM else self.ask.kind
        return Wish(kind, self.customer_id, self.ask.points, self.ask.key, refers_to, self.ask.actor)

    def step(self, at: datetime) -> Step:
        """The step as it was taken."""
        ask, receipt = self.ask, self.receipt
        assert receipt is not None
        ends_at = at + timedelta(minutes=ask.minutes) if ask.kind is ItemKind.HOLD else None
        return Step(
            0, ask.kind, self.hold.step.id if self.hold else None, receipt.amount, receipt.left, receipt.spendable,
            receipt.at, ends_at, ask.store,
        )  # fmt: skip


def fits(ask: Ask) -> bool:
    """Whether a step can be among those that are taken side by side, as far as it tells by itself."""
    if ask.told_at is not None or ask.lines:
        return False
    if ask.kind in SPENDING:
        return bool(ask.points) and ask.customer_id is not None and not (ask.coupons or ask.benefits)
    return ask.kind in GOING_ON and ask.coupons is None and ask.benefits is None


def take_steps(wanted: Sequence[tuple[Ask, Desk]]) -> list[Step | None]:
    """Take those of these steps that can be, each once for its key; None for every other. Inside a transaction.

    Nobody is waited for: of whom another has the lock, the step is taken by itself.

    Args:
        wanted: Steps that fit, under the same versions.
    """
    given: list[Step | None] = [None] * len(wanted)
    policies, at = wanted[0][1].policies, max(desk.at for _, desk in wanted)
    holds = queries.steps_of_ids([ask.refers_to for ask, _ in wanted if ask.refers_to is not None])
    steps = _of_different_customers(wanted, holds)
    alone = customers.lock_alone([one.customer_id for one in steps])
    done = queries.taken_keys([one.ask.key for one in steps])
    steps = [one for one in steps if one.customer_id in alone and one.ask.key not in done]
    asked = [(one.customer_id, one.wish.kind, one.wish.refers_to) for one in steps]
    turns = in_turn.read(asked, policies=policies, at=at)
    decided: list[_Taken] = []
    for one in steps:
        turn = turns.get(one.customer_id)
        if turn is None:
            continue
        try:
            one.wish.check()
            if one.ask.kind in SPENDING:
                check_share(one.ask, one.desk, ())
            one.command = commands.decided(one.wish, turn, policies, at)
        except DomainError:
            continue
        decided.append(one)
    if not decided:
        return given
    commands.write([one.command for one in decided if one.command])
    for one in decided:
        if one.command is not None:
            turn = turns[one.customer_id]
            commands.go_on(one.command, turn)
            one.receipt = commands.receipt(one.command, turn.fold)
    in_turn.post([turns[one.customer_id] for one in decided], at=at)
    taken = [one.step(at) for one in decided]
    rows = []
    for one, step in zip(decided, taken, strict=True):
        lines = one.ask.basket.lines if one.ask.basket else one.hold.lines if one.hold else ()
        rows.append(
            kept_as(
                one.ask, one.desk, step, customer_id=one.customer_id, command_id=step_command(one),
                told={"lines": [list(line) for line in lines]},
            )
        )  # fmt: skip
    numbers = keep_all(rows)
    for one, step in zip(decided, taken, strict=True):
        given[one.place] = replace(step, id=numbers[one.ask.key])
    return given


def step_command(one: _Taken) -> int | None:
    """The number of the command that a step came to."""
    return one.receipt.command_id if one.receipt else None


def _of_different_customers(wanted: Sequence[tuple[Ask, Desk]], holds: dict[int, Kept]) -> list[_Taken]:
    """The first step of each customer that may be taken; holds with coupons or benefits go by themselves."""
    found: dict[int, _Taken] = {}
    for place, (ask, desk) in enumerate(wanted):
        hold = holds.get(ask.refers_to or 0)
        if ask.kind in GOING_ON and (
            hold is None or hold.step.kind is not ItemKind.HOLD or hold.command_id is None or hold.customer_id is None
            or hold.step.coupons or hold.step.benefits
        ):  # fmt: skip
            continue
        who = ask.customer_id if ask.kind in SPENDING else hold.customer_id if hold else None
        if who is not None and who not in found:
            found[who] = _Taken(place, ask, desk, who, hold if ask.kind in GOING_ON else None)
    return list(found.values())
