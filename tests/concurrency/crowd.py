"""Many at once, each in a thread with a connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")


def at_once(work: Sequence[Callable[[], Result]]) -> list[Result | BaseException]:
    """Run everything at the same moment; what each returned or raised, in order."""
    start = Barrier(len(work))

    def one(task: Callable[[], Result]) -> Result | BaseException:
        try:
            start.wait(timeout=30)
            return task()
        except BaseException as error:  # the tests look at what was raised
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(one, work))


def failures(results: Sequence[object]) -> list[BaseException]:
    """What was raised."""
    return [result for result in results if isinstance(result, BaseException)]
