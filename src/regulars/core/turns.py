"""Taking turns: who comes while something is being done waits, and the next turn is for all who wait.

A transaction for one request costs a score of statements, and a second request in it costs hardly more. Nobody waits
for company: with nothing else going on, a request is done at once, by the thread that brings it.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Given = TypeVar("Given")

MOST_TOGETHER = 64
"""Requests in one turn."""


@dataclass(slots=True, eq=False)
class _Request(Generic[Asked, Given]):
    """What one thread brought, and what came of it. `ended` says that it need not do it itself."""

    asked: Asked
    kind: Hashable
    woken: threading.Event = field(default_factory=threading.Event)
    ended: bool = False
    given: list[Given] = field(default_factory=list)
    error: BaseException | None = None


class Turns(Generic[Asked, Given]):
    """A queue of a process: `work` does what several threads ask for, and answers each in its place."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Given]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Request[Asked, Given]] = []
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many requests wait for the next turn."""
        return len(self._waiting)

    def take(self, asked: Asked, *, kind: Hashable = None) -> Given:
        """Have it done, together with whatever else of this kind waits.

        Where that fails, each request is tried by itself, so that nobody fails for another's sake.
        """
        mine: _Request[Asked, Given] = _Request(asked, kind)
        with self._lock:
            self._waiting.append(mine)
            does, self._busy = not self._busy, True
        if not does:
            mine.woken.wait()
        if not mine.ended:
            self._do_for_all(mine)
        if mine.error is not None:
            raise mine.error
        return mine.given[0]

    def _do_for_all(self, mine: _Request[Asked, Given]) -> None:
        """Take those who wait, do it, and leave the next turn to the first who has come since."""
        with self._lock:
            group = [one for one in self._waiting if one.kind == mine.kind][:MOST_TOGETHER]
            self._waiting[:] = [one for one in self._waiting if one not in group]
        try:
            self._do(group)
        finally:
            for one in group:
                one.ended = True
                if one is not mine:
                    one.woken.set()
            with self._lock:
                self._busy = bool(self._waiting)
                if self._busy:
                    self._waiting[0].woken.set()

    def _do(self, group: Sequence[_Request[Asked, Given]]) -> None:
        try:
            for one, given in zip(group, self._work([one.asked for one in group]), strict=True):
                one.given = [given]
        except BaseException as error:
            if len(group) > 1 and isinstance(error, Exception):
                for one in group:
                    self._do([one])
                return
            for one in group:
                one.error = error
