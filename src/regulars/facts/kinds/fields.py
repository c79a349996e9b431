"""Reading raw properties: every failure names its field."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from regulars.core.money import InvalidAmount, to_minor
from regulars.facts.rules import MalformedFact

LONGEST_TEXT = 200


def text(properties: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    """A trimmed text (numbers are taken as text); '' if absent and not required."""
    value = properties.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | type(None)):
        raise MalformedFact(f"{name} must be a text.", field=name)
    found = "" if value is None else str(value).strip()
    if required and not found:
        raise MalformedFact(f"{name} is missing.", field=name)
    if len(found) > LONGEST_TEXT or "\x00" in found:
        raise MalformedFact(f"{name} is longer than {LONGEST_TEXT} characters or holds a null character.", field=name)
    return found


def check_currency(properties: Mapping[str, Any], currency: str) -> None:
    """Amounts are in the programme's currency; without one they are taken to be.

    Raises:
        MalformedFact: They are in another.
    """
    told = text(properties, "currency") or currency
    if told != currency:
        raise MalformedFact(
            f"currency {told} is not the programme's {currency}; convert the amounts.", field="currency"
        )


def money(properties: Mapping[str, Any], name: str, currency: str) -> int | None:
    """An amount as minor units, None if absent.

    Raises:
        MalformedFact: Not an amount, or below zero.
    """
    value = properties.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise MalformedFact(f"{name} must be an amount.", field=name)
    try:
        minor = to_minor(value, currency)
    except InvalidAmount as error:
        raise MalformedFact(f"{name}: {error}", field=name) from error
    if minor < 0:
        raise MalformedFact(f"{name} is below zero; send a refund instead.", field=name)
    return minor


def quantity(properties: Mapping[str, Any], name: str = "quantity") -> int | str:
    """How many: a whole number, or a decimal as text (0.75 kg); 1 if absent."""
    value = properties.get(name)
    if value is None or value == "":
        return 1
    try:
        number = Decimal(str(value))
        if isinstance(value, bool) or not number.is_finite() or number < 0 or number > 10**9:
            raise InvalidOperation
    except InvalidOperation as error:
        raise MalformedFact(f"{name} must be a number from 0 to a billion.", field=name) from error
    return int(number) if number == int(number) else str(number.normalize())
