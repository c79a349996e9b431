"""Record single orders together: those that arrive while others are being written share the next transaction.

A single order costs a transaction of some twenty statements, and a second order in it costs hardly more. So whoever
comes while a thread of this process writes waits for the next turn, and the first of those who wait then writes for
all of them. Nobody waits for company: with nothing else going on, an order is written at once.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.facts.rules import Answer, NewFact
from regulars.flows.record_facts import record_facts
from regulars.loyalty.rules import Policies

MOST_TOGETHER = 64
"""Requests in one transaction."""

FEW = 100
"""Facts in a request; more than that are a batch already and go alone."""


@dataclass(slots=True, eq=False)
class _Request:
    """What one thread brought, and what came of it. `ended` says that it need not write itself."""

    facts: Sequence[NewFact]
    policies: Policies
    zone: ZoneInfo
    at: datetime
    woken: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    answers: list[Answer] = field(default_factory=list)
    error: BaseException | None = None


_lock = threading.Lock()
_waiting: list[_Request] = []
_busy = False


def record_together(*, facts: Sequence[NewFact], policies: Policies, zone: ZoneInfo, at: datetime) -> list[Answer]:
    """What `record_facts` does, in one transaction with whatever other threads bring meanwhile.

    Where that transaction fails, each request is tried by itself, so that nobody fails for another's sake.
    """
    if len(facts) > FEW:
        return record_facts(facts=facts, policies=policies, zone=zone, at=at)
    global _busy  # one queue a process, as there is one interpreter lock
    mine = _Request(facts, policies, zone, at)
    with _lock:
        _waiting.append(mine)
        writes, _busy = not _busy, True
    if not writes:
        mine.woken.wait()
    if not mine.ended:
        _write_for_all(mine)
    if mine.error is not None:
        raise mine.error
    return mine.answers


def _write_for_all(mine: _Request) -> None:
    """Take those who wait, write, and leave the next turn to the first who has come since."""
    global _busy
    with _lock:
        group = [one for one in _waiting if one.policies is mine.policies and one.zone == mine.zone][:MOST_TOGETHER]
        _waiting[:] = [one for one in _waiting if one not in group]
    try:
        _write(group)
    finally:
        for one in group:
            one.ended = True
            if one is not mine:
                one.woken.set()
        with _lock:
            _busy = bool(_waiting)
            if _busy:
                _waiting[0].woken.set()


def _write(group: Sequence[_Request]) -> None:
    try:
        answers = iter(_record(group))
        for one in group:
            one.answers = [next(answers) for _ in one.facts]
    except BaseException as error:
        if len(group) > 1 and isinstance(error, Exception):
            for one in group:
                _write([one])
            return
        for one in group:
            one.error = error


def _record(group: Sequence[_Request]) -> list[Answer]:
    first = group[0]
    facts = [fact for one in group for fact in one.facts]
    return record_facts(facts=facts, policies=first.policies, zone=first.zone, at=max(one.at for one in group))
