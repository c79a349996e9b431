"""Sign a member in: by a QR that staff show, or by six digits that reach their mailbox."""

from datetime import datetime, timedelta
from typing import Final

from regulars.customers.signing_in import actions as signing_in
from regulars.customers.signing_in.queries import address_of, subject_of
from regulars.customers.signing_in.rules import Proven
from regulars.flows import jobs
from regulars.flows.transactions import again_if_contended
from regulars.limits import actions as limits
from regulars.limits.rules import Kind, Limit, Take

HOUR: Final = timedelta(hours=1)
ASKS_OF_ADDRESS: Final = Limit(Kind.SIGN_IN_ASKS, 5, HOUR)
ASKS_OF_NETWORK: Final = Limit(Kind.SIGN_IN_ASKS, 60, HOUR)
"""Everybody on a shop's Wi-Fi comes from one network address."""
WRONG_OF_ADDRESS: Final = Limit(Kind.SIGN_IN_WRONG, 10, HOUR)
WRONG_OF_NETWORK: Final = Limit(Kind.SIGN_IN_WRONG, 60, HOUR)


def ask_for_code(*, address: str, purpose: str, language: str, network: str, at: datetime) -> str:
    """Ask for a code; returns what the visitor's cookie keeps. Nothing tells whether anybody is known there.

    The message leaves by a job, so that the answer takes as long for everybody.

    Raises:
        NoRoomLeft: Too many were asked for.
    """

    def once() -> str:
        limits.take_all(
            [
                Take(ASKS_OF_ADDRESS, subject_of("address", address)),
                Take(ASKS_OF_NETWORK, subject_of("network", network)),
            ],
            at=at,
        )
        asked = signing_in.ask(address=address, purpose=purpose, language=language, at=at)
        jobs.start(jobs.send_code, code_id=asked.id)
        return asked.attempt

    return again_if_contended(once)


def prove(*, attempt: str, code: str, network: str, at: datetime) -> Proven | None:
    """Whose mailbox the code was sent to; None if it is wrong, over, or was used.

    Raises:
        NoRoomLeft: Too many were wrong; nothing was looked at.
    """
    address = address_of(attempt)
    takes = [Take(WRONG_OF_ADDRESS, subject_of("address", address))] * bool(address)
    takes.append(Take(WRONG_OF_NETWORK, subject_of("network", network)))
    return limits.look(takes, lambda: signing_in.prove(attempt=attempt, code=code, at=at), at=at)


def by_link(*, token: str, at: datetime) -> int:
    """Whom a QR signs in, once.

    Raises:
        LinkOver: It was used, or is over.
    """
    return again_if_contended(lambda: signing_in.use_link(token=token, at=at))
