"""Looking a presented code up, so that nobody finds one by trying."""

from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.limits import actions as limits
from regulars.limits import queries as limit_queries
from regulars.limits.rules import Take
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.rules import GUESSES, Guesser


class UnknownCode(DomainError):
    """No coupon has this code."""

    code = "unknown_code"


class TooManyGuesses(DomainError):
    """Too many wrong codes; `retry_after` in the context says when to come back, in seconds."""

    code = "too_many_guesses"


def look_up(*, code: str, guesser: Guesser, at: datetime) -> int:
    """Id of the coupon with this code. Not to be called inside a transaction: a wrong guess stays counted.

    Only codes that do not exist count, so a till that redeems all day is never stopped. The guesser's lock is held
    while the code is looked up: of a thousand guesses at once five are answered, and no other is looked up at all.

    Raises:
        MalformedCode: Not a code; not looked up and not counted.
        UnknownCode: There is none; counted.
        TooManyGuesses: Five in five minutes were wrong; not looked up.
    """
    letters = codes.read(code)
    with transaction.atomic():
        limits.hold([(GUESSES.kind, guesser.subject)])
        if not limit_queries.room_left(GUESSES, [guesser.subject], at=at)[guesser.subject]:
            wait = limit_queries.retry_after(GUESSES, guesser.subject, at=at)
            raise TooManyGuesses("Too many wrong codes; wait before the next one.", retry_after=wait)
        rows = bulk.run(connection, "SELECT id FROM loyalty_coupon WHERE code = %s", [letters])
        if rows:
            # Nothing was written, so there is nothing to wait for the disk for; the lock goes with the transaction.
            transaction.set_rollback(True)
        else:
            limits.take([Take(GUESSES, guesser.subject)], at=at)
    if not rows:
        raise UnknownCode("There is no such code.")
    return int(rows[0][0])
