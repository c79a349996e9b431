"""The programme: what it promises now, what it promised before, and what is being written."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from regulars.console import actors, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.programme import drafting
from regulars.console.programme import words as programme_words
from regulars.console.views.settings.tabs import page
from regulars.flows.earning_fields import earning_fields
from regulars.loyalty import budgets, drafts_view, programme_view
from regulars.loyalty.drafts_view import DraftView
from regulars.loyalty.presets import PRESETS
from regulars.loyalty.programme_view import Version


@requires("settings.view")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """The programme in words, drafts of the next version, and its history."""
    currency, versions, drafts = business_of(request).currency, programme_view.versions(), drafts_view.open_drafts()
    context: dict[str, Any] = {
        "drafts": [drafting.head(draft) | {"who": _who(draft)} for draft in drafts],
        "presets": [(one.code, reader.said(one.name), reader.said(one.about)) for one in PRESETS.values()],
        "history": _history(versions, currency),
        "terms": None,
    }
    if versions:
        terms = versions[0].terms
        context |= {
            "terms": terms,
            "tiers": [(programme_words.name_of(tier["names"]), tier["threshold"]) for tier in terms["tiers"]],
            "growth_name": programme_words.growth_name(terms),
            "promises": programme_words.sentences(terms, currency),
            "rules": programme_words.rules(terms, currency, earning_fields(terms), budgets.used()),
            "benefits": programme_words.benefits(terms, currency, earning_fields(terms)),
            "examples": programme_words.examples(terms, currency)[:1],
        }
    return page(request, "programme", tab="settings_programme", context=context)


def _who(draft: DraftView) -> str:
    return actors.names_of([draft.changed.by])[draft.changed.by]


def _history(versions: list[Version], currency: str) -> list[dict[str, Any]]:
    """Every version, newest first, with what it says that the one before did not, and who approved it."""
    launched = drafts_view.launched()
    approved = {number: draft.approved.by for number, draft in launched.items() if draft.approved}
    names = actors.names_of({*(version.created_by for version in versions), *approved.values()})
    fields = earning_fields(versions[0].terms) if versions else {}
    return [
        {
            "version": version,
            "number": str(version.number),
            "is_live": place == 0,
            "until": versions[place - 1].live_from if place else None,
            "by": names[version.created_by],
            "approved_by": names[approved[version.number]] if version.number in approved else "",
            "changes": None if place + 1 == len(versions) else programme_words.differences(
                versions[place + 1].terms, version.terms, currency, fields
            ),
        }
        for place, version in enumerate(versions)
    ]  # fmt: skip


urlpatterns = [path("settings/programme/", show, name="settings_programme")]
