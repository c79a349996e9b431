"""What a fact is: one thing that happened, with the source that numbered it and a time that nobody has to guess."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from regulars.core.errors import DomainError
from regulars.customers.identities import Identity, IdentityKind

__all__ = [
    "Answer",
    "Body",
    "Bundle",
    "Identity",
    "IdentityKind",
    "KeyReused",
    "MalformedFact",
    "NewFact",
    "Outcome",
    "row_key",
]

MARKS = frozenset({"device", "address"})
"""What of a body says how an order was told and not what was bought: told without it, it is the same order."""

Body = dict[str, Any]
"""A kind's normalised properties: JSON with whole minor units, no floats. Each kind's file says what stands in it."""


@dataclass(slots=True)
class NewFact:
    """A fact on its way in, already normalised.

    `key` is the source's own number for it (the order number). `subject` is the order that a refund or cancellation
    is about, else None. `amount` is in minor units: paid for an order, given back for a refund (None: all of it).
    `profile` may hold name, birthday, language, joined_on: it fills empty fields, it is not part of the fact.
    """

    source: str
    kind: int
    key: str
    occurred_at: datetime
    body: Body
    identities: tuple[Identity, ...] = ()
    subject: str | None = None
    amount: int | None = None
    store: str | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)

    def body_text(self) -> bytes:
        """The body as JSON, keys in order."""
        return orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS)

    def digest(self, body_text: bytes | None = None) -> bytes:
        """16 bytes over everything that is the fact: equal digests are the same fact told twice.

        Args:
            body_text: What `body_text` returns, if it was asked for already.
        """
        if not MARKS.isdisjoint(self.body):
            bare = {name: value for name, value in self.body.items() if name not in MARKS}
            body_text = orjson.dumps(bare, option=orjson.OPT_SORT_KEYS)
        told = (
            self.occurred_at.timestamp(),
            orjson.Fragment(body_text or self.body_text()),
            [tuple(one) for one in (self.identities if len(self.identities) < 2 else sorted(self.identities))],
            self.subject,
            self.amount,
            self.store,
        )
        return blake2b(orjson.dumps(told), digest_size=16).digest()

    def told(self) -> list[Any]:
        """The fact as JSON takes it."""
        profile = self.profile and {k: v.isoformat() if isinstance(v, date) else v for k, v in self.profile.items()}
        who = [tuple(identity) for identity in self.identities]
        return [self.source, self.kind, self.key, self.occurred_at.isoformat(), self.body, who,
                self.subject, self.amount, self.store, profile]  # fmt: skip

    @classmethod
    def retold(cls, told: Sequence[Any]) -> "NewFact":
        """The fact that `told` told."""
        source, kind, key, at, body, identities, subject, amount, store, profile = told
        for name in ("birthday", "joined_on") if profile else ():
            if profile.get(name):
                profile[name] = date.fromisoformat(profile[name])
        who = tuple(map(Identity._make, identities))
        return cls(source, kind, key, datetime.fromisoformat(at), body, who, subject, amount, store, profile)


class Outcome(IntEnum):
    """What became of one fact."""

    RECORDED = 1
    REPEATED = 2
    CONFLICT = 3


class Answer(NamedTuple):
    """The outcome for one fact, in the order of the batch; `fact_id` of the recorded or the earlier fact."""

    outcome: Outcome
    fact_id: int


class MalformedFact(DomainError):
    """A field of the fact is missing or wrong; `field` in the context names it."""

    code = "malformed_fact"


class KeyReused(DomainError):
    """The source already used this key for something else."""

    code = "key_reused"


class Bundle(list[NewFact]):
    """Facts that may go to another process: as JSON, since pickling them one by one takes twice as long."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Bundle.unpacked, (orjson.dumps([fact.told() for fact in self]),)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Bundle":
        """The facts of a bundle that arrived."""
        return cls(map(NewFact.retold, orjson.loads(packed)))


def row_key(business_fields: Sequence[str], ordinal: int) -> str:
    """A key for a row without a number: the hash of its business fields and its place among equal rows."""
    digest = blake2b("\x1f".join(business_fields).encode(), digest_size=12).hexdigest()
    return f"#{digest}-{ordinal}"
