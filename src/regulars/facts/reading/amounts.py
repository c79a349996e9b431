"""Amounts of money and quantities, as people and programs write them."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation

from regulars.core.money import LARGEST_MINOR, minor_digits
from regulars.facts.reading.table import Cell, text_of
from regulars.facts.reading.values import Refusal, is_blank, plain

LARGEST_QUANTITY = 10**9
_POINT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d*)?|\.\d+")
_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:[. ]\d{3})+)(?:,\d*)?|,\d+")
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_SHOWS_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,3}|\d+,\d{1,2}")
_SHOWS_POINT = re.compile(r"\d{1,3}(?:,\d{3})+\.\d*|\d+\.\d{1,2}|\d{1,3}(?:,\d{3}){2,}")
_SYMBOLS = re.compile(r"(?:rmb|cny|usd|eur|gbp|hkd|twd|jpy|krw|us\$|hk\$|nt\$|[¥$€£₩元圆])", re.IGNORECASE)
_UNITS = re.compile(r"(?:件|个|個|只|双|份|盒|瓶|袋|包|条|支|台|本|张|杯|斤|kg|g|pcs|pc|ea)\.?$", re.IGNORECASE)
_TIMES = re.compile(r"^[x×*]\s*", re.IGNORECASE)


def shows_decimal_comma(cells: Iterable[Cell]) -> bool:
    """Whether a column writes 1.234,50: some cell can only mean that, and none can only mean 1,234.50."""
    comma = False
    for text in {cell for cell in cells if type(cell) is str and ("," in cell or "." in cell)}:
        digits = _bare(text)[1]
        if _SHOWS_POINT.fullmatch(digits):
            return False
        comma = comma or _SHOWS_COMMA.fullmatch(digits) is not None
    return comma


def _bare(cell: str) -> tuple[bool, str]:
    """Whether an amount is below zero, and its digits without signs, brackets, currency."""
    text = _SYMBOLS.sub("", plain(cell)).strip().replace("\u2212", "-").replace("\u2010", "-").replace("\u2013", "-")
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    if text.startswith(("-", "+")):
        negative, text = negative != (text[0] == "-"), text[1:].strip()
    elif text.endswith("-"):
        negative, text = not negative, text[:-1].strip()
    return negative, text


def read_amount(cell: Cell, *, decimal_comma: bool = False) -> Decimal | Refusal | None:
    """An amount in major units, None if the cell is blank.

    Takes ¥1,234.50, １２．５元, (12.00) and 12.00- as below zero; refuses words (免费), percents and 1.2E+4.
    """
    if isinstance(cell, int | float | Decimal):
        try:
            value = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        except InvalidOperation:
            return Refusal("amount_unreadable", text_of(cell))
        return value if value.is_finite() else Refusal("amount_unreadable", text_of(cell))
    text = plain(cell)
    if is_blank(text):
        return None
    negative, digits = _bare(text)
    if _SPACED.fullmatch(digits):
        digits = digits.replace(" ", "")
    if not (_COMMA if decimal_comma else _POINT).fullmatch(digits) or len(digits) > 40:
        return Refusal("amount_unreadable", text[:100])
    if decimal_comma:
        digits = digits.replace(".", "").replace(" ", "").replace(",", ".")
    value = Decimal(digits.replace(",", ""))
    return -value if negative else value


def to_minor_units(value: Decimal, currency: str, found: str = "") -> int | Refusal:
    """Whole minor units; the noise of spreadsheets (19.900000000000002) is dropped, real fractions are refused."""
    if not value.is_finite() or value.adjusted() > 20:
        return Refusal("amount_too_large", found or str(value))
    scaled = value.scaleb(minor_digits(currency))
    whole = scaled.to_integral_value(ROUND_HALF_EVEN)
    if abs(whole) > LARGEST_MINOR:
        return Refusal("amount_too_large", found or str(value))
    if whole != scaled and abs(whole - scaled) > Decimal("0.0001"):
        return Refusal("amount_too_precise", found or str(value))
    return int(whole)


def price_times(price: Decimal, quantity: Decimal, currency: str) -> int | Refusal:
    """A line's amount in minor units from the price of one, rounded half up once."""
    amount = (price * quantity).scaleb(minor_digits(currency))
    if abs(amount) > LARGEST_MINOR:
        return Refusal("amount_too_large", str(price * quantity))
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def read_quantity(cell: Cell, *, decimal_comma: bool = False) -> Decimal | Refusal | None:
    """How many, below zero for goods that came back; None if the cell is blank. Takes 2件, x2 and 1.5kg."""
    if type(cell) is str:
        cell = _UNITS.sub("", _TIMES.sub("", plain(cell))).strip()
    value = read_amount(cell, decimal_comma=decimal_comma)
    if isinstance(value, Refusal) or (value is not None and abs(value) > LARGEST_QUANTITY):
        return Refusal("quantity_unreadable", text_of(cell)[:100])
    return value


def quantity_of(value: Decimal) -> int | str:
    """A quantity as facts keep it: a whole number, or a decimal as text (0.75 kg)."""
    return int(value) if value == int(value) else f"{value.normalize():f}"
