"""The worker of deliveries: one thread talks to the database, others wait for receivers.

Each endpoint has a few connections of its own, so a slow one delays nobody else. One that fails gets one message at a
time until it takes one: after an outage nobody is run over, and what waits does not keep threads busy.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from regulars.webhooks import actions, signing
from regulars.webhooks.actions.attempts import Claimed, DueEndpoint
from regulars.webhooks.rules import MOST_ENDPOINTS, OWN_TURN, Answered
from regulars.webhooks.sending import Sender

AT_ONCE: Final = 4
"""Connections to one endpoint."""
TICK_S: Final = 0.2
FOLLOW_EVERY_S: Final = 1.0
Clock = Callable[[], datetime]
Make = Callable[[str], Sender]


@dataclass(slots=True)
class _Line:
    """An endpoint at work: what is under way to its address, and idle connections there."""

    url: str
    under_way: dict[Future[Answered], Claimed] = field(default_factory=dict)
    idle: list[Sender] = field(default_factory=list)

    def close(self) -> None:
        while self.idle:
            self.idle.pop().close()


def deliver(
    *,
    clock: Clock,
    make: Make,
    follow: Callable[[], bool] | None = None,
    stop: Callable[[], bool] = lambda: False,
    seconds: float = 3600.0,
) -> int:
    """Send what is due; returns how many tries were made.

    Args:
        make: Opens connections to an address.
        follow: Called every second to look for more to send; says whether it should be called again at once. Without
            it the work is over when nothing is due.
        stop: Whether to end now; what is under way is waited for.
        seconds: After which to end.
    """
    until, next_look, done = time.monotonic() + seconds, 0.0, 0
    lines: dict[int, _Line] = {}
    with ExitStack() as leaving:
        leaving.callback(_close, lines)
        pool = leaving.enter_context(ThreadPoolExecutor(MOST_ENDPOINTS * AT_ONCE, thread_name_prefix="webhooks"))
        while True:
            runs = not stop() and time.monotonic() < until
            if runs and follow is not None and time.monotonic() >= next_look:
                next_look = time.monotonic() + (0 if follow() else FOLLOW_EVERY_S)
            if runs:
                _hand_out(lines, pool, clock, make)
            if waited_for := [future for line in lines.values() for future in line.under_way]:
                wait(waited_for, timeout=TICK_S, return_when=FIRST_COMPLETED)
                done += _take_in(lines, clock)
            elif not runs or follow is None:
                return done
            elif time.monotonic() < next_look:
                time.sleep(TICK_S)


def deliver_one(*, endpoint_id: int, delivery_id: int, clock: Clock, make: Make) -> None:
    """Try a test now, whose turn is its caller's own, before all others."""
    soon = clock() + OWN_TURN
    for endpoint in actions.due_endpoints(at=soon):
        if endpoint.id == endpoint_id:
            idle: list[Sender] = []
            for claimed in actions.claim(endpoint, at=soon, most=1, only=delivery_id):
                answered = _try(idle, endpoint, claimed, clock, make)
                actions.note(claimed, answered, at=clock(), chance=0)
            for sender in idle:
                sender.close()


def _hand_out(lines: dict[int, _Line], pool: ThreadPoolExecutor, clock: Clock, make: Make) -> None:
    """Begin with what is due as far as each endpoint has room."""
    full = [one for one, line in lines.items() if len(line.under_way) >= AT_ONCE]
    for endpoint in actions.due_endpoints(at=clock(), but=full):
        line = lines.get(endpoint.id)
        if line is None or line.url != endpoint.url:
            if line is not None:
                line.close()
            line = lines[endpoint.id] = _Line(endpoint.url, line.under_way if line else {})
        room = (1 if endpoint.is_failing else AT_ONCE) - len(line.under_way)
        for claimed in actions.claim(endpoint, at=clock(), most=room) if room > 0 else ():
            line.under_way[pool.submit(_try, line.idle, endpoint, claimed, clock, make)] = claimed


def _take_in(lines: dict[int, _Line], clock: Clock) -> int:
    """Note every try that has ended; returns how many."""
    ended = [(line, future) for line in lines.values() for future in line.under_way if future.done()]
    for line, future in ended:
        actions.note(line.under_way.pop(future), future.result(), at=clock(), chance=random.random())  # noqa: S311
    return len(ended)


def _try(idle: list[Sender], endpoint: DueEndpoint, claimed: Claimed, clock: Clock, make: Make) -> Answered:
    """One try, in a thread of its own; touches no database."""
    if not endpoint.secrets:
        return Answered(clock(), 0, trouble="secret_unreadable")
    try:
        sender = idle.pop()
    except IndexError:
        sender = make(endpoint.url)
    try:
        signed = signing.headers(token=claimed.token, body=claimed.body, secrets=endpoint.secrets, at=clock())
        return sender.send(claimed.body.encode(), {**signed, "Content-Type": "application/json"}, clock=clock)
    finally:
        idle.append(sender)


def _close(lines: dict[int, _Line]) -> None:
    for line in lines.values():
        line.close()
