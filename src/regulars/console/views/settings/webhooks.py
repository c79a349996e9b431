"""Webhooks: which other systems are told what happens, and whether it arrives."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console import reader
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.facts import sources
from regulars.flows.tell_webhooks import try_endpoint
from regulars.webhooks import actions, queries
from regulars.webhooks.events.catalogue import CHOICES, KINDS
from regulars.webhooks.rules import BadEndpoint, DeliveryView, EndpointView, NoDelivery, NoEndpoint, State, Wanted
from regulars.webhooks.words import said

TAB = "settings_webhooks"
PAGE = 50
WRONG: dict[str, Promise] = {
    "name": _("Give it a name."),
    "url": _("Write an address out on the internet that begins with https://, such as https://shop.example.com/hooks."),
    "events": _("One of these events does not exist."),
    "source": _("There is no such system."),
}
STATES: dict[str, tuple[Promise, str]] = {
    State.WAITING: (_("waiting"), "mute"),
    State.DELIVERED: (_("delivered"), "ok"),
    State.DEAD: (_("given up"), "err"),
}
PERIODS = ((1, _("the last day")), (3, _("the last three days")), (7, _("the last week")), (30, _("the last month")))


class EndpointForm(forms.Form):
    """An endpoint as somebody wants it."""

    name = forms.CharField(label=_("What is it?"), max_length=100, help_text=_("For instance: web shop."))
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://shop.example.com/hooks"}),
    )
    source = forms.ChoiceField(
        label=_("Whose customer numbers it knows"),
        required=False,
        help_text=_(
            "It is told its own ids of a customer, never those of another system, and never a phone or e-mail."
        ),
    )
    events = forms.MultipleChoiceField(
        label=_("It hears of"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: everything, also what is added later."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = reader.language()
        names = [(name, name) for name in sources.names()]
        self.fields["source"].choices = [("", gettext("None")), *names]  # type: ignore[attr-defined]
        chosen = [(code, kind.words.said(language)) for code, kind in KINDS.items() if code in CHOICES]
        self.fields["events"].choices = chosen  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        """What was typed."""
        given = self.cleaned_data
        return Wanted(given["name"], given["url"], tuple(given["events"]), given["source"])

    def refuse(self, error: DomainError) -> None:
        """Say beside the field what is wrong."""
        field = str(error.context.get("field", ""))
        known = isinstance(error, BadEndpoint) and field in WRONG
        self.add_error(field if known else None, str(WRONG[field]) if known else explained(error))


@requires("webhooks.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def endpoints(request: StaffRequest) -> HttpResponse:
    """Every endpoint, and adding one; its secret is on the answer to this one request and nowhere else."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create(
                wanted=form.wanted, by=request.actor, at=timezone.now(), actor=request.member.email
            )  # fmt: skip
        except DomainError as error:
            form.refuse(error)
        else:
            return _once(request, queries.endpoint(made.id), made.secret, is_new=True)
    found = [_shown(one) for one in queries.endpoints()]
    context = {"endpoints": found, "form": form, "internal": settings.WEBHOOKS_INTERNAL}
    return page(request, "webhooks", tab=TAB, context=context, status=422 if request.method == "POST" else 200)


@requires("webhooks.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def endpoint(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """One endpoint with its latest deliveries; changing it."""
    one = _found(endpoint_id)
    start = {"name": one.name, "url": one.url, "events": one.events, "source": one.source}
    form = EndpointForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(endpoint_id=endpoint_id, wanted=form.wanted, by=request.actor, at=timezone.now())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("settings_webhook", endpoint_id)
    wanted, before = request.GET.get("state", ""), whole_number(request.GET.get("before", ""))
    wanted = wanted if wanted in STATES else ""
    lines = queries.deliveries(endpoint_id, state=wanted, before=before, most=PAGE + 1)
    context = {
        **_shown(one),
        "form": form,
        "lines": [_line(line) for line in lines[:PAGE]],
        "older": str(lines[PAGE - 1].id) if len(lines) > PAGE else "",
        "state": wanted,
        "states": [(code, label) for code, (label, _tone) in STATES.items()],
        "periods": PERIODS,
    }
    return page(request, "webhook", tab=TAB, context=context, status=422 if request.method == "POST" else 200)


@requires("webhooks.manage")
@require_safe
def delivery(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """One message: what it says, and every try."""
    try:
        one = queries.delivery(delivery_id)
    except NoDelivery as error:
        raise Http404 from error
    language = reader.language()
    tries = [{"try": tried, "said": said(tried.status, tried.trouble, language)} for tried in reversed(one.attempts)]
    context = {
        **_line(one), "tries": tries, "endpoint": _found(one.endpoint_id), "data": queries.shown_data(delivery_id)
    }  # fmt: skip
    return page(request, "webhook_delivery", tab=TAB, context=context)


@requires("webhooks.manage")
@require_POST
def test(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Send a test message now, and say what came of it."""
    try:
        sent = try_endpoint(endpoint_id=endpoint_id, clock=timezone.now)
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect(TAB)
    if sent.state is State.DELIVERED:
        words = gettext("The test arrived: HTTP %(status)s.") % {"status": sent.status}
        messages.success(request, words)
    else:
        answer = said(sent.status, sent.trouble, reader.language()) or gettext("on its way")
        messages.error(request, gettext("The test has not arrived: %(answer)s.") % {"answer": answer})
    return redirect("settings_webhook", endpoint_id)


@requires("webhooks.manage")
@require_POST
def switch(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Switch an endpoint off, or on again."""
    if request.POST.get("on"):
        carry_out(
            request,
            lambda: actions.switch_on(endpoint_id=endpoint_id, by=request.actor, at=timezone.now()),
            gettext("It is on again. What it missed can be sent below."),
        )
    else:
        carry_out(
            request,
            lambda: actions.switch_off(endpoint_id=endpoint_id, by=request.actor, at=timezone.now()),
            gettext("It is off: nothing is sent to it."),
        )
    return redirect("settings_webhook", endpoint_id)


@requires("webhooks.manage")
@never_cache
@require_POST
def rotate(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """A new secret, on the answer to this one request and nowhere else."""
    try:
        secret = actions.rotate(endpoint_id=endpoint_id, by=request.actor, at=timezone.now())
    except NoEndpoint as error:
        raise Http404 from error
    return _once(request, queries.endpoint(endpoint_id), secret, is_new=False)


@requires("webhooks.manage")
@require_POST
def remove(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Take an endpoint away."""
    carry_out(
        request,
        lambda: actions.remove(endpoint_id=endpoint_id, by=request.actor, at=timezone.now()),
        gettext("It is removed."),
    )
    return redirect(TAB)


@requires("webhooks.manage")
@require_POST
def replay(request: StaffRequest, endpoint_id: int) -> HttpResponse:
    """Send again: one delivery, or everything of a while."""
    one = whole_number(request.POST.get("delivery", ""))
    if one is not None:
        again = gettext("It is sent again.")
        carry_out(request, lambda: actions.replay_one(delivery_id=one, by=request.actor, at=timezone.now()), again)
        return redirect("settings_webhook", endpoint_id)
    days = whole_number(request.POST.get("days", "")) or 1
    try:
        count = actions.replay_since(
            endpoint_id=endpoint_id, since=timezone.now() - timedelta(days=min(days, 30)),
            delivered_too=bool(request.POST.get("delivered")), by=request.actor, at=timezone.now(),
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, explained(error))
    else:
        words = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count) % {"n": count}
        messages.success(request, words if count else gettext("There is nothing to send again."))
    return redirect("settings_webhook", endpoint_id)


def _found(endpoint_id: int) -> EndpointView:
    try:
        return queries.endpoint(endpoint_id)
    except NoEndpoint as error:
        raise Http404 from error


def _once(request: StaffRequest, one: EndpointView, secret: str, *, is_new: bool) -> HttpResponse:
    return page(request, "webhook_once", tab=TAB, context={"endpoint": one, "secret": secret, "is_new": is_new})


def _shown(one: EndpointView) -> dict[str, Any]:
    language = reader.language()
    hears = [KINDS[code].words.said(language) for code in one.events if code in KINDS]
    return {"endpoint": one, "hears": hears, "url": reverse("settings_webhook", args=[one.id])}


def _line(line: DeliveryView) -> dict[str, Any]:
    language = reader.language()
    label, tone = STATES[line.state]
    words = KINDS[line.kind].words.said(language) if line.kind in KINDS else line.kind
    return {
        "line": line, "words": words, "label": label, "tone": tone, "said": said(line.status, line.trouble, language),
        "number": str(line.id),
    }  # fmt: skip


urlpatterns = [
    path("settings/webhooks/", endpoints, name=TAB),
    path("settings/webhooks/<int:endpoint_id>/", endpoint, name="settings_webhook"),
    path("settings/webhooks/<int:endpoint_id>/test/", test, name="settings_webhook_test"),
    path("settings/webhooks/<int:endpoint_id>/switch/", switch, name="settings_webhook_switch"),
    path("settings/webhooks/<int:endpoint_id>/rotate/", rotate, name="settings_webhook_rotate"),
    path("settings/webhooks/<int:endpoint_id>/remove/", remove, name="settings_webhook_remove"),
    path("settings/webhooks/<int:endpoint_id>/replay/", replay, name="settings_webhook_replay"),
    path("settings/webhooks/deliveries/<int:delivery_id>/", delivery, name="settings_webhook_delivery"),
]
