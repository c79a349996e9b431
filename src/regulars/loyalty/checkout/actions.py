"""The steps of a checkout: each one command, decided under the customer's lock, and its answer kept."""

from datetime import datetime, timedelta

from regulars.customers import queries as customers
from regulars.facts.rules import KeyReused
from regulars.loyalty import queries as loyalty
from regulars.loyalty.actions.commands import UnknownCommand, UnknownCustomer, decide
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.rules import CONTINUED, Ask, Step
from regulars.loyalty.models import CheckoutStep
from regulars.loyalty.rules import ItemKind, Policies


def take_step(*, ask: Ask, store_id: int | None, policies: Policies, at: datetime) -> Step:
    """Take one step, or refuse and change nothing. To be called inside a transaction.

    Raises:
        KeyReused: The key was used for another request.
        UnknownCustomer, UnknownCommand: Whose points, or the hold or capture, is not known.
        InsufficientPoints, NothingLeft, HoldEnded: There is not so much.
    """
    if (kept := queries.step_of(ask.key)) is not None:
        return _same(kept, ask)
    receipt = decide(
        kind=ask.kind, customer_id=_whose(ask), amount=ask.points, key=ask.key, at=at, policies=policies,
        refers_to=ask.refers_to, actor=ask.actor,
    )  # fmt: skip
    # Between looking and locking another till may have used the key; then the command is that one's.
    if (kept := queries.step_of(ask.key)) is not None:
        return _same(kept, ask)
    ends_at = at + timedelta(minutes=ask.minutes) if ask.kind is ItemKind.HOLD else None
    CheckoutStep.objects.create(
        command_id=receipt.command_id, digest=ask.digest, left=receipt.left, spendable=receipt.spendable,
        store_id=store_id, ends_at=ends_at, is_open=ends_at is not None,
    )  # fmt: skip
    return Step(
        receipt.command_id, ask.kind, ask.refers_to, receipt.amount, receipt.left, receipt.spendable, receipt.at,
        ends_at, ask.store,
    )  # fmt: skip


def _same(kept: queries.Kept, ask: Ask) -> Step:
    """The answer that was given before, if it was given to this very request."""
    same = kept.digest == ask.digest
    if same and ask.customer_id is not None:
        # By who stands for the group: a merge between two tries changes nothing of what was asked.
        group = customers.canonicals([kept.customer_id, ask.customer_id])
        same = group.get(kept.customer_id) == group.get(ask.customer_id)
    if not same:
        raise KeyReused("This key was used for another request; nothing was changed.")
    return kept.step


def _whose(ask: Ask) -> int:
    """Whose points it is about: a hold names the customer, everything after it belongs to the hold's own."""
    if ask.kind is ItemKind.HOLD:
        if ask.customer_id is None:
            raise UnknownCustomer("No such customer.")
        return ask.customer_id
    earlier = loyalty.commands_by_ids([ask.refers_to or 0]).get(ask.refers_to or 0)
    if earlier is None or earlier.kind != CONTINUED[ask.kind]:
        raise UnknownCommand(f"There is no such {CONTINUED[ask.kind].name.lower()}.")
    return earlier.customer_id
