"""What the builder's templates draw: rows with their operators and inputs, and the fields to choose from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import figures
from regulars.console.builder.nodes import ALL, ANY, NONE, ROOT, Fixed, Leaf, Node
from regulars.console.builder.values import shape
from regulars.console.condition_words import Speaker
from regulars.core.conditions import Field, FieldType, Op
from regulars.core.conditions.fields import OPERATORS, Operand, operand
from regulars.core.conditions.words import OPERATOR_WORDS

KINDS: tuple[tuple[str, Promise], ...] = (
    (ALL, gettext_lazy("all of these are true")),
    (ANY, gettext_lazy("at least one is true")),
    (NONE, gettext_lazy("none of these is true")),
)
JOINERS: Mapping[str, Promise] = {ALL: gettext_lazy("and"), ANY: gettext_lazy("or"), NONE: gettext_lazy("nor")}
FAMILIES: Mapping[str, Promise] = {
    "recency": gettext_lazy("When they last came"),
    "frequency": gettext_lazy("How often they order"),
    "money": gettext_lazy("What they spent"),
    "order_value": gettext_lazy("What an order is worth"),
    "tenure": gettext_lazy("Since when they are here"),
    "rhythm": gettext_lazy("Their own rhythm"),
    "trend": gettext_lazy("More or less than before"),
    "breadth": gettext_lazy("What they buy"),
    "returns": gettext_lazy("Returns"),
    "discount": gettext_lazy("Discounts"),
    "channel": gettext_lazy("Channel and store"),
    "points": gettext_lazy("Points"),
    "rfm": gettext_lazy("RFM"),
    "lifecycle": gettext_lazy("Lifecycle"),
    "value": gettext_lazy("Value"),
    "churn": gettext_lazy("Churn"),
    "contract": gettext_lazy("Contracts"),
    "programme": gettext_lazy("Programme"),
    "person": gettext_lazy("About the person"),
    "segments": gettext_lazy("Segments"),
    "tags": gettext_lazy("Tags"),
    "order": gettext_lazy("The order"),
    "when": gettext_lazy("When it was"),
    "customer": gettext_lazy("The customer"),
}
UNITS: Mapping[str, Promise] = {
    "days": gettext_lazy("days"),
    "day": gettext_lazy("days"),
    "orders": gettext_lazy("orders"),
    "points": gettext_lazy("points"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A condition. `input` says which template draws its value: see `_input`."""

    id: int
    field: str
    label: str
    meaning: str
    operators: tuple[Option, ...]
    input: str
    shape: str
    low: str
    high: str
    before: str
    after: str
    choices: tuple[Option, ...]
    problem: str
    unfinished: bool
    focus: bool
    kind: str = "leaf"


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A part that is only told."""

    id: int
    sentence: str
    json: str
    problem: str
    kind: str = "fixed"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its rows."""

    id: int
    kinds: tuple[Option, ...]
    joiner: str
    parts: tuple["Row", ...]
    problem: str
    unfinished: bool
    focus: bool
    is_root: bool
    kind: str = "group"


Row = LeafRow | FixedRow | GroupRow


@dataclass(frozen=True, slots=True)
class FieldOption:
    """A field to choose. `words` are what people may type to find it, in both languages."""

    name: str
    label: str
    meaning: str
    words: str


@dataclass(frozen=True, slots=True)
class FieldFamily:
    """Fields under one heading."""

    label: str
    fields: tuple[FieldOption, ...]


def row(node: Node, words: Speaker, *, focus: int | None = None) -> Row:
    """A node as it is drawn; the one with id `focus` takes the cursor."""
    if isinstance(node, Leaf):
        return _leaf(node, words, focus)
    if isinstance(node, Fixed):
        return FixedRow(node.id, words.say_json(node.tree), json.dumps(node.tree), node.problem)
    return GroupRow(
        id=node.id,
        kinds=tuple(Option(code, str(label), code == node.kind) for code, label in KINDS),
        joiner=str(JOINERS[node.kind]),
        parts=tuple(row(part, words, focus=focus) for part in node.parts),
        problem=node.problem,
        unfinished=node.unfinished,
        focus=node.id == focus,
        is_root=node.id == ROOT,
    )


def _leaf(leaf: Leaf, words: Speaker, focus: int | None) -> LeafRow:
    field = words.fields.get(leaf.field)
    if field is None:
        return LeafRow(
            leaf.id, leaf.field, leaf.field, "", (Option(leaf.op, leaf.op, True),), "none", "", "", "", "", "", (),
            leaf.problem, leaf.unfinished, leaf.id == focus,
        )  # fmt: skip
    op = Op(leaf.op)
    before, after = _units(field, op, words.currency)
    low, high = [*leaf.texts, "", ""][:2]
    return LeafRow(
        id=leaf.id,
        field=leaf.field,
        label=words.text(field.label),
        meaning=words.text(field.meaning) if field.meaning else "",
        operators=tuple(Option(one.value, words.text(OPERATOR_WORDS[one]), one is op) for one in OPERATORS[field.type]),
        input=_input(field, op),
        shape=shape(field, op),
        low=low,
        high=high,
        before=before,
        after=after,
        choices=tuple(
            Option(str(one.value), words.text(one.label), str(one.value) in leaf.texts) for one in field.choices
        ),
        problem=leaf.problem,
        unfinished=leaf.unfinished,
        focus=leaf.id == focus,
    )


def _input(field: Field, op: Op) -> str:
    """Which input it takes; those for a number or a day end in "_pair" for a range."""
    wanted = operand(op)
    if wanted is Operand.NONE:
        return "none"
    if wanted is Operand.DAYS:
        return "days"
    if field.type in (FieldType.CHOICE, FieldType.SET, FieldType.ANNIVERSARY):
        return "choices"
    if field.type is FieldType.BOOLEAN:
        return "yesno"
    if field.type is FieldType.TEXT:
        return "words" if wanted is Operand.LIST else "word"
    kind = "date" if field.type is FieldType.DATE else "number"
    return f"{kind}_pair" if wanted is Operand.PAIR else kind


def _units(field: Field, op: Op, currency: str) -> tuple[str, str]:
    """What stands before and after the number."""
    if operand(op) is Operand.DAYS or field.name.startswith("purchase_days"):
        return "", _("days")
    if field.unit == "minor":
        return figures.symbol(currency).strip(), ""
    if field.name == "silence_ratio":
        return "", _("times the usual gap")
    return "", "%" if field.unit == "share" else str(UNITS.get(field.unit, ""))


def families(words: Speaker) -> list[FieldFamily]:
    """The fields to choose from, under their headings."""
    found: dict[str, list[FieldOption]] = {}
    for field in words.fields.values():
        family = str(FAMILIES.get(field.family, field.family))
        label, meaning = words.text(field.label), words.text(field.meaning) if field.meaning else ""
        search = " ".join((*field.label, meaning, family, field.name)).casefold()
        found.setdefault(family, []).append(FieldOption(field.name, label, meaning, search))
    return [FieldFamily(label, tuple(fields)) for label, fields in found.items()]
