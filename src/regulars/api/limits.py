"""How much one API key may do at a time, so that a loop gone wild leaves the tills and the console working.

Counted in each web process by itself, without asking the database: an instance with four web processes lets a key do
four times as much. That is a brake, not a quota.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from regulars.core.errors import DomainError

REQUESTS_PER_SECOND = 500.0
BURST = 1000.0
MOST_IN_WORK = 10_000
"""Items in work at once: two full batches, so that most of a web process's eight threads stay free for others."""


class TooManyRequests(DomainError):
    """Over the rate, or too much in work; `retry_after` in the context says when to come back, in seconds."""

    code = "too_many_requests"


@dataclass(slots=True)
class _Usage:
    tokens: float
    counted_at: float
    in_work: int = 0


@dataclass
class Limits:
    """A token bucket and the items in work, for each key."""

    rate: float = REQUESTS_PER_SECOND
    burst: float = BURST
    most_in_work: int = MOST_IN_WORK
    clock: Callable[[], float] = time.monotonic
    _keys: dict[int, _Usage] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, api_key_id: int) -> None:
        """Count one request.

        Raises:
            TooManyRequests: The key is over its rate.
        """
        with self._lock:
            usage = self._usage(api_key_id)
            now = self.clock()
            usage.tokens = min(self.burst, usage.tokens + (now - usage.counted_at) * self.rate)
            usage.counted_at = now
            if usage.tokens < 1:
                wait = math.ceil((1 - usage.tokens) / self.rate)
                raise TooManyRequests(f"This key may send {self.rate:.0f} requests a second.", retry_after=wait)
            usage.tokens -= 1

    @contextmanager
    def in_work(self, api_key_id: int, items: int) -> Iterator[None]:
        """Hold a place for these items while they are worked on.

        Raises:
            TooManyRequests: The key has too much in work already.
        """
        with self._lock:
            usage = self._usage(api_key_id)
            if usage.in_work and usage.in_work + items > self.most_in_work:
                raise TooManyRequests(
                    f"This key has {usage.in_work} items in work; send the next batch when they are done.",
                    retry_after=1,
                )
            usage.in_work += items
        try:
            yield
        finally:
            with self._lock:
                usage.in_work -= items

    def forget(self) -> None:
        """Start counting afresh."""
        with self._lock:
            self._keys.clear()

    def _usage(self, api_key_id: int) -> _Usage:
        if api_key_id not in self._keys:
            self._keys[api_key_id] = _Usage(self.burst, self.clock())
        return self._keys[api_key_id]


limits = Limits()
"""The limits of this process."""
