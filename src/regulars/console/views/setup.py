"""The very first page of a new instance: who the business is, and who owns it."""

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

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
FIELD_OF = {"bad_email": "email", "email_taken": "email", "weak_password": "password", "unknown_time_zone": "time_zone"}


def _zones() -> list[tuple[Any, Any]]:
    return [("", _("Choose…")), *choices.time_zones()]


def _currencies() -> list[tuple[Any, Any]]:
    return [("", _("Choose…")), *choices.currencies()]


class SetupForm(forms.Form):
    """Everything that has to be known before the first customer."""

    business = forms.CharField(label=_("What is your business called?"), max_length=100)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zones, help_text=_("Days begin and points expire by this clock.")
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=_currencies,
        help_text=_("It cannot be changed once orders have been recorded."),
    )
    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("Your e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("Ten characters or more; a short sentence is easy to remember."),
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
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
        language = translation.get_language() or "zh-hans"
        start = {"time_zone": "Asia/Shanghai", "currency": "CNY"} if language.startswith("zh") else {}
        return render(request, "setup/begin.html", {"form": SetupForm(local=local, initial=start)})
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
    return render(request, "setup/begin.html", {"form": form}, status=422)


def _welcome(request: HttpRequest, email: str, password: str) -> HttpResponse:
    setup_code.forget()
    user = authenticate(request, username=email.strip().lower(), password=password)
    if user is not None:
        login(request, user)
    messages.success(request, gettext("Welcome! Everything is ready. Bring your orders in, and your customers appear."))
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
