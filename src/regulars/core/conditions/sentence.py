"""A tree as a sentence: 下单 3 次以上，且 90 天没来 · Ordered 3 times or more, and not here for 90 days."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from regulars.core.bilingual import Text
from regulars.core.conditions import words
from regulars.core.conditions.fields import Field, FieldType, Op, Operand, operand
from regulars.core.conditions.tree import AllOf, AnyOf, Comparison, Not, Scalar, Tree

Formatter: TypeAlias = Callable[[Field, int | float | date, str], str]
"""How a number (with its unit) or a date of a field is written in a language ('zh…' or any other)."""

_PLACES = re.compile(r" ?(\{\w+\}) ?")
SHOWN = 6
"""Values of a list that are named; of a longer one, the first and how many there are."""


def sentence(tree: Tree, fields: Mapping[str, Field], language: str, written: Formatter | None = None) -> str:
    """The tree in words, without a full stop; an English one starts with a capital letter.

    Args:
        fields: Those that the tree was read with. What is no longer among them is named as it is.
        written: Writes numbers and dates; `plain` where nothing better is known.
    """
    said = _Teller(fields, language, written or plain).tree(tree)
    return said if language.startswith("zh") else said[:1].upper() + said[1:]


def plain(field: Field, value: int | float | date, language: str) -> str:
    """Digits in groups, days as 2024-05-31 or 31 May 2024."""
    if isinstance(value, date):
        return value.isoformat() if language.startswith("zh") else f"{value.day} {value:%b %Y}"
    return f"{value:,}"


class _Teller:
    def __init__(self, fields: Mapping[str, Field], language: str, written: Formatter) -> None:
        self.fields = fields
        self.language = language
        self.chinese = language.startswith("zh")
        self.written = written

    def tree(self, tree: Tree) -> str:
        if isinstance(tree, Comparison):
            return self.comparison(tree)
        if isinstance(tree, Not):
            return words.NOT_WORDS.said(self.language, part=self.tree(tree.part))
        parts = _flat(tree)
        if not parts:
            return (words.EVERYBODY_WORDS if isinstance(tree, AllOf) else words.NOBODY_WORDS).said(self.language)
        if len(parts) == 1:
            return self.tree(parts[0])
        return self.joined([self.within(part) for part in parts], all_of=isinstance(tree, AllOf))

    def within(self, tree: Tree) -> str:
        """A part of something larger: a group in brackets, so that and and or do not run into each other."""
        said = self.tree(tree)
        while isinstance(tree, AllOf | AnyOf) and len(tree.parts) == 1:
            tree = tree.parts[0]
        if not isinstance(tree, AllOf | AnyOf) or not tree.parts:
            return said
        return f"（{said}）" if self.chinese else f"({said})"

    def joined(self, said: Sequence[str], *, all_of: bool) -> str:
        word = ("且" if all_of else "或") if self.chinese else ("and" if all_of else "or")
        *first, last = said
        comma, space = ("，", "") if self.chinese else (", ", " ")
        if self.chinese:
            last = f"{_room(last[0])}{last}"
        return f"{comma.join(first)}{comma}{word}{space}{last}"

    def comparison(self, leaf: Comparison) -> str:
        field = self.fields.get(leaf.field) or Field(leaf.field, FieldType.TEXT, "", Text(leaf.field, leaf.field))
        key = leaf.op.value
        if leaf.op is Op.IS and leaf.value is False:
            key = "is_not"
        if leaf.op is Op.COMES_WITHIN_DAYS and leaf.value == 0:
            key = "comes_today"
        pattern = field.phrases.get(key) or words.pattern(field.type, key)
        label = _lowered(field.label.said(self.language))
        kind, value = operand(leaf.op), leaf.value
        if kind is Operand.NONE or isinstance(value, bool):
            return self.put(pattern, label=label)
        if kind is Operand.PAIR and isinstance(value, tuple):
            low, high = (self.one(field, end) for end in value)
            return self.put(pattern, label=label, low=low, high=high)
        if kind is Operand.LIST and isinstance(value, tuple):
            return self.put(pattern, label=label, value=self.listed(field, value))
        if kind is Operand.DAYS:
            days = (words.ONE_DAY if value == 1 else words.DAYS).said(self.language, count=value)
            return self.put(pattern, label=label, value=days)
        assert not isinstance(value, tuple | None)
        return self.put(pattern, label=label, value=self.one(field, value))

    def put(self, pattern: Text, **parts: str) -> str:
        """The parts in their places; in Chinese, digits and Latin letters get room, and characters do not."""
        if not self.chinese:
            return pattern.said(self.language, **parts)
        roomy = {name: f"{_room(part[:1])}{part}{_room(part[-1:])}" for name, part in parts.items()}
        return _PLACES.sub(r"\1", pattern.zh).format(**roomy).strip()

    def one(self, field: Field, value: Scalar) -> str:
        for choice in field.choices:
            if choice.value == value:
                return choice.label.said(self.language)
        if isinstance(value, str):
            return words.QUOTED.said(self.language, value=value)
        return self.written(field, value, self.language)

    def listed(self, field: Field, values: tuple[Scalar, ...]) -> str:
        said = [self.one(field, value) for value in values[:SHOWN]]
        comma = "、" if self.chinese else ", "
        if len(values) > SHOWN:
            more = words.MORE_WORDS.said(self.language, count=len(values))
            return f"{comma.join(said)}{more if self.chinese else f' … ({more})'}"
        if len(said) == 1:
            return said[0]
        word = "或" if self.chinese else " or "
        return f"{comma.join(said[:-1])}{word}{said[-1]}"


def _room(letter: str) -> str:
    """A space beside what is neither a Chinese character nor a quotation mark."""
    return " " if letter and letter < "\u2e80" and letter not in "“”" else ""


def _lowered(label: str) -> str:
    """A label as it stands inside a sentence: Orders → orders, while RFM stays."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _flat(group: AllOf | AnyOf) -> list[Tree]:
    """The parts, those of parts of the same kind among them: (a and b) and c is said without brackets."""
    found: list[Tree] = []
    for part in group.parts:
        if isinstance(part, type(group)) and part.parts:
            found += _flat(part)
        else:
            found.append(part)
    return found
