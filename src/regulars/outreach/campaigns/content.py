"""What a campaign says: Liquid texts, checked when they are saved and filled in for each customer.

Only words and conditions: no loops, no other templates, nothing that asks the clock.
"""

from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from liquid import Environment
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.outreach.campaigns.rules import LANGUAGES, Message

LONGEST: Final[Mapping[str, int]] = {"subject": 150, "body": 4_000}
VARIABLES: Final[Mapping[str, Text]] = {
    "name": Text("顾客姓名", "The customer's name"),
    "shop": Text("店名", "The shop's name"),
    "offer": Text("优惠内容", "What is offered"),
    "code": Text("券码", "The coupon code"),
    "expires": Text("券有效期至", "The coupon's last day"),
    "points": Text("可用积分", "Points that can be spent"),
    "tier": Text("会员等级", "The tier"),
    "last_visit": Text("上次到店日期", "Day of the last visit"),
}
"""What a text can ask for, and what each means."""
OF_OFFER: Final = ("offer", "code", "expires")
TAGS: Final = ("content", "output", "illegal", "if", "unless", "case", "comment", "#")
FILTERS: Final = (
    "append", "capitalize", "default", "downcase", "prepend", "remove", "replace", "strip", "truncate", "upcase",
)  # fmt: skip


class InvalidContent(DomainError):
    """A text cannot be sent; `context` has language, part, problem, and where known word, line, column (from 1)."""

    code = "invalid_content"


def check(content: Mapping[str, Message], *, has_offer: bool) -> None:
    """Refuse texts that could not be filled in for everybody.

    Args:
        has_offer: A coupon goes with it. Then every language must say its code; otherwise none can.
    Raises:
        InvalidContent: No language, an unknown one, an empty or too long text, bad Liquid, an unknown variable.
    """
    if not content or not set(content) <= set(LANGUAGES):
        raise _invalid("", "", "languages")
    for language, message in content.items():
        asked = {name for part in LONGEST for name in _checked(language, part, getattr(message, part), has_offer)}
        if has_offer and "code" not in asked:
            raise _invalid(language, "body", "code_missing")


def render(text: str, values: Mapping[str, str]) -> str:
    """The text for one customer; what has no value stays empty.

    Raises:
        InvalidContent: It cannot be filled in.
    """
    try:
        # What is empty is left out: to Liquid an empty text is true.
        return _template(text).render(**{name: values[name] for name in VARIABLES if values.get(name)})
    except LiquidError as error:
        raise _invalid("", "", "liquid", detail=_said(error)) from error


def fill(message: Message, values: Mapping[str, str]) -> Message:
    """Subject and body for one customer."""
    return Message(" ".join(render(message.subject, values).split()), render(message.body, values).strip())


def _checked(language: str, part: str, text: str, has_offer: bool) -> Collection[str]:
    if not text.strip() and part == "body":
        raise _invalid(language, part, "empty")
    if len(text) > LONGEST[part]:
        raise _invalid(language, part, "too_long", most=LONGEST[part], has=len(text))
    try:
        asked = _template(text).analyze().globals
    except LiquidError as error:
        raise _invalid(language, part, "liquid", detail=_said(error), **_place(text, _index(error))) from error
    for name, uses in asked.items():
        found = uses[0]
        place = _place(text, found.span.index)
        if name not in VARIABLES or len(found.segments) > 1:
            raise _invalid(language, part, "unknown_variable", word=str(found), **place)
        if name in OF_OFFER and not has_offer:
            raise _invalid(language, part, "no_offer", word=name, **place)
    try:
        _template(text).render(**dict.fromkeys(VARIABLES, "x"))
    except LiquidError as error:
        raise _invalid(language, part, "liquid", detail=_said(error), **_place(text, _index(error))) from error
    return asked


@cache
def _environment() -> Environment:
    made = Environment()
    made.tags = {name: tag for name, tag in made.tags.items() if name in TAGS}
    made.filters = {name: chosen for name, chosen in made.filters.items() if name in FILTERS}
    return made


@lru_cache(maxsize=64)
def _template(text: str) -> BoundTemplate:
    return _environment().from_string(text)


def _invalid(language: str, part: str, problem: str, **more: Any) -> InvalidContent:
    where = f"{language} {part}".strip() or "content"
    return InvalidContent(f"{where}: {problem}", language=language, part=part, problem=problem, **more)


def _said(error: LiquidError) -> str:
    return str(error.args[0]) if error.args else ""


def _index(error: LiquidError) -> int:
    token = error.token
    return token.start_index if token is not None else -1


def _place(text: str, index: int) -> dict[str, int]:
    """Line and column of a place, both from 1; nothing where the place is not known."""
    if index < 0:
        return {}
    before = text[:index]
    return {"line": before.count("\n") + 1, "column": index - (before.rfind("\n") + 1) + 1}
