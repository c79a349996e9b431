"""The language of whoever reads the page, and words in it."""

from typing import Any

from django.utils.translation import get_language

from regulars.core.bilingual import Text


def is_zh() -> bool:
    """Whether the reader reads Chinese."""
    return not (get_language() or "zh").startswith("en")


def language() -> str:
    """The reader's language as rooms call it: 'zh' or 'en'."""
    return "zh" if is_zh() else "en"


def said(text: Text, **numbers: Any) -> str:
    """Words of a room in the reader's language, with the numbers put in."""
    return text.said(language(), **numbers)
