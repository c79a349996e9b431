"""What somebody did lately, what the rules find odd about it, and what may become of a case. Looks nothing up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Final, NamedTuple

from regulars.core.errors import DomainError
from regulars.loyalty.currencies import POINTS

MOST_BY_HAND: Final = 1_000_000
"""So many points are granted or deducted by hand at once, at most."""
LOOKS_BACK: Final = timedelta(days=42)
"""How much of what somebody did the rules see."""
YOUNG: Final = timedelta(days=45)
"""An account is young so long after it joined."""
ALIKE: Final = timedelta(days=14)
"""Accounts of a ring join within so much of one another."""
CROWD: Final = 60
"""A device or an address of more customers is a shop's tablet or a tower of offices: nobody is looked at for it."""
STANDS: Final = timedelta(days=180)
"""So long a dismissal holds against the same sign."""
MORE: Final = 20
"""Unless the sign is so much stronger than the one that was dismissed."""
FACTS_KEPT: Final = 200


class CaseEnded(DomainError):
    """The case was decided meanwhile; `state` in the context says how."""

    code = "risk_case_ended"


class NoCase(DomainError):
    """No such case."""

    code = "no_risk_case"


class NothingToReverse(DomainError):
    """Of the points that the evidence names none can be taken now."""

    code = "nothing_to_reverse"


class SecondPersonNeeded(DomainError):
    """So many points are not moved by one alone; `most` in the context says how many are.

    `roles` in the context, where it is said, are those of people who may decide.
    """

    code = "second_person_needed"


class CaseState(StrEnum):
    """Where a case stands 待复核 → 复核中 → 已冻结 / 已解除 / 已排除."""

    OPEN = "open"
    REVIEWED = "reviewed"
    FROZEN = "frozen"
    RELEASED = "released"
    DISMISSED = "dismissed"


UNSETTLED: Final = (CaseState.OPEN, CaseState.REVIEWED, CaseState.FROZEN)
"""While a case is one of these, whatever else is found is added to it."""
WAITING: Final = (CaseState.OPEN, CaseState.REVIEWED)


class MarkKind(IntEnum):
    """What several accounts may share. Phones lie close to one another, and are not kept as marks."""

    DEVICE = 1
    ADDRESS = 2
    PHONE = 3


class Bought(NamedTuple):
    """An order. `back` is what was given back for it, minor units, and `back_at` when last; `product` the first line's.

    `pieces` counts its lines.
    """

    fact_id: int
    at: datetime
    day: date
    amount: int
    store: int | None = None
    product: str = ""
    pieces: int = 1
    online: bool = False
    back: int = 0
    back_at: datetime | None = None


class Said(NamedTuple):
    """A check-in, a review or another event."""

    fact_id: int
    at: datetime
    day: date
    event: str


class Moved(NamedTuple):
    """A command: `spent` if it took points out, else granted by hand; `own`: by somebody of the staff to themselves."""

    at: datetime
    amount: int
    spent: bool
    own: bool = False


class Lent(NamedTuple):
    """A coupon that was issued to this customer was presented by another one, and refused."""

    at: datetime
    by: int


class Served(NamedTuple):
    """A step at a till that somebody of the staff did for their own account: points and stamps that it gave."""

    at: datetime
    points: int
    stamps: int
    facts: tuple[int, ...] = ()


class Circle(NamedTuple):
    """Who shares something with this customer: so many accounts in all, this one among them, and when each joined."""

    kind: MarkKind
    mark: str
    joined: tuple[date, ...]


@dataclass(slots=True)
class Activity:
    """What one customer (the whole group) did lately, each list in the order of time; `joined` the first of them.

    `since`: what was before has been judged. `wrong_codes`: (when, how many).
    """

    customer_id: int
    joined: date
    at: datetime
    since: datetime
    bought: Sequence[Bought] = ()
    said: Sequence[Said] = ()
    moved: Sequence[Moved] = ()
    wrong_codes: Sequence[tuple[datetime, int]] = ()
    circles: Sequence[Circle] = ()
    lent: Sequence[Lent] = ()
    own_served: Sequence[Served] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """Something odd: the rule, how odd (1 to 100), the figures of its sentence, and the facts that show it.

    `key` tells it from another of the same rule: which device, say.
    """

    rule: str
    score: int
    figures: Mapping[str, int]
    facts: Sequence[int] = ()
    key: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON keeps it; of very many facts the newest."""
        kept = sorted(self.facts)[-FACTS_KEPT:]
        return {"rule": self.rule, "score": self.score, "figures": dict(self.figures), "facts": kept, "key": self.key}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Sign":
        """The sign that `told` told."""
        return cls(told["rule"], told["score"], told["figures"], tuple(told["facts"]), told["key"])


@dataclass(frozen=True, slots=True)
class Judged:
    """What was released or dismissed before: when the last time, and by (rule, key) how strong a sign was, and when."""

    until: datetime | None = None
    signs: Mapping[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)

    def is_new(self, sign: Sign, at: datetime) -> bool:
        """Whether this is more than what somebody has looked at already."""
        known = self.signs.get((sign.rule, sign.key))
        return known is None or at - known[1] > STANDS or sign.score >= known[0] + MORE


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on a customer is looked at, and frozen at once."""

    review: int = 50
    freeze: int = 90


def score_of(signs: Sequence[Sign]) -> int:
    """One score of several signs, 0 to 100: what is left of the doubt after each (noisy or), rounded down."""
    doubt = 100.0
    for sign in signs:
        doubt *= (100 - sign.score) / 100
    return int(100 - doubt + 1e-9)


def joined_signs(kept: Sequence[Sign], found: Sequence[Sign]) -> list[Sign]:
    """The evidence of a case with what was found since: of the same sign the stronger, with the facts of both."""
    by: dict[tuple[str, str], Sign] = {(one.rule, one.key): one for one in kept}
    for sign in found:
        known = by.get((sign.rule, sign.key))
        if known is not None:
            stronger = sign if sign.score >= known.score else known
            facts = tuple(sorted({*known.facts, *sign.facts})[-FACTS_KEPT:])
            sign = Sign(stronger.rule, stronger.score, stronger.figures, facts, stronger.key)
        by[sign.rule, sign.key] = sign
    return sorted(by.values(), key=lambda sign: (-sign.score, sign.rule, sign.key))


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What somebody grants or deducts by hand, so many of a currency, and why. `key` is the asker's own for it."""

    kind: str
    customer_id: int
    amount: int
    note: str
    key: str
    actor: str
    currency: int = POINTS


def needs_second(points: int, limit: int) -> bool:
    """Whether a second person has to approve so many points; a limit of 0 asks for none."""
    return 0 < limit < points
