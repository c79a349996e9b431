"""Steps about points alone, side by side: one transaction for several tills, each step of another customer.

Only what everybody's own lots decide is taken so (`actions/in_turn.py`). Whatever is refused, repeated or needs more is
left to the step by itself (`take_step`), which names the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.loyalty.actions import commands, in_turn
from regulars.loyalty.actions.commands import Receipt, Wish
from regulars.loyalty.actions.in_turn import InTurn
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.actions.desk import Desk, keep_all, kept_as, unless_the_key_was_used
from regulars.loyalty.checkout.actions.reserving import check_share
from regulars.loyalty.checkout.queries import Kept
from regulars.loyalty.checkout.rules import Ask, Lines, Step
from regulars.loyalty.models import Command
from regulars.loyalty.rules import ItemKind, Policies

SPENDING: Final = (ItemKind.HOLD, ItemKind.REDEEM)
GOING_ON: Final = (ItemKind.CAPTURE, ItemKind.RELEASE)


@dataclass(slots=True)
class _Wanted:
    """One of the steps: its place, what it is about, and the hold that it goes on from."""

    place: int
    ask: Ask
    desk: Desk
    customer_id: int
    hold: Kept | None

    @property
    def wish(self) -> Wish:
        """The command that it asks for."""
        refers_to = self.hold.command_id if self.hold else None
        return Wish(self.ask.kind, self.customer_id, self.ask.points, self.ask.key, refers_to, self.ask.actor)

    def step(self, receipt: Receipt, at: datetime) -> Step:
        """The step as it was taken."""
        ends_at = at + timedelta(minutes=self.ask.minutes) if self.ask.kind is ItemKind.HOLD else None
        return Step(
            0, self.ask.kind, self.hold.step.id if self.hold else None, receipt.amount, receipt.left,
            receipt.spendable, receipt.at, ends_at, self.ask.store,
        )  # fmt: skip

    @property
    def lines(self) -> Lines:
        """What is bought, where the till tells it, or told it with the hold."""
        if self.ask.basket:
            return self.ask.basket.lines
        return self.hold.lines if self.hold else ()


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
    steps = _of_different_customers(wanted)
    asked = [(one.customer_id, one.ask.kind, one.wish.refers_to) for one in steps]
    with bulk.pipeline(connection):  # the locks first: each of these statements sees what stands once it begins
        locked = customers.ask_alone([one.customer_id for one in steps])
        taken_before = queries.ask_taken_keys([one.ask.key for one in steps])
        standing = in_turn.ask(asked, policies=policies, at=at)
    alone, done, turns = locked(), taken_before(), standing()
    steps = [one for one in steps if one.customer_id in alone and one.ask.key not in done]
    decided = [
        (one, turn, command)
        for one in steps
        if (turn := turns.get(one.customer_id)) is not None
        and (command := _decided(one, turn, policies, at)) is not None
    ]
    if not decided:
        return given
    commands.write([command for _, _, command in decided])
    taken = []
    for one, turn, command in decided:
        commands.go_on(command, turn)
        taken.append((one, command, one.step(commands.receipt(command, turn.fold), at)))
    rows = [
        kept_as(
            one.ask, one.desk, step, customer_id=one.customer_id, command_id=command.pk,
            told={"lines": [list(line) for line in one.lines]},
        )
        for one, command, step in taken
    ]  # fmt: skip
    with unless_the_key_was_used(), bulk.pipeline(connection):
        in_turn.post([turn for _, turn, _ in decided], at=at)
        kept = keep_all(rows)
    numbers = kept()
    for one, _, step in taken:
        given[one.place] = replace(step, id=numbers[one.ask.key])
    return given


def _decided(one: _Wanted, turn: InTurn, policies: Policies, at: datetime) -> Command | None:
    """The command of a step; None where it is refused, which it is told when it is taken by itself."""
    try:
        one.wish.check()
        if one.ask.kind in SPENDING:
            check_share(one.ask, one.desk, ())
        return commands.decided(one.wish, turn, policies, at)
    except DomainError:
        return None


def _of_different_customers(wanted: Sequence[tuple[Ask, Desk]]) -> list[_Wanted]:
    """The first step of each customer that may be taken; holds with coupons or benefits go by themselves."""
    holds = queries.steps_of_ids([ask.refers_to for ask, _ in wanted if ask.refers_to is not None])
    found: dict[int, _Wanted] = {}
    for place, (ask, desk) in enumerate(wanted):
        hold = holds.get(ask.refers_to or 0) if ask.kind in GOING_ON else None
        if ask.kind in GOING_ON and (hold is None or not _is_of_points(hold)):
            continue
        who = hold.customer_id if hold else ask.customer_id
        if who is not None:
            found.setdefault(who, _Wanted(place, ask, desk, who, hold))
    return list(found.values())


def _is_of_points(hold: Kept) -> bool:
    """Whether it is a hold of points, and of nothing else."""
    return (
        hold.step.kind is ItemKind.HOLD and hold.command_id is not None and not hold.step.coupons + hold.step.benefits
    )
