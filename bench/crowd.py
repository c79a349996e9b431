"""Many at once, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable
from contextlib import suppress


def at_once(attempt: Callable[[int], None], count: int, connections: int) -> tuple[int, list[Exception]]:
    """How many attempts were served, and what went wrong with others than a named refusal."""
    from django.db import connections as open_connections

    from regulars.core.errors import DomainError

    lock, start = threading.Lock(), threading.Barrier(connections)
    served, failed = [0], list[Exception]()

    def one(place: int) -> None:
        own, wrong = 0, list[Exception]()
        start.wait()
        for number in range(place, count, connections):
            try:
                attempt(number)
                own += 1
            except DomainError:
                pass
            except Exception as error:
                wrong.append(error)
        with lock:
            served[0] += own
            failed.extend(wrong)
        open_connections.close_all()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return served[0], failed


def meeting(size: int) -> Callable[[], None]:
    """Where everybody waits for everybody, once; who comes again goes on."""
    barrier = threading.Barrier(size)

    def together() -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=3)

    return together
