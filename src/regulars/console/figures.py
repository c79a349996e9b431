"""How the console writes money, counts and moments, in Chinese and in English."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from regulars.console.reader import is_zh
from regulars.core.money import minor_digits, to_major

SYMBOLS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "HKD": "HK$",
    "TWD": "NT$",
    "SGD": "S$",
    "AUD": "A$",
    "CAD": "C$",
    "KRW": "₩",
    "INR": "₹",
    "THB": "฿",
    "VND": "₫",
    "MYR": "RM",
}
COMPACT_FROM = 100_000
"""Below this a figure is short enough to be written out."""

# From which size, divided by what, with how many decimals, and the unit.
ZH_SCALES = ((10**8, 10**8, 2, " 亿"), (10**7, 10**4, 0, " 万"), (10**4, 10**4, 1, " 万"))
EN_SCALES = ((10**9, 10**9, 2, "B"), (10**6, 10**6, 2, "M"), (10**3, 10**3, 0, "K"))

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def symbol(currency: str) -> str:
    """The sign before an amount; a currency without a well-known sign shows its code."""
    return SYMBOLS.get(currency, f"{currency} ")


def money(minor: int, currency: str) -> str:
    """An amount in full: ¥1,234.50.

    Args:
        minor: Whole minor units; may be negative.
        currency: ISO 4217 code.
    """
    amount = number_format(to_major(abs(minor), currency), minor_digits(currency), force_grouping=True)
    return f"{'-' if minor < 0 else ''}{symbol(currency)}{amount}"


def count(number: int | Decimal) -> str:
    """A whole number with its digits in groups: 12,345."""
    return number_format(number, 0, force_grouping=True)


def compact(number: int | Decimal) -> str:
    """A large figure in few digits: 786.2 万 in Chinese, 7.86M in English; below 100,000 in full."""
    size = abs(Decimal(number))
    whole = size.quantize(Decimal(1), ROUND_HALF_UP)
    sign = "-" if number < 0 and whole else ""
    if whole < COMPACT_FROM:
        return sign + count(whole)
    for at_least, divisor, digits, unit in ZH_SCALES if is_zh() else EN_SCALES:
        scaled = (size / divisor).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        if scaled * divisor >= at_least:
            return f"{sign}{number_format(scaled, digits, force_grouping=True)}{unit}"
    raise AssertionError("a figure above the threshold has a scale")


def compact_money(minor: int, currency: str) -> str:
    """A large amount in few digits, without cents: ¥786.2 万, ¥7.86M."""
    text = compact(to_major(minor, currency))
    return f"-{symbol(currency)}{text[1:]}" if text.startswith("-") else f"{symbol(currency)}{text}"


def signed(number: int) -> str:
    """A change, always with its sign: +128, -300; nothing changed is 0."""
    return f"{'+' if number > 0 else '-' if number < 0 else ''}{count(abs(number))}"


def moment(at: datetime) -> str:
    """A moment in the business's zone, to the minute."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def ago(at: datetime, now: datetime) -> str:
    """How long before (or after) `now`, in one unit; beyond a month, the date."""
    seconds = round((now - at).total_seconds())
    past, distance = seconds >= 0, abs(seconds)
    if distance < MINUTE_S:
        return gettext("just now") if past else gettext("in a moment")
    if distance < HOUR_S:
        number = distance // MINUTE_S
        text = (
            ngettext("%(n)d min ago", "%(n)d min ago", number)
            if past
            else ngettext("in %(n)d min", "in %(n)d min", number)
        )
    elif distance < DAY_S:
        number = distance // HOUR_S
        text = ngettext("%(n)d h ago", "%(n)d h ago", number) if past else ngettext("in %(n)d h", "in %(n)d h", number)
    elif distance < 31 * DAY_S:
        number = abs((timezone.localtime(now).date() - timezone.localtime(at).date()) // timedelta(days=1))
        text = (
            ngettext("%(n)d day ago", "%(n)d days ago", number)
            if past
            else ngettext("in %(n)d day", "in %(n)d days", number)
        )
    else:
        return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")
    return text % {"n": number}
