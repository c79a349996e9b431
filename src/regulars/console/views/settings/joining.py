"""Joining: the texts that members agree to, in versions, and the QRs in stores, on tables, and of staff, to print."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from regulars.catalogue import queries as catalogue
from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.addresses import outside
from regulars.console.context import business_of
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core import drawn_codes
from regulars.core.bilingual import Text
from regulars.core.drawn_codes import Drawing
from regulars.core.errors import DomainError
from regulars.customers.enrolling import actions, queries
from regulars.customers.enrolling.queries import Entrance
from regulars.customers.enrolling.rules import CHARTER, PRIVACY
from regulars.customers.enrolling.texts import NAMES
from regulars.staff import actions as staff
from regulars.staff import queries as people

TAB = "settings_joining"
PLACES = {"store": gettext_lazy("Store"), "table": gettext_lazy("Table"), "staff": gettext_lazy("Staff")}


class TextForm(forms.Form):
    """A text in both languages; one may stay empty, and the other stands in for it."""

    zh = forms.CharField(
        label=gettext_lazy("Chinese"), required=False, widget=forms.Textarea(attrs={"rows": 12, "lang": "zh-CN"})
    )
    en = forms.CharField(
        label=gettext_lazy("English"), required=False, widget=forms.Textarea(attrs={"rows": 12, "lang": "en"})
    )


def _stores() -> list[tuple[str, str]]:
    return [("", "—"), *catalogue.store_codes().items()]


def _working() -> list[tuple[str, str]]:
    return [("", "—"), *((str(one.id), one.name or one.email) for one in people.staff() if one.is_active)]


class EntranceForm(forms.Form):
    """Where a QR hangs or who shows it. The store is credited with whoever joins by it."""

    place = forms.ChoiceField(label=gettext_lazy("For"), choices=list(PLACES.items()))
    store = forms.ChoiceField(label=gettext_lazy("Store"), required=False, choices=_stores)
    label = forms.CharField(label=gettext_lazy("Table name or number"), required=False, max_length=60)
    user = forms.ChoiceField(label=gettext_lazy("Staff"), required=False, choices=_working)


@dataclass(frozen=True, slots=True)
class EntranceLine:
    """A QR in the list: what it is called, what it brought."""

    entrance: Entrance
    place: str
    name: str
    brought: int


@requires("settings.view")
@require_safe
def joining(request: StaffRequest) -> HttpResponse:
    """The texts as they are, and every QR in use with how many it brought."""
    return page(request, "joining", tab=TAB, context=_context(request))


@requires("settings.edit")
@require_POST
def keep_text(request: StaffRequest, kind: str) -> HttpResponse:
    """Keep another version: who joins from now on agrees to it."""
    form, now = TextForm(request.POST), timezone.now()
    if kind not in NAMES or not form.is_valid():
        raise Http404
    words = Text(form.cleaned_data["zh"], form.cleaned_data["en"])
    try:
        version = actions.keep_text(kind=kind, words=words, actor=actors.key_of(request.actor), at=now)
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect(TAB)
    staff.record(
        by=request.actor, action="joining.text", at=now, subject_kind="text", subject_id=kind,
        detail={"version": version},
    )  # fmt: skip
    messages.success(request, _("Kept as version %(n)d. Whoever joins from now on agrees to it.") % {"n": version})
    return redirect(TAB)


@requires("settings.edit")
@require_POST
def make(request: StaffRequest) -> HttpResponse:
    """Make a QR and go on to print it."""
    form, now = EntranceForm(request.POST), timezone.now()
    if not form.is_valid():
        return page(request, "joining", tab=TAB, context=_context(request, form=form), status=422)
    told = form.cleaned_data
    of_staff = told["place"] == "staff"
    try:
        code = actions.make_entrance(
            place=told["place"], store=told["store"], label="" if of_staff else told["label"],
            user_id=int(told["user"]) if of_staff and told["user"] else None, at=now,
        )  # fmt: skip
    except DomainError as error:
        form.add_error(None, explained(error))
        return page(request, "joining", tab=TAB, context=_context(request, form=form), status=422)
    made = queries.entrance(code)
    staff.record(
        by=request.actor, action="joining.entrance", at=now, subject_kind="entrance",
        subject_id=made.id if made else code,
    )  # fmt: skip
    return redirect("joining_print", code)


@requires("settings.edit")
@require_POST
def retire(request: StaffRequest, entrance_id: int) -> HttpResponse:
    """Take one out of use, or (`back`) into use again."""
    back, now = "back" in request.POST, timezone.now()
    changed = (
        actions.bring_back_entrance(entrance_id=entrance_id)
        if back
        else actions.retire_entrance(entrance_id=entrance_id, at=now)
    )
    if changed:
        action = "joining.bring_back" if back else "joining.retire"
        staff.record(by=request.actor, action=action, at=now, subject_kind="entrance", subject_id=entrance_id)
    return redirect(TAB if back else f"/settings/joining/?gone={entrance_id}")


@requires("settings.view")
@require_safe
def print_entrance(request: StaffRequest, code: str) -> HttpResponse:
    """One page with the QR, large, in both languages."""
    entrance = queries.entrance(code)
    if entrance is None:
        raise Http404
    address = outside(request, "join", query=f"from={entrance.code}")
    context = {
        "line": _line(entrance, {}, catalogue.store_codes(), people.names([entrance.user_id or 0])),
        "shop": business_of(request).name,
        "drawn": _drawn(address),
        "address": address,
    }
    return render(request, "settings/joining_print.html", context)


def _context(request: StaffRequest, *, form: EntranceForm | None = None) -> dict[str, Any]:
    texts = []
    for kind in (CHARTER, PRIVACY):
        found = queries.text(kind)
        if found is not None:
            words = {"zh": found.words.zh, "en": found.words.en}
            texts.append((kind, said(NAMES[kind]), found, TextForm(words, auto_id=f"{kind}_%s")))
    entrances = queries.entrances()
    brought = queries.counts(one.id for one in entrances)
    stores, names = catalogue.store_codes(), people.names(one.user_id or 0 for one in entrances)
    gone = request.GET.get("gone", "")
    return {
        "texts": texts,
        "form": form or EntranceForm(),
        "lines": [_line(one, brought, stores, names) for one in entrances],
        "address": outside(request, "join"),
        "gone": int(gone) if gone.isdecimal() and len(gone) < 10 else None,
    }


def _line(
    entrance: Entrance, brought: dict[int, int], stores: dict[str, str], names: dict[int, str]
) -> EntranceLine:  # fmt: skip
    parts = [names.get(entrance.user_id or 0, ""), entrance.label, stores.get(entrance.store, entrance.store)]
    name = " · ".join(part for part in parts if part)
    return EntranceLine(entrance, str(PLACES[entrance.place]), name, brought.get(entrance.id, 0))


def _drawn(address: str) -> Drawing:
    return drawn_codes.qr(address, name=_("QR for joining"))


urlpatterns = [
    path("settings/joining/", joining, name=TAB),
    path("settings/joining/texts/<str:kind>/", keep_text, name="joining_text"),
    path("settings/joining/make/", make, name="joining_make"),
    path("settings/joining/<int:entrance_id>/retire/", retire, name="joining_retire"),
    path("settings/joining/print/<str:code>/", print_entrance, name="joining_print"),
]
