"""Looking a presented code up, so that nobody finds one by trying."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.limits import actions as limits
from regulars.limits.rules import Take
from regulars.loyalty.coupons import presented
from regulars.loyalty.coupons.rules import GUESSES, Guesser


class UnknownCode(DomainError):
    """No coupon, or no claim of a reward, has this code."""

    code = "unknown_code"


class TooManyGuesses(DomainError):
    """Too many wrong codes; `retry_after` in the context says when to come back, in seconds."""

    code = "too_many_guesses"


def look_up_all(*, told: Sequence[str], guesser: Guesser, at: datetime) -> dict[str, int]:
    """Ids of the coupons with these codes, by the codes as they are kept. Not to be called inside a transaction.

    Raises:
        MalformedCode, UnknownCode, TooManyGuesses: As `look_up`; `part` and `item` in the context say which code it is.
    """
    found = {}
    for code in told:
        try:
            found[presented.read(code)] = look_up(code=code, guesser=guesser, at=at)
        except DomainError as error:
            error.context.update(part="coupons", item=code)
            raise
    return found


def look_up(*, code: str, guesser: Guesser, at: datetime) -> int:
    """Id of the coupon with this code. Not to be called inside a transaction: a wrong guess stays counted.

    Only codes that do not exist count, so a till that redeems all day is never stopped. The guesser's lock is held
    while the code is looked up: of a thousand guesses at once five are answered, and no other is looked up at all.

    Raises:
        MalformedCode: Not a code; not looked up and not counted.
        UnknownCode: There is none; counted.
        TooManyGuesses: Five in five minutes were wrong; not looked up.
    """
    letters = presented.read(code)
    return find("SELECT id FROM loyalty_coupon WHERE code = %s", letters, guesser=guesser, at=at)


def find(statement: str, letters: str, *, guesser: Guesser, at: datetime) -> int:
    """The id that a statement finds for a code; when it finds none, that is a wrong guess. See `look_up`.

    Raises:
        UnknownCode, TooManyGuesses: As they say.
    """

    def found() -> int | None:
        rows = bulk.run(connection, statement, [letters])
        if rows:
            # Nothing was written, so there is nothing to wait for the disk for; the lock goes with the transaction.
            transaction.set_rollback(True)
        return int(rows[0][0]) if rows else None

    try:
        one = limits.look([Take(GUESSES, guesser.subject)], found, at=at)
    except limits.NoRoomLeft as error:
        raise TooManyGuesses("Too many wrong codes; wait before the next one.", **error.context) from error
    if one is None:
        raise UnknownCode("There is no such code.")
    return one
