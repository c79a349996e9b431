"""What a condition can ask about, and how: fields, their types, and the operators of each type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from regulars.core.bilingual import Text


class FieldType(StrEnum):
    """What kind of value a field holds."""

    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"  # one of a few known values
    SET = "set"  # any number of a few known values, such as tags
    DATE = "date"
    BOOLEAN = "boolean"
    ANNIVERSARY = "anniversary"  # a day of every year, as month × 100 + day: 229 is 29 February


class Op(StrEnum):
    """How a field is compared. Texts are compared letter by letter, capitals and small ones being different."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    BETWEEN = "between"  # both ends belong to it
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    HAS_ANY = "has_any"
    HAS_NONE = "has_none"
    BEFORE = "before"
    AFTER = "after"
    ON = "on"
    # Seen from the as-of day D, a date x lies D - x days back: 0 to N of them for IN_LAST_DAYS, more for DAYS_AGO_OVER.
    # What lies ahead of D is neither.
    IN_LAST_DAYS = "in_last_days"
    DAYS_AGO_OVER = "days_ago_over"
    # From the as-of day on, that day among them; 29 February is 28 February in years without one.
    COMES_WITHIN_DAYS = "comes_within_days"
    IN_MONTHS = "in_months"
    IS = "is"
    MISSING = "missing"
    NOT_MISSING = "not_missing"


class Operand(StrEnum):
    """What stands to the right of an operator."""

    NONE = "none"
    ONE = "one"
    PAIR = "pair"
    LIST = "list"
    DAYS = "days"


_EITHER_WAY = (Op.MISSING, Op.NOT_MISSING)
OPERATORS: Mapping[FieldType, tuple[Op, ...]] = {
    FieldType.NUMBER: (Op.GE, Op.GT, Op.LE, Op.LT, Op.EQ, Op.NE, Op.BETWEEN, *_EITHER_WAY),
    FieldType.TEXT: (Op.EQ, Op.NE, Op.IN, Op.CONTAINS, *_EITHER_WAY),
    FieldType.CHOICE: (Op.IN, Op.NOT_IN, *_EITHER_WAY),
    FieldType.SET: (Op.HAS_ANY, Op.HAS_NONE, *_EITHER_WAY),
    FieldType.DATE: (
        Op.IN_LAST_DAYS, Op.DAYS_AGO_OVER, Op.BEFORE, Op.AFTER, Op.ON, Op.BETWEEN, *_EITHER_WAY,
    ),
    FieldType.BOOLEAN: (Op.IS, *_EITHER_WAY),
    FieldType.ANNIVERSARY: (Op.COMES_WITHIN_DAYS, Op.IN_MONTHS, *_EITHER_WAY),
}  # fmt: skip
"""The operators of each type, the one meant most often first."""

_OPERANDS: Mapping[Op, Operand] = {
    Op.BETWEEN: Operand.PAIR,
    Op.IN: Operand.LIST,
    Op.NOT_IN: Operand.LIST,
    Op.HAS_ANY: Operand.LIST,
    Op.HAS_NONE: Operand.LIST,
    Op.IN_LAST_DAYS: Operand.DAYS,
    Op.DAYS_AGO_OVER: Operand.DAYS,
    Op.COMES_WITHIN_DAYS: Operand.DAYS,
    Op.IN_MONTHS: Operand.LIST,
    Op.MISSING: Operand.NONE,
    Op.NOT_MISSING: Operand.NONE,
}


def operand(op: Op) -> Operand:
    """What the operator wants to its right."""
    return _OPERANDS.get(op, Operand.ONE)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a choice or set field can have, and its name for people."""

    value: str | int
    label: Text


@dataclass(frozen=True, slots=True)
class Field:
    """Something that conditions can ask about.

    Attributes:
        name: The key of a mapping, or the column of a table.
        unit: What a number counts, for the formatter: 'day', 'minor' …; '' for none.
        choices: The values that are allowed, for choice and set fields; the months (1 to 12) of an anniversary.
        live: Known at this moment. False: known as of the last refresh, so sends need not look again.
        family: The heading under which a builder lists it.
        meaning: A sentence on how it is counted.
        phrases: Better words than 'label is value' for some operators (`Op` values, 'is_not' for a boolean that is
            false, 'comes_today' for an anniversary within 0 days), with {value}, or {low} and {high}.
    """

    name: str
    type: FieldType
    unit: str
    label: Text
    choices: tuple[Choice, ...] = ()
    live: bool = False
    family: str = ""
    meaning: Text | None = None
    phrases: Mapping[str, Text] = field(default_factory=dict)
