"""Points granted or deducted by hand 人工增减: at once, or above the limit once a second person approves."""

from dataclasses import dataclass
from datetime import datetime

from regulars.customers import actions as customers
from regulars.loyalty.actions import commands
from regulars.loyalty.actions.commands import Receipt, UnknownCustomer
from regulars.loyalty.models import Command
from regulars.loyalty.risk import queries
from regulars.loyalty.risk.actions.proposals import COMMANDS, propose
from regulars.loyalty.risk.queries import ProposalView
from regulars.loyalty.risk.rules import Adjustment, SecondPersonNeeded, needs_second
from regulars.loyalty.rules import Policies
from regulars.staff import actions as staff
from regulars.staff.rules import Actor, roles_that_may


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What came of it: a receipt, or a proposal that waits for a second person or was decided by one."""

    receipt: Receipt | None = None
    proposal: ProposalView | None = None


def adjust(
    *, wanted: Adjustment, by: Actor, policies: Policies, at: datetime, alone_up_to: int, proposing: bool
) -> Adjusted:
    """Grant or deduct, or write down what a second person is to approve. To be called inside a transaction.

    The same key and wish again gives what came of it the first time, also after the limit was moved.

    Args:
        alone_up_to: More of any currency than this is not for one alone; 0: everything is.
        proposing: Above the limit write it down instead of refusing it.
    Raises:
        SecondPersonNeeded: It is above the limit, and nothing is to be written down.
        KeyReused: The key was used for something else.
        UnknownCustomer, InsufficientPoints, InvalidCurrency, NothingLeft: As they say.
    """
    if not customers.lock_groups([wanted.customer_id]):
        raise UnknownCustomer("No such customer.")
    # Under the lock, so that of two clicks the second one sees what the first one did.
    if queries.proposal_with(wanted.key):
        return _proposed(wanted, at)
    is_new = not Command.objects.filter(key=wanted.key).exists()
    if is_new and needs_second(wanted.amount, alone_up_to):
        if not proposing:
            roles = roles_that_may("risk.decide")
            why = f"More than {alone_up_to} is moved by two people: somebody else approves it under Risk control."
            raise SecondPersonNeeded(why, most=alone_up_to, roles=roles)
        found = _proposed(wanted, at)
        _record("risk.propose", wanted, by, policies, at)
        return found
    receipt = commands.decide(
        kind=COMMANDS[wanted.kind], customer_id=wanted.customer_id, amount=wanted.amount, key=wanted.key, at=at,
        policies=policies, actor=wanted.actor, note=wanted.note, currency=wanted.currency,
    )  # fmt: skip
    if is_new:
        _record("ledger.adjust", wanted, by, policies, at)
    return Adjusted(receipt=receipt)


def _proposed(wanted: Adjustment, at: datetime) -> Adjusted:
    made = propose(
        kind=wanted.kind, customer_id=wanted.customer_id, amount=wanted.amount, note=wanted.note, key=wanted.key,
        actor=wanted.actor, at=at, currency=wanted.currency,
    )  # fmt: skip
    return Adjusted(proposal=queries.proposal(made))


def _record(action: str, wanted: Adjustment, by: Actor, policies: Policies, at: datetime) -> None:
    """Say in the audit so many more or less, and of what if that is not points."""
    code = policies.code_of(wanted.currency)
    staff.record(
        by=by, action=action, at=at, subject_kind="customer", subject_id=wanted.customer_id,
        detail={
            "points": wanted.amount if wanted.kind == "grant" else -wanted.amount,
            **({"currency": code} if code in policies.currencies else {}),
        },
    )  # fmt: skip
