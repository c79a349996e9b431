"""What the kinds of benefits share when they are read: per cent, amounts, words in both languages."""

from regulars.core.bilingual import Text
from regulars.core.money import LARGEST_MINOR
from regulars.loyalty.benefits.rules import InvalidBenefit, Told

LONGEST = 200


def whole(told: Told, name: str, *, least: int, most: int, otherwise: int | None = None) -> int:
    """A whole number within bounds.

    Args:
        otherwise: What stands for a missing one; None: it must be there.
    Raises:
        InvalidBenefit: It is missing, no whole number, or outside.
    """
    value = told.get(name, otherwise)
    if type(value) is not int or not least <= value <= most:
        raise InvalidBenefit(f"{name} must be a whole number from {least:,} to {most:,}.", field=name)
    return value


def amount(told: Told, name: str) -> int:
    """An amount of money in minor units, 0 if there is none."""
    return whole(told, name, least=0, most=LARGEST_MINOR, otherwise=0)


def words(told: Told, name: str) -> Text:
    """Words in both languages, '' where there are none; blanks at the ends and in between are made one."""
    value = told.get(name, {})
    if not isinstance(value, dict) or not set(value) <= {"zh", "en"}:
        raise InvalidBenefit(f"{name} holds words in zh and en.", field=name)
    if not all(isinstance(one, str) and len(one) <= LONGEST and "\x00" not in one for one in value.values()):
        raise InvalidBenefit(f"{name} has up to {LONGEST} letters in each language.", field=name)
    zh, en = (" ".join(str(value.get(language, "")).split()) for language in ("zh", "en"))
    return Text(zh or en, en or zh)


def yes(told: Told, name: str) -> bool:
    """Yes or no; no if it is missing."""
    value = told.get(name, False)
    if type(value) is not bool:
        raise InvalidBenefit(f"{name} is yes or no.", field=name)
    return value
