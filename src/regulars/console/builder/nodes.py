"""Rows of the builder: made of a tree, read from a form, and turned into a tree again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, TypeAlias

from django.http import QueryDict
from django.utils.translation import gettext as _

from regulars.console.builder.values import Mistyped, Unfinished, shape, told, typed, usual_operator
from regulars.core.conditions import AllOf, AnyOf, Comparison, Field, InvalidCondition, Not, Tree, as_json, read
from regulars.core.conditions.fields import OPERATORS, Op

ALL, ANY, NONE = "all", "any", "none"
KINDS = (ALL, ANY, NONE)
ROOT = 1
MOST_NODES = 200
VISIBLE_LEVELS = 2


@dataclass(slots=True)
class Leaf:
    """A condition as it stands in the form; `op` fits the field. `problem` says what is wrong or still missing."""

    id: int
    field: str
    op: str
    texts: list[str] = default(default_factory=list)
    problem: str = ""
    unfinished: bool = False


@dataclass(slots=True)
class Fixed:
    """A part that is too deep to be drawn; its JSON is carried along."""

    id: int
    tree: dict[str, Any]
    problem: str = ""


@dataclass(slots=True)
class Group:
    """Conditions of which all, any or none must be true."""

    id: int
    kind: str = ALL
    parts: list["Node"] = default(default_factory=list)
    problem: str = ""
    unfinished: bool = False


Node: TypeAlias = Leaf | Fixed | Group


@dataclass(frozen=True, slots=True)
class Built:
    """What the rows mean: the tree of those that are finished, and how many are not, or are wrong."""

    tree: Tree
    unfinished: int
    wrong: int

    @property
    def is_whole(self) -> bool:
        """Whether it may be saved."""
        return not self.unfinished and not self.wrong


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    if isinstance(node, Group):
        for part in node.parts:
            yield from walk(part)


def next_id(root: Group) -> int:
    """An id that no node has."""
    return max(node.id for node in walk(root)) + 1


# --- from a tree ------------------------------------------------------------------------------------------------------


def of_tree(tree: Tree, fields: Mapping[str, Field], currency: str) -> Group:
    """The rows of a tree."""
    return _Drawer(fields, currency).root(tree)


class _Drawer:
    def __init__(self, fields: Mapping[str, Field], currency: str) -> None:
        self.fields, self.currency, self.last = fields, currency, 0

    def new(self) -> int:
        self.last += 1
        return self.last

    def root(self, tree: Tree) -> Group:
        made = self.new()
        grouped = _as_group(tree)
        kind, parts = grouped if grouped else (ALL, (tree,))
        return Group(made, kind, [self.node(part, 2) for part in parts])

    def node(self, tree: Tree, level: int) -> Node:
        made = self.new()
        if isinstance(tree, Comparison):
            field = self.fields.get(tree.field)
            return Leaf(
                made, tree.field, tree.op.value, typed(field, tree.op, tree.value, self.currency) if field else []
            )
        grouped = _as_group(tree)
        if grouped is None or level > VISIBLE_LEVELS:
            return Fixed(made, as_json(tree))
        kind, parts = grouped
        return Group(made, kind, [self.node(part, level + 1) for part in parts])


def _as_group(tree: Tree) -> tuple[str, tuple[Tree, ...]] | None:
    """A group that rows can show: not one of these is none of them."""
    if isinstance(tree, AllOf):
        return ALL, tree.parts
    if isinstance(tree, AnyOf):
        return ANY, tree.parts
    if isinstance(tree, Not) and isinstance(tree.part, AnyOf):
        return NONE, tree.part.parts
    if isinstance(tree, Not) and isinstance(tree.part, Comparison):
        return NONE, (tree.part,)
    return None


# --- from a form ------------------------------------------------------------------------------------------------------


def of_form(form: QueryDict, fields: Mapping[str, Field]) -> Group:
    """The rows as a form sends them; what makes no sense is left out.

    The form names its rows in reading order as `nodes` = id:parent:type. A group has `kind-<id>`; a condition has
    `field-<id>`, `op-<id>`, any number of `value-<id>`, and `shape-<id>`, the kind of value that they were typed for.
    """
    root = Group(ROOT, _kind(form, ROOT))
    groups: dict[int, tuple[Group, int]] = {ROOT: (root, 1)}
    for line in form.getlist("nodes")[:MOST_NODES]:
        parts = line.split(":")
        if len(parts) != 3 or not (_is_id(parts[0]) and _is_id(parts[1])):
            continue
        made, parent = int(parts[0]), groups.get(int(parts[1]))
        if parent is None or made in groups:
            continue
        group, level = parent
        if parts[2] == "group" and level < VISIBLE_LEVELS:
            inner = Group(made, _kind(form, made))
            groups[made] = (inner, level + 1)
            group.parts.append(inner)
        elif parts[2] == "leaf" and (leaf := _leaf(form, made, fields)):
            group.parts.append(leaf)
        elif parts[2] == "fixed" and (fixed := _fixed(form, made)):
            group.parts.append(fixed)
    return root


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 7


def _kind(form: QueryDict, made: int) -> str:
    asked = form.get(f"kind-{made}", ALL)
    return asked if asked in KINDS else ALL


def _leaf(form: QueryDict, made: int, fields: Mapping[str, Field]) -> Leaf | None:
    name = form.get(f"field-{made}", "")
    field = fields.get(name)
    if field is None:
        return Leaf(made, name, form.get(f"op-{made}", ""), form.getlist(f"value-{made}")) if name else None
    asked = form.get(f"op-{made}", "")
    op = next((one for one in OPERATORS[field.type] if one.value == asked), usual_operator(field))
    texts = form.getlist(f"value-{made}") if form.get(f"shape-{made}") == shape(field, op) else []
    return Leaf(made, name, op.value, texts)


def _fixed(form: QueryDict, made: int) -> Fixed | None:
    try:
        tree = json.loads(form.get(f"tree-{made}", ""))
    except (ValueError, RecursionError):
        return None
    return Fixed(made, tree) if isinstance(tree, dict) else None


def change(root: Group, form: QueryDict, fields: Mapping[str, Field]) -> int | None:
    """Do what a button asks for: a new condition, a new group, or one row less. Returns the id that has the focus then.

    `new-<group>` names the field of a new condition; `do` is 'group:<group>' or 'remove:<row>'.
    """
    groups = {node.id: node for node in walk(root) if isinstance(node, Group)}
    for made, group in groups.items():
        name = form.get(f"new-{made}", "")
        if name in fields and next_id(root) <= MOST_NODES:
            leaf = Leaf(next_id(root), name, usual_operator(fields[name]).value)
            group.parts.append(leaf)
            return leaf.id
    verb, _colon, told_id = form.get("do", "").partition(":")
    if not _is_id(told_id):
        return None
    if verb == "group" and int(told_id) == ROOT:
        inner = Group(next_id(root), ANY if root.kind == ALL else ALL)
        root.parts.append(inner)
        return inner.id
    if verb == "remove":
        for group in groups.values():
            if any(part.id == int(told_id) for part in group.parts):
                group.parts = [part for part in group.parts if part.id != int(told_id)]
                return group.id
    return None


# --- to a tree --------------------------------------------------------------------------------------------------------


def build(root: Group, fields: Mapping[str, Field], currency: str) -> Built:
    """The tree of the rows that are finished; the others are told what is wrong with them, or missing."""
    parts = [tree for part in root.parts if (tree := _tree(part, fields, currency)) is not None]
    nodes = list(walk(root))
    unfinished = sum(1 for node in nodes if not isinstance(node, Fixed) and node.unfinished)
    wrong = sum(1 for node in nodes if node.problem) - unfinished
    tree = _grouped(root.kind, parts) if parts else AllOf()
    try:
        tree = read(as_json(tree), fields)
    except InvalidCondition:
        root.problem = _("These are too many conditions, or too deeply nested.")
        return Built(AllOf(), unfinished, wrong + 1)
    return Built(tree, unfinished, wrong)


def _tree(node: Node, fields: Mapping[str, Field], currency: str) -> Tree | None:
    if isinstance(node, Leaf):
        return _comparison(node, fields, currency)
    if isinstance(node, Fixed):
        try:
            return read(node.tree, fields)
        except InvalidCondition:
            node.problem = _("It asks about something that is not there any more.")
            return None
    if not node.parts:
        node.problem, node.unfinished = _("This group has no conditions yet."), True
        return None
    parts = [tree for part in node.parts if (tree := _tree(part, fields, currency)) is not None]
    return _grouped(node.kind, parts) if parts else None


def _grouped(kind: str, parts: list[Tree]) -> Tree:
    if kind == NONE:
        return Not(AnyOf(tuple(parts)))
    return AllOf(tuple(parts)) if kind == ALL else AnyOf(tuple(parts))


def _comparison(leaf: Leaf, fields: Mapping[str, Field], currency: str) -> Tree | None:
    known = fields.get(leaf.field)
    if known is None:
        leaf.problem = _("It asks about something that is not there any more.")
        return None
    try:
        value = told(known, Op(leaf.op), leaf.texts, currency)
        plain: dict[str, Any] = {"field": leaf.field, "op": leaf.op}
        return read(plain if value is None else {**plain, "value": value}, fields)
    except Unfinished as error:
        leaf.problem, leaf.unfinished = str(error), True
    except Mistyped as error:
        leaf.problem = str(error)
    except InvalidCondition:
        leaf.problem = _("This value does not fit.")
    return None
