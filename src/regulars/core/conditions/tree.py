"""The tree itself, and its JSON: {"all": […]}, {"any": […]}, {"not": …}, {"field": …, "op": …, "value": …}."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from regulars.core.conditions.fields import Op

Scalar: TypeAlias = int | float | str | bool | date


@dataclass(frozen=True, slots=True)
class Comparison:
    """A leaf. `value` is None, one value, a pair (low, high), values to choose from, or a number of days."""

    field: str
    op: Op
    value: Scalar | tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: "Tree"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is, so also without any."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one part is."""

    parts: tuple["Tree", ...]


Tree: TypeAlias = Comparison | Not | AllOf | AnyOf
EVERYBODY = AllOf()


def comparisons(tree: Tree) -> Iterator[Comparison]:
    """The leaves in reading order; a leaf's place in it names it in causes of change."""
    if isinstance(tree, Comparison):
        yield tree
    elif isinstance(tree, Not):
        yield from comparisons(tree.part)
    else:
        for part in tree.parts:
            yield from comparisons(part)


def used_fields(tree: Tree) -> frozenset[str]:
    """The names of the fields that the tree asks about."""
    return frozenset(leaf.field for leaf in comparisons(tree))


def as_json(tree: Tree) -> dict[str, Any]:
    """The tree as plain JSON values; `read` makes the same tree of them."""
    if isinstance(tree, Not):
        return {"not": as_json(tree.part)}
    if isinstance(tree, AllOf):
        return {"all": [as_json(part) for part in tree.parts]}
    if isinstance(tree, AnyOf):
        return {"any": [as_json(part) for part in tree.parts]}
    told: dict[str, Any] = {"field": tree.field, "op": tree.op.value}
    if isinstance(tree.value, tuple):
        told["value"] = [_plain(one) for one in tree.value]
    elif tree.value is not None:
        told["value"] = _plain(tree.value)
    return told


def _plain(value: Scalar) -> int | float | str | bool:
    return value.isoformat() if isinstance(value, date) else value
