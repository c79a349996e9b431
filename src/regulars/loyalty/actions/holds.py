"""Holds end by themselves: what is left of one whose time is over is released by a command, at the time of its end."""

from collections.abc import Sequence
from datetime import datetime

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core.calendar import business_date
from regulars.loyalty.checkout.queries import EndedHold
from regulars.loyalty.models import CheckoutStep, Command
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import ItemKind, Policies


def key_of_end(hold_id: int) -> str:
    """The key of the command that releases a hold when its time is over; no caller's key begins so."""
    return f"hold:{hold_id}:ended"


def close(ended: Sequence[EndedHold], fold: Fold, policies: Policies, at: datetime) -> None:
    """Write the releases. The caller holds the customer's lock, and folds again afterwards.

    Args:
        fold: The group's fold, with everything that was captured or released before.
    """
    for hold in ended:
        if left := fold.left_of(hold.hold_id):
            released = Command.objects.create(
                kind=ItemKind.RELEASE, customer_id=hold.customer_id, key=key_of_end(hold.hold_id), digest=b"",
                amount=left, refers_to_id=hold.hold_id, at=hold.at, currency=fold.currency_of(hold.hold_id),
                business_date=business_date(hold.at, policies.at(hold.at).zone), recorded_at=at,
            )  # fmt: skip
            changes.note(ChangeKind.COMMANDS, [released.pk])
    CheckoutStep.objects.filter(pk__in=[hold.step_id for hold in ended]).update(is_open=False)


def was_ended(hold_id: int) -> bool:
    """Whether the time of a hold ran out before all of it was captured or released."""
    return Command.objects.filter(key=key_of_end(hold_id)).exists()
