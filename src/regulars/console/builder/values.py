"""Values of conditions as people type them: money in major units, shares as percentages, days of a calendar."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from regulars.core.conditions import Choice, Field, FieldType, Op
from regulars.core.conditions.fields import OPERATORS, Operand, operand
from regulars.core.conditions.tree import Scalar
from regulars.core.errors import DomainError
from regulars.core.money import InvalidAmount, to_major, to_minor

COMMAS = ",，、;；\n"
MOST_DIGITS = 30


class Unfinished(DomainError):
    """Nothing was typed or chosen yet; the message says what is wanted."""

    code = "unfinished_condition"


class Mistyped(DomainError):
    """What was typed does not fit; the message says what would."""

    code = "mistyped_condition"


def usual_operator(field: Field) -> Op:
    """The operator that a new condition on a field begins with."""
    return OPERATORS[field.type][0]


def shape(field: Field, op: Op) -> str:
    """What kind of value stands there; when it stays the same, so does what was typed."""
    wanted = operand(op)
    if wanted is Operand.NONE or wanted is Operand.DAYS:
        return wanted.value
    kind = field.unit if field.unit in ("minor", "share") else ""
    return f"{field.type.value}:{kind}:{field.name if field.choices else ''}"


def typed(field: Field, op: Op, value: Scalar | tuple[Scalar, ...] | None, currency: str) -> list[str]:
    """A value as the form shows it."""
    if value is None:
        return []
    values = value if isinstance(value, tuple) else (value,)
    if field.type is FieldType.TEXT and operand(op) is Operand.LIST:
        return ["、".join(str(one) for one in values)]
    return [_typed_one(field, op, one, currency) for one in values]


def _typed_one(field: Field, op: Op, value: Scalar, currency: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float) and not field.choices and operand(op) is not Operand.DAYS:
        if field.unit == "minor":
            return _plain(to_major(round(value), currency))
        number = Decimal(str(value))
        return _plain(number * 100 if field.unit == "share" else number)
    return str(value)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(field: Field, op: Op, texts: Sequence[str], currency: str) -> Any:
    """What was typed as the JSON value of a condition.

    Raises:
        Unfinished: Something is still missing.
        Mistyped: It does not fit the field.
    """
    texts = [text.strip() for text in texts]
    wanted = operand(op)
    if wanted is Operand.NONE:
        return None
    if wanted is Operand.LIST:
        return _several(field, texts)
    if wanted is Operand.DAYS:
        return _days(_first(texts, _("Enter a number of days.")))
    if wanted is Operand.PAIR:
        low, high = (_one(field, one, currency) for one in [*texts, "", ""][:2])
        if low > high:
            raise Mistyped(_("The lower end comes first."))
        return [low, high]
    return _one(field, texts[0] if texts else "", currency)


def _first(texts: Sequence[str], wish: str) -> str:
    if not texts or not texts[0]:
        raise Unfinished(wish)
    return texts[0]


def _several(field: Field, texts: Sequence[str]) -> list[str | int]:
    if field.type is FieldType.TEXT:
        text = texts[0] if texts else ""
        for comma in COMMAS:
            text = text.replace(comma, "\n")
        written = [one.strip() for one in text.split("\n") if one.strip()]
        if not written:
            raise Unfinished(_("Enter one or more words, with commas between them."))
        return list(written)
    chosen: list[Choice] = [choice for choice in field.choices if str(choice.value) in texts]
    if not chosen:
        raise Unfinished(_("Choose at least one."))
    return [choice.value for choice in chosen]


def _one(field: Field, text: str, currency: str) -> Any:
    if field.type is FieldType.BOOLEAN:
        return text != "no"
    if field.type is FieldType.DATE:
        return _first([text], _("Choose a day."))
    if field.type is FieldType.TEXT:
        return _first([text], _("Enter a word."))
    wish = _("Enter an amount.") if field.unit == "minor" else _("Enter a number.")
    number = _number(_first([text], wish))
    if field.unit == "minor":
        try:
            return to_minor(number, currency)
        except InvalidAmount as error:
            raise Mistyped(_("This is not an amount of money in the shop's currency.")) from error
    return _whole_if_whole(number / 100 if field.unit == "share" else number)


def _days(text: str) -> int:
    number = _number(text)
    if number != number.to_integral_value() or not 0 <= number <= 36_500:
        raise Mistyped(_("Days are a whole number, up to a hundred years."))
    return int(number)


def _number(text: str) -> Decimal:
    clean = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removesuffix("%")
    try:
        number = Decimal(clean)
    except InvalidOperation as error:
        raise Mistyped(_("This is not a number.")) from error
    if not number.is_finite() or len(clean) > MOST_DIGITS or abs(number) > 10**15:
        raise Mistyped(_("This number is too large."))
    return number


def _whole_if_whole(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
