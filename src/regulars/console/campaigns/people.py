"""Whom a draft is for, while it is written: how many there are, how they can be reached, who they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.console.condition_words import Speaker
from regulars.console.kept import kept
from regulars.core.conditions import InvalidCondition, read
from regulars.customers import consents
from regulars.customers.queries import canonicals
from regulars.insight import queries as insight
from regulars.insight.segments import queries as segments
from regulars.insight.segments.queries import SegmentView
from regulars.outreach.channels import CHANNELS

MOST_IDS = 200_000
LOOKED_AT = 4_000
"""So many are asked whether they can be reached; more of them say the same share."""
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Reachable:
    """Of so many customers who were looked at, how many can be written to, and why the others cannot, by reason."""

    looked_at: int
    reached: int
    refused: Mapping[str, int]
    languages: Mapping[str, int]

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.reached / self.looked_at if self.looked_at else 0.0


@dataclass(frozen=True, slots=True)
class Audience:
    """Customers whom a draft means. `channels` tells of each channel, `some` are the first who can be looked at."""

    customers: int
    channels: Mapping[str, Reachable]
    some: Mapping[str, tuple[int, ...]]

    def reached(self, channel: str) -> int:
        """About how many of all of them a channel reaches."""
        found = self.channels.get(channel)
        return round(self.customers * found.share) if found else 0

    @property
    def best_channel(self) -> str:
        """Over which most can be reached."""
        return max(CHANNELS, key=lambda code: (self.reached(code), code))


NOBODY = Audience(0, {}, {})


def audience_of(
    segment: SegmentView | None, customers: Sequence[int] | None, words: Speaker, *, at: datetime
) -> Audience | None:
    """Whom a segment, or a list, means now; None where nobody can tell."""
    if customers is not None:
        return _looked_at(sorted(set(canonicals(customers).values())), at)
    picture = insight.picture()
    if segment is None or picture is None:
        return None
    try:
        tree = read(segment.tree, words.fields)
    except InvalidCondition:
        return None
    return kept(
        "campaign-audience", str(picture.file), segment.id, segment.version, version=(),
        make=lambda: _looked_at(
            segments.matching(tree, picture=picture, fields=words.fields, most=MOST_IDS, at=at), at
        ),
    )  # fmt: skip


def _looked_at(ids: Sequence[int], at: datetime) -> Audience:
    some = list(ids[:: 1 + len(ids) // LOOKED_AT])
    found, shown = {}, {}
    for code in CHANNELS:
        reach = consents.reach(some, channel=code, at=at)
        refused = Counter(one.refused for one in reach.values() if one.refused)
        spoken = Counter(one.language for one in reach.values() if not one.refused)
        found[code] = Reachable(len(reach), len(reach) - refused.total(), dict(refused), dict(spoken))
        shown[code] = tuple(who for who in some if who in reach and not reach[who].refused)[:SHOWN] or tuple(
            some[:SHOWN]
        )
    return Audience(len(ids), found, shown)
