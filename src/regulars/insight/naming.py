"""Names that staff type: in Chinese, in English, or both; where one is missing, the other stands in for it."""

from collections.abc import Mapping

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError

LONGEST_NAME = 80


class NoName(DomainError):
    """Neither language has a name, or one is too long."""

    code = "no_name"


def names_of(name: Text) -> dict[str, str]:
    """What is kept of a name: the languages that have one.

    Raises:
        NoName: None has, or one is longer than 80 letters.
    """
    kept = {language: " ".join(words.split()) for language, words in name._asdict().items()}
    if not any(kept.values()) or max(map(len, kept.values())) > LONGEST_NAME:
        raise NoName(f"A name has 1 to {LONGEST_NAME} letters, in Chinese, in English, or both.")
    return {language: words for language, words in kept.items() if words}


def name_of(names: Mapping[str, str]) -> Text:
    """The name in both languages."""
    either = names.get("zh") or names.get("en") or ""
    return Text(names.get("zh") or either, names.get("en") or either)
