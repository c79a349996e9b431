"""Parts of a draft that are written alike, rules, benefits and currencies: opened, kept, with their conditions."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from regulars.console import actors, figures, reader
from regulars.console.access import StaffRequest
from regulars.console.builder import nodes
from regulars.console.builder.nodes import Group
from regulars.console.condition_words import Speaker
from regulars.console.context import business_of
from regulars.console.programme import drafting
from regulars.console.typed import whole_number
from regulars.core.conditions import Field, InvalidCondition, read
from regulars.core.errors import DomainError
from regulars.flows.draft_programme import change_draft
from regulars.insight.compute.fields import formatter
from regulars.loyalty import programme_view
from regulars.loyalty.draft_parts import placed
from regulars.loyalty.drafts_view import DraftView

Told = dict[str, Any]


def speaker(request: StaffRequest, fields: Mapping[str, Field]) -> Speaker:
    """How the builder speaks to this reader of these fields."""
    currency = business_of(request).currency
    return Speaker(fields, reader.language(), currency, formatter(lambda minor: figures.money(minor, currency)))


def root_of(part: Mapping[str, Any] | None, words: Speaker) -> Group:
    """The condition under `if`; one that cannot be read any more is shown as it is and kept."""
    if part is None or "if" not in part:
        return Group(nodes.ROOT)
    try:
        return nodes.of_tree(read(part["if"], words.fields), words.fields, words.currency)
    except InvalidCondition:
        return Group(nodes.ROOT, parts=[nodes.Fixed(2, dict(part["if"]))])


def after_change(request: StaffRequest, words: Speaker) -> tuple[Group, int | None]:
    """The condition after a row came, went, or asks about something else; and the row to go on with."""
    root = nodes.of_form(request.POST, words.fields)
    focus = nodes.change(root, request.POST, words.fields)
    nodes.build(root, words.fields, words.currency)
    return root, focus


def opened(
    request: StaffRequest, draft_id: int, kind: str, code: str
) -> tuple[DraftView, Mapping[str, Any] | None] | HttpResponse:
    """An open draft and the part of it with this code (None for a new one), or the way to where one can go on.

    Args:
        kind: 'rules', 'benefits' or 'currencies', as terms call them.
        code: '' for a new one.
    """
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    part = next((one for one in draft.terms.get(kind, ()) if one["code"] == code), None)
    if not draft.is_open or (code and part is None):
        return redirect("programme_draft", draft.id)
    return draft, part


def kept(
    request: StaffRequest, draft: DraftView, kind: str, code: str, told: Told | None, said: str,
    wrong: Callable[[DomainError], str] = drafting.wrong,
) -> str:  # fmt: skip
    """Put a part in the place of the one with this code, at the end where there is none; None takes it out.

    Args:
        said: What is said of it once it is done.
        wrong: What is said where it cannot be.
    Returns:
        What is wrong with it, '' if it is kept.
    """
    try:
        change_draft(
            draft_id=draft.id, terms={**draft.terms, kind: placed(draft.terms, kind, code, told)},
            after=whole_number(request.POST.get("after", ""), most_digits=8) or 0,
            by=request.actor, key=actors.key_of(request.actor), at=timezone.now(),
        )  # fmt: skip
    except DomainError as error:
        return wrong(error)
    messages.success(request, said)
    return ""


def removed(request: StaffRequest, draft_id: int, kind: str, code: str, said: str) -> HttpResponse:
    """Take a part out of a draft; back to its page."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    if failure := kept(request, draft, kind, code, None, said):
        messages.error(request, failure)
    return redirect("programme_draft", draft_id)


def fresh_code(draft: DraftView, kind: str) -> str:
    """A code that no part of this kind has here or had in any version: what limits have counted is kept under it."""
    versions = [version.terms for version in programme_view.versions()]
    used = {one["code"] for terms in (*versions, draft.terms) for one in terms.get(kind, ())}
    name, number = kind.removesuffix("s"), 1
    while f"{name}{number}" in used:
        number += 1
    return f"{name}{number}"
