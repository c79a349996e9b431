"""Money as whole minor units; nothing here is a float."""

from decimal import Context, Decimal, InvalidOperation

from regulars.core.errors import DomainError

MINOR_DIGITS: dict[str, int] = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "BHD": 3,
    "KWD": 3,
    "OMR": 3,
    "JOD": 3,
    "TND": 3,
}
LARGEST_MINOR = 10**15
"""Amounts beyond this are typing errors; it also keeps sums of a billion orders inside a bigint."""
_EXACT = Context(prec=1_000_000)


class InvalidAmount(DomainError):
    """The text is not an amount of money in this currency."""

    code = "invalid_amount"


def minor_digits(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217): 2 unless listed."""
    return MINOR_DIGITS.get(currency, 2)


def to_minor(amount: Decimal | int | float | str, currency: str) -> int:
    """An amount in major units as whole minor units.

    Floats (from spreadsheets and JSON) are read by their shortest decimal text, so 19.9 is exactly 1990 cents.

    Raises:
        InvalidAmount: Not a finite number, more decimals than the currency has, or absurdly large.
    """
    try:
        value = amount if isinstance(amount, Decimal) else Decimal(amount if type(amount) is int else str(amount))
    except (InvalidOperation, ValueError) as error:
        raise InvalidAmount(f"{str(amount)[:40]!r} is not an amount of money.") from error
    if not value.is_finite():
        raise InvalidAmount(f"{value} is not an amount of money.")
    # The exponent is looked at first: a few characters such as 1e999999 would take minutes to write out.
    if value and value.adjusted() > len(str(LARGEST_MINOR)):
        raise InvalidAmount(f"{value:.6g} is too large to be an amount of money.")
    scaled = value.scaleb(minor_digits(currency), _EXACT)
    whole = int(scaled) if value else 0
    if whole != scaled:
        raise InvalidAmount(f"{value:.20g} has more decimals than {currency} knows.")
    if abs(whole) > LARGEST_MINOR:
        raise InvalidAmount(f"{value:.6g} is too large to be an amount of money.")
    return whole


def to_major(minor: int, currency: str) -> Decimal:
    """Whole minor units as an exact decimal in major units."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def share_out(total: int, weights: list[int]) -> list[int]:
    """Divide a whole amount over weights by largest remainder (Hamilton); ties go to the earlier one.

    Args:
        total: What is divided, >= 0.
        weights: Whole weights, >= 0; if all are zero, the first takes everything.
    """
    whole = sum(weights)
    if not weights:
        return []
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    parts = [total * weight // whole for weight in weights]
    missing = total - sum(parts)
    if missing:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for i in by_remainder[:missing]:
            parts[i] += 1
    return parts
