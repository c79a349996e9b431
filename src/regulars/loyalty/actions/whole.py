"""Commands that need the whole history: it is folded from its start, and what differs from the books is posted."""

from dataclasses import dataclass
from datetime import datetime

from regulars.loyalty import queries
from regulars.loyalty.actions import holds, rating
from regulars.loyalty.checkout.queries import ended_holds
from regulars.loyalty.rate import Fold
from regulars.loyalty.refolding import folded
from regulars.loyalty.rules import COMMAND_SOURCE, Item, Policies


@dataclass(slots=True)
class Whole:
    """A group's whole history, folded and settled: who belongs to it, its items in order, and the fold."""

    canonical_id: int
    members: list[int]
    items: list[Item]
    fold: Fold

    @property
    def last_at(self) -> datetime | None:
        """When the last thing in it happened."""
        return self.items[-1].at if self.items else None

    def find(self, command_id: int | None) -> Item | None:
        """The command that the next one goes on from."""
        own = (item for item in self.items if item.source == COMMAND_SOURCE)
        return next((item for item in own if item.origin_id == command_id), None)

    def then(self, item: Item) -> None:
        """Go on with an item that comes after all others."""
        self.items.append(item)
        self.fold.apply(item)
        self.fold.settle(item.at)

    def post(self, policies: Policies, at: datetime) -> None:
        """Write what it differs in from the books."""
        folds = {self.canonical_id: (self.items, self.fold)}
        rating.post_folds(folds, members=self.members, policies=policies, at=at)


def whole_of(canonical_id: int, policies: Policies, at: datetime) -> Whole:
    """The history as it is recorded."""
    groups, histories = queries.histories([canonical_id], policies)
    items = histories.get(canonical_id, [])
    return Whole(canonical_id, sorted(groups), items, folded(items, policies, at))


def without_ended_holds(canonical_id: int, policies: Policies, at: datetime) -> Whole:
    """The history once holds whose time is over are released; when the command is refused, so is this."""
    whole = whole_of(canonical_id, policies, at)
    if whole.fold.holds and (ended := ended_holds(at=at, canonical_id=canonical_id)):
        holds.close(ended, whole.fold, policies, at)
        return whole_of(canonical_id, policies, at)
    return whole
