"""Words for people, in Chinese and in English."""

from typing import Any, NamedTuple


class Text(NamedTuple):
    """The same words in both languages, with {named} places for numbers."""

    zh: str
    en: str

    def said(self, language: str, **numbers: Any) -> str:
        """In the reader's language ('zh…' or any other), with the numbers put in.

        Without numbers it stays as it is, so that a name that somebody typed may have braces in it.
        """
        words = self.zh if language.startswith("zh") else self.en
        return words.format(**numbers) if numbers else words
