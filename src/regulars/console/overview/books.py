"""Whether the books balance, and when that was found out."""

from dataclasses import dataclass

from regulars.flows import jobs
from regulars.loyalty import queries as loyalty
from regulars.loyalty.queries import Verified


@dataclass(frozen=True, slots=True)
class BooksState:
    """The last check, None before the first; and whether one is under way."""

    last: Verified | None
    is_checking: bool

    @property
    def tone(self) -> str:
        """How the state looks: 'ok', 'err', or 'mute' while nobody has looked."""
        return "mute" if self.last is None else "ok" if self.last.clean else "err"


def state() -> BooksState:
    """How the books stand."""
    return BooksState(loyalty.last_verification(), jobs.is_waiting(jobs.verify_now))
