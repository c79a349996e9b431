"""What somebody typed into a form or an address: texts as they came, whole numbers, and what cannot be so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from regulars.core.errors import DomainError

MOST_DIGITS = 18
"""What fits into a bigint whatever the digits are."""


class Mistakes(DomainError):
    """Something that was typed cannot be so; `problems` says what, by field."""

    code = "mistakes"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = dict(problems)


@dataclass(slots=True)
class TypedForm:
    """A form with every field as a text; `problems` says what cannot be so, by field."""

    problems: dict[str, str] = field(default_factory=dict)

    def take(self, post: Mapping[str, str], clean: Callable[[str, str], str]) -> Self:
        """Let what a browser sent stand in the form; what it did not send stays as it is.

        Args:
            clean: From a field's name and its text to the text that stays.
        """
        for one in fields(self):
            if one.name != "problems" and one.name in post:
                setattr(self, one.name, clean(one.name, post[one.name].replace("\x00", "")))
        return self


def whole_number(text: str, most_digits: int = MOST_DIGITS) -> int | None:
    """A whole number from nought on, as it stands in a form or an address; None if it is none or too long."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= most_digits else None
