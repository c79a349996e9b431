"""Conditions on a page: what they can ask about now, and how they are said to its reader."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from regulars.console import figures, reader
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.core.bilingual import Text
from regulars.core.conditions import Formatter, InvalidCondition, Tree, read, sentence
from regulars.core.conditions.fields import Field
from regulars.flows.picture_fields import picture_fields
from regulars.insight.compute.fields import formatter


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says conditions to somebody: in their language, with the shop's money, tiers, stores and tags."""

    fields: Mapping[str, Field]
    language: str
    currency: str
    written: Formatter

    def say(self, tree: Tree) -> str:
        """A condition as a sentence without a full stop."""
        return sentence(tree, self.fields, self.language, self.written)

    def say_json(self, told: Mapping[str, Any]) -> str:
        """A kept condition as a sentence; one that asks about something that is gone says so."""
        try:
            return self.say(read(told, self.fields))
        except InvalidCondition:
            return _("It asks about something that is not there any more.")

    def text(self, text: Text) -> str:
        """Words in the reader's language."""
        return text.said(self.language)

    def choice(self, field: str, value: object) -> str:
        """The name of one of a field's choices; as it is kept if it has none, '' for nothing."""
        if value is None:
            return ""
        known = self.fields.get(field)
        for choice in known.choices if known else ():
            if choice.value == value:
                return self.text(choice.label)
        return str(value)

    def in_language(self, language: str) -> "Speaker":
        """The same for somebody who reads another language."""
        return replace(self, language=language)


def speaker(request: StaffRequest) -> Speaker:
    """Who says conditions on this page."""
    currency = business_of(request).currency
    language = reader.language()
    return Speaker(picture_fields(), language, currency, formatter(lambda minor: figures.money(minor, currency)))
