"""The very first page of a new instance: who the business is, and who owns it."""

import re
from ipaddress import ip_address
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.console import choices, setup_code
from regulars.console.access import public
from regulars.console.sayings import explained
from regulars.core.errors import DomainError
from regulars.flows.set_up import set_up
from regulars.staff import queries
from regulars.staff.trades import TRADES

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
GUESSED = ("name", "time_zone", "currency")
COUNTRIES = {
    "GB": ("Europe/London", "GBP"), "IE": ("Europe/Dublin", "EUR"), "US": ("", "USD"), "CA": ("", "CAD"),
    "AU": ("", "AUD"), "NZ": ("Pacific/Auckland", "NZD"), "SG": ("Asia/Singapore", "SGD"),
    "HK": ("Asia/Hong_Kong", "HKD"), "IN": ("Asia/Kolkata", "INR"), "ZA": ("Africa/Johannesburg", "ZAR"),
}  # fmt: skip
"""Zone and currency by country; a country with several zones leaves the zone to the browser."""
FIELD_OF = {"bad_email": "email", "email_taken": "email", "weak_password": "password", "unknown_time_zone": "time_zone"}


def _zones() -> list[tuple[Any, Any]]:
    return [("", _("Choose…")), *choices.time_zones()]


def _currencies() -> list[tuple[Any, Any]]:
    return [("", _("Choose…")), *choices.currencies()]


def _trades() -> list[tuple[Any, Any]]:
    language = "zh" if _language().startswith("zh") else "en"
    return [(trade.code, trade.name.said(language)) for trade in TRADES.values()]


class SetupForm(forms.Form):
    """Everything that has to be known before the first customer: four answers, and a few that are guessed."""

    business = forms.CharField(label=_("What is your business called?"), max_length=100)
    trade = forms.ChoiceField(
        label=_("What do you do?"),
        choices=_trades,
        widget=forms.RadioSelect,
        help_text=_("It only says where to begin; everything can be changed later."),
    )
    email = forms.EmailField(label=_("Your e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("Ten characters or more; a short sentence is easy to remember."),
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
    )
    name = forms.CharField(
        label=_("Your name"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zones, help_text=_("Days begin and points expire by this clock.")
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=_currencies,
        help_text=_("It cannot be changed once orders have been recorded."),
    )
    code = forms.CharField(
        label=_("Setup code"),
        help_text=_("The line that the server printed when it started."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, local: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if local:
            del self.fields["code"]

    def clean_code(self) -> str:
        """The code itself, when it is the right one."""
        typed: str = self.cleaned_data["code"]
        if not setup_code.matches(typed):
            raise forms.ValidationError(gettext("This is not the code that was printed when the server started."))
        return typed


@public
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Ask, once, and let the first owner in."""
    if queries.has_staff():
        return redirect("account_login")
    local = is_local(request)
    if request.method != "POST":
        return _page(request, SetupForm(local=local, initial=_guessed(request)))
    form = SetupForm(request.POST, local=local)
    if form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        try:
            set_up(language=_language(), at=timezone.now(), **given)
        except DomainError as error:
            if error.code == "already_set_up":
                messages.info(request, explained(error))
                return redirect("account_login")
            form.add_error(FIELD_OF.get(error.code), explained(error))
        else:
            return _welcome(request, given["email"], given["password"])
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: SetupForm, status: int = 200) -> HttpResponse:
    """What has to be answered stands open; what was guessed is folded, unless it could not be guessed or is wrong."""
    guessed = [form[name] for name in GUESSED]
    known = all(field.value() for field in guessed if field.name != "name") and not any(f.errors for f in guessed)
    context = {"form": form, "guessed": guessed, "is_guessed": known, "trade": form["trade"].value()}
    return render(request, "setup/begin.html", context, status=status)


def _guessed(request: HttpRequest) -> dict[str, str]:
    """Zone and currency of the country that the browser's language names; a page in Chinese is most likely in China.

    The browser itself knows its zone better: a script puts it in where this one is empty.
    """
    if not _language().startswith("en"):
        return {"time_zone": "Asia/Shanghai", "currency": "CNY"}
    told = re.search(r"\ben-([A-Z]{2})\b", request.headers.get("Accept-Language", ""), re.IGNORECASE)
    zone, currency = COUNTRIES.get(told[1].upper() if told else "", ("", ""))
    return {"time_zone": zone, "currency": currency}


def _welcome(request: HttpRequest, email: str, password: str) -> HttpResponse:
    setup_code.forget()
    user = authenticate(request, username=email.strip().lower(), password=password)
    if user is not None:
        login(request, user)
    return redirect("/")


def _language() -> str:
    return "en" if (translation.get_language() or "").startswith("en") else "zh-hans"


def is_local(request: HttpRequest) -> bool:
    """Whether the visitor sits at this very machine.

    A proxy on the machine also calls from here, so the name asked for has to be local, nothing may say that the
    request was passed on, and the instance must not be known by any other name.
    """
    if any(host not in LOCAL_NAMES for host in settings.ALLOWED_HOSTS) or settings.SESSION_COOKIE_SECURE:
        return False
    if any(request.headers.get(name) for name in PASSED_ON):
        return False
    host = request.get_host()
    name = host[: host.rfind(":")] if host.rfind(":") > host.rfind("]") else host
    try:
        near = ip_address(request.META.get("REMOTE_ADDR", "").strip("[]")).is_loopback
    except ValueError:
        near = False
    return near and name in LOCAL_NAMES


urlpatterns = [path("setup/", setup, name="setup")]
