"""The steps of a checkout: decided under the customer's lock, each once for its key, and its answer kept."""

from regulars.loyalty.checkout.actions.continuing import go_on
from regulars.loyalty.checkout.actions.desk import Desk
from regulars.loyalty.checkout.actions.refunding import refund
from regulars.loyalty.checkout.actions.reserving import reserve
from regulars.loyalty.checkout.actions.side_by_side import fits, take_steps
from regulars.loyalty.checkout.rules import Ask, Step
from regulars.loyalty.rules import ItemKind

__all__ = ["Desk", "fits", "take_step", "take_steps"]


def take_step(*, ask: Ask, desk: Desk) -> Step:
    """Take one step, or refuse and change nothing. To be called inside a transaction.

    Raises:
        KeyReused: The key was used for another request.
        UnknownCustomer, UnknownCommand: Whose points, or the hold or capture, is not known.
        InsufficientPoints, NothingLeft, HoldEnded, CouponRefused, BenefitRefused …: Of the first part that is refused;
            `part`, `item` and `refused` in the context tell which, and of all others.
    """
    if ask.kind in (ItemKind.HOLD, ItemKind.REDEEM):
        return reserve(ask, desk)
    return refund(ask, desk) if ask.kind is ItemKind.REVERSE else go_on(ask, desk)
