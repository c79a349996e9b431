"""The models: what each is for, how well it did on time that it had not seen, and why it serves or does not."""

import json
from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.picture import model_cards
from regulars.console.picture.state import picture_state
from regulars.insight import queries as insight
from regulars.insight.compute.card_files import plain_json
from regulars.staff import actions as staff

PAGE = "models"


@requires("insight.view")
@never_cache
def models(request: StaffRequest) -> HttpResponse:
    """Every card of the picture that is looked at."""
    cards = model_cards.shown(insight.cards(), business_of(request).currency)
    context = {
        **picture_state(request),
        "has_picture": bool(cards),
        "serving": [card for card in cards if card.serves],
        "others": [card for card in cards if not card.serves],
    }
    return render(request, "models/page.html", context)


@requires("insight.export")
@never_cache
def cards_json(request: StaffRequest) -> HttpResponse:
    """The cards as `regulars models --json` gives them, words in both languages; recorded."""
    good = insight.last_good()
    if good is None:
        return redirect(PAGE)
    cards = insight.cards()
    detail = {"rows": len(cards), "format": "json"}
    staff.record(by=request.actor, action="insight.export", at=timezone.now(), subject_kind="models", detail=detail)
    text = json.dumps([asdict(card) for card in cards], ensure_ascii=False, indent=1, default=plain_json)
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="model-cards-{good.day:%Y-%m-%d}.json"'},
    )


urlpatterns = [
    path("models/", models, name=PAGE),
    path("models/cards.json", cards_json, name="models_json"),
]
