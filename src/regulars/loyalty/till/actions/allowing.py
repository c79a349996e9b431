"""A manager allows what is above a cashier's limit: their PIN, tried a few times only."""

from datetime import datetime

from django.db import transaction

from regulars.core.errors import DomainError
from regulars.limits import actions as limits
from regulars.limits import queries as limit_queries
from regulars.limits.rules import Take
from regulars.loyalty.coupons.actions import TooManyGuesses
from regulars.loyalty.coupons.rules import GUESSES, Guesser, GuesserKind
from regulars.staff.actions import pins


class WrongPin(DomainError):
    """Not the PIN of this manager."""

    code = "wrong_pin"


def allow(*, manager_id: int, pin: str, asked_by: int, store: str, at: datetime) -> int:
    """The manager's id, when it is their PIN. Not to be called inside a transaction: a wrong try stays counted.

    Tries count against who asks and against whose PIN it would be, together with wrong codes: five in five minutes.

    Args:
        asked_by: Id of the cashier.
        store: Code of the shop, '' if nobody says: a manager of other shops allows nothing here.
    Raises:
        WrongPin: It is not, or there is no such manager here; counted.
        TooManyGuesses: Five in five minutes were wrong; not looked at.
    """
    subjects = sorted({Guesser(GuesserKind.STAFF, one).subject for one in (asked_by, manager_id)})
    with transaction.atomic():
        limits.hold([(GUESSES.kind, one) for one in subjects])
        left = limit_queries.room_left(GUESSES, subjects, at=at)
        if full := [one for one in subjects if not left[one]]:
            wait = limit_queries.retry_after(GUESSES, full[0], at=at)
            raise TooManyGuesses("Too many wrong tries; wait before the next one.", retry_after=wait)
        if is_right := pins.is_pin(user_id=manager_id, pin=pin, store=store):
            transaction.set_rollback(True)
        else:
            limits.take([Take(GUESSES, one) for one in subjects], at=at, held=True)
    if not is_right:
        raise WrongPin("This is not the PIN.")
    return manager_id
