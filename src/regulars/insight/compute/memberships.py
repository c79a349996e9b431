"""Who came into a segment, who left it, and which conditions changed for them: whole sets at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from regulars.core.conditions import Tree
from regulars.core.conditions.fields import Field
from regulars.insight.compute.pictures import Flags, Ids, Picture, Tagged, truths


class Why(StrEnum):
    """Why a customer came or left."""

    FIRST = "first"  # the segment was counted for the first time
    EDITED = "edited"  # the customer is as before, the segment is not
    ARRIVED = "arrived"  # the picture did not know the customer before
    GONE = "gone"  # the picture knows the customer no longer: merged into another, or nothing is left of them
    CHANGED = "changed"  # conditions changed for the customer


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, and for CHANGED the conditions that became true or false, by their place in reading order.

    None where what was known before cannot be seen any more.
    """

    why: Why
    became_true: tuple[int, ...] = ()
    became_false: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A picture to look at, and the tags that customers had then."""

    picture: Picture
    tagged: Tagged | None = None


def moved(was: Ids, now: Ids) -> tuple[Ids, Ids]:
    """Who came and who left; sorted ids without repeats go in and come out."""
    return np.setdiff1d(now, was, assume_unique=True), np.setdiff1d(was, now, assume_unique=True)


def causes(
    tree: Tree, fields: Mapping[str, Field], customers: Ids, *, before: View | None, after: View, edited: bool
) -> Iterator[tuple[Cause, Ids]]:
    """The customers who moved, by cause.

    Args:
        customers: Those who moved, sorted.
        before: What was looked at when the segment was last counted; None if that is not there any more.
        edited: Whether the tree is another than then.
    """
    new = truths(after.picture, tree, fields, customers, after.tagged)
    yield from _some(Cause(Why.GONE), np.setdiff1d(customers, new.customers, assume_unique=True))
    if before is None:
        yield from _some(Cause(Why.EDITED if edited else Why.CHANGED), new.customers)
        return
    old = truths(before.picture, tree, fields, new.customers, before.tagged)
    yield from _some(Cause(Why.ARRIVED), np.setdiff1d(new.customers, old.customers, assume_unique=True))
    places = np.searchsorted(new.customers, old.customers)
    same = old.whole == new.whole[places]
    if edited:
        yield from _some(Cause(Why.EDITED), old.customers[same])
        keep = ~same
    else:
        keep = np.ones(len(same), dtype=bool)
    yield from _by_change(old.customers[keep], old.leaves[keep], new.leaves[places][keep])


def _by_change(customers: Ids, old: Flags, new: Flags) -> Iterator[tuple[Cause, Ids]]:
    if not len(customers) or not old.shape[1]:
        yield from _some(Cause(Why.CHANGED), customers)
        return
    # A row of bits for each customer: what became true, then what became false.
    bits = np.packbits(np.hstack([new & ~old, old & ~new]), axis=1)
    kinds, first, which = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    for kind, example in enumerate(first[: len(kinds)]):
        cause = Cause(Why.CHANGED, _places(new[example] & ~old[example]), _places(old[example] & ~new[example]))
        yield cause, customers[which.ravel() == kind]


def _places(flags: Flags) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(flags))


def _some(cause: Cause, customers: Ids) -> Iterator[tuple[Cause, Ids]]:
    if len(customers):
        yield cause, customers
