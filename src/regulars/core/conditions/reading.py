"""Reading a tree from JSON, whoever wrote it: checked against the fields, within limits, a mistake with its place."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from regulars.core.conditions.fields import OPERATORS, Field, FieldType, Op, Operand, operand
from regulars.core.conditions.tree import AllOf, AnyOf, Comparison, Not, Scalar, Tree
from regulars.core.errors import DomainError

DEEPEST = 6
MOST_CONDITIONS = 200
MOST_VALUES = 1000
LONGEST_TEXT = 200
LARGEST_NUMBER = 10**15
"""Up to here every whole number is a float too, so that engines and Python compare alike."""
MOST_DAYS = 36_500


class InvalidCondition(DomainError):
    """A condition that cannot be understood. `context["path"]` says where: 'all[0].not.value', '' for the whole."""

    code = "invalid_condition"


class MalformedCondition(InvalidCondition):
    """Neither a group nor a comparison."""

    code = "malformed_condition"


class TooDeep(InvalidCondition):
    """Groups within groups, more than anybody can read."""

    code = "condition_too_deep"


class TooManyConditions(InvalidCondition):
    """More comparisons than a tree may have."""

    code = "too_many_conditions"


class UnknownField(InvalidCondition):
    """There is no such field, or no longer."""

    code = "unknown_field"


class WrongOperator(InvalidCondition):
    """No such operator, or not for this type of field."""

    code = "wrong_operator"


class WrongValue(InvalidCondition):
    """The value does not fit the field and the operator."""

    code = "wrong_value"


class UnknownChoice(WrongValue):
    """The field has no such choice, or no longer."""

    code = "unknown_choice"


class TooManyValues(WrongValue):
    """A list longer than allowed."""

    code = "too_many_values"


def read(told: Any, fields: Mapping[str, Field]) -> Tree:
    """A tree of what `as_json` writes.

    Raises:
        InvalidCondition: One of its kinds above, naming the place.
    """
    return _Reader(fields).tree(told, "", 1)


class _Reader:
    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.count = 0

    def tree(self, told: Any, path: str, depth: int) -> Tree:
        if depth > DEEPEST:
            raise TooDeep(f"Conditions may be nested {DEEPEST} levels deep.", path=path)
        if not isinstance(told, Mapping):
            raise MalformedCondition("A condition is an object with all, any, not, or field and op.", path=path)
        if set(told) == {"not"}:
            return Not(self.tree(told["not"], _within(path, "not"), depth + 1))
        for kind, group in (("all", AllOf), ("any", AnyOf)):
            if set(told) == {kind}:
                return group(self.parts(told[kind], _within(path, kind), depth + 1, may_be_empty=kind == "all"))
        return self.comparison(told, path)

    def parts(self, told: Any, path: str, depth: int, *, may_be_empty: bool) -> tuple[Tree, ...]:
        if not isinstance(told, list | tuple):
            raise MalformedCondition("The parts of a group are a list.", path=path)
        if not told and not may_be_empty:
            raise MalformedCondition("A group of alternatives needs at least one.", path=path)
        if not told:
            self.one_more(path)
        return tuple(self.tree(part, f"{path}[{place}]", depth) for place, part in enumerate(told))

    def one_more(self, path: str) -> None:
        self.count += 1
        if self.count > MOST_CONDITIONS:
            raise TooManyConditions(f"A tree may have {MOST_CONDITIONS} conditions.", path=path)

    def comparison(self, told: Mapping[str, Any], path: str) -> Comparison:
        if not {"field", "op"} <= set(told) <= {"field", "op", "value"}:
            raise MalformedCondition("A condition is an object with all, any, not, or field and op.", path=path)
        self.one_more(path)
        name, op_told, value = told["field"], told["op"], told.get("value")
        if not isinstance(name, str) or name not in self.fields:
            raise UnknownField(f"There is no field {str(name)[:60]!r}.", path=_within(path, "field"), field=name)
        field = self.fields[name]
        op = next((one for one in OPERATORS[field.type] if one.value == op_told), None)
        if op is None:
            raise WrongOperator(
                f"{name} is a {field.type.value} and knows no {str(op_told)[:30]!r}.", path=_within(path, "op")
            )
        return Comparison(name, op, _value(field, op, value, _within(path, "value")))


def _within(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _value(field: Field, op: Op, told: Any, path: str) -> Scalar | tuple[Scalar, ...] | None:
    wanted = operand(op)
    if wanted is Operand.NONE:
        if told is not None:
            raise WrongValue(f"{op.value} takes no value.", path=path)
        return None
    if wanted is Operand.DAYS:
        return _days(told, path)
    if wanted is Operand.ONE:
        return _scalar(field, told, path)
    if not isinstance(told, list | tuple):
        raise WrongValue(f"{op.value} takes a list.", path=path)
    if len(told) > MOST_VALUES:
        raise TooManyValues(f"A list may have {MOST_VALUES} values.", path=path)
    values = tuple(_scalar(field, one, f"{path}[{place}]") for place, one in enumerate(told))
    if wanted is Operand.PAIR:
        if len(values) != 2 or values[0] > values[1]:  # type: ignore[operator]  # both of the field's type
            raise WrongValue("A range is a lower and an upper end.", path=path)
        return values
    if not values:
        raise WrongValue(f"{op.value} needs at least one value.", path=path)
    return tuple(dict.fromkeys(values))


def _days(told: Any, path: str) -> int:
    if type(told) is not int or not 0 <= told <= MOST_DAYS:
        raise WrongValue(f"Days are a whole number up to {MOST_DAYS}.", path=path)
    return told


def _scalar(field: Field, told: Any, path: str) -> Scalar:
    return _SCALARS[field.type](field, told, path)


def _number(field: Field, told: Any, path: str) -> int | float:
    if type(told) not in (int, float) or not abs(told) <= LARGEST_NUMBER or not math.isfinite(told):
        raise WrongValue(f"{field.name} is compared with a number.", path=path)
    number: int | float = told
    return number


def _text(field: Field, told: Any, path: str) -> str:
    if not isinstance(told, str) or not 0 < len(told) <= LONGEST_TEXT:
        raise WrongValue(f"{field.name} is compared with a text of up to {LONGEST_TEXT} letters.", path=path)
    # Control characters and halves of a surrogate pair cannot be kept by PostgreSQL or written into a query.
    if any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in told):
        raise WrongValue("The text has characters that nobody can type.", path=path)
    return told


def _choice(field: Field, told: Any, path: str) -> str | int:
    # 1, 1.0 and True are equal, so the type is looked at too.
    known = next((one.value for one in field.choices if type(one.value) is type(told) and one.value == told), None)
    if known is None:
        raise UnknownChoice(f"{field.name} has no choice {str(told)[:60]!r}.", path=path, field=field.name)
    return known


def _date(field: Field, told: Any, path: str) -> date:
    if isinstance(told, str) and len(told) == 10:
        try:
            return date.fromisoformat(told)
        except ValueError:
            pass
    raise WrongValue(f"{field.name} is compared with a day such as 2024-05-31.", path=path)


def _boolean(field: Field, told: Any, path: str) -> bool:
    if not isinstance(told, bool):
        raise WrongValue(f"{field.name} is true or false.", path=path)
    return told


_SCALARS: Mapping[FieldType, Callable[[Field, Any, str], Scalar]] = {
    FieldType.NUMBER: _number,
    FieldType.TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.SET: _choice,
    FieldType.DATE: _date,
    FieldType.BOOLEAN: _boolean,
    FieldType.ANNIVERSARY: _choice,
}
