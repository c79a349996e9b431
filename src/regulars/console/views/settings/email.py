"""How e-mail leaves: by whom, from which address; secrets go in and are never shown again."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from regulars.console import reader
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.outreach.channels import email_settings
from regulars.outreach.channels.channel import Answer, Ending, Letter
from regulars.outreach.channels.email import EmailSender, message_id
from regulars.outreach.channels.email_settings import (
    EMAIL,
    MAILBOX,
    SMTP,
    BadEmailSettings,
    EmailSettings,
    InUse,
    secret_names,
)
from regulars.outreach.channels.providers import PROVIDERS
from regulars.outreach.deliveries.words import REASONS
from regulars.staff import queries
from regulars.staff.sealing import SecretUnreadable, token_for

TAB = "settings_email"
PROVIDER_NAMES: dict[str, Promise | str] = {
    MAILBOX: _("Nobody: keep messages in the mailbox here"),
    SMTP: _("A mail server (SMTP)"),
    **{one.code: one.name for one in PROVIDERS.values()},
}
SECURITIES = [("starttls", "STARTTLS (587)"), ("tls", "TLS (465)"), ("none", _("None: a server on this machine only"))]
OPTIONS: dict[str, Promise] = {
    "host": _("Mail server"),
    "port": _("Port"),
    "security": _("Connection"),
    "user": _("User name"),
    "sender_domain": _("Sending domain"),
    "api_url": _("Address of the provider's API, if not the usual one"),
}
SECRETS: dict[str, Promise] = {
    "password": _("Password"),
    "api_key": _("API key"),
    "api_token": _("API token"),
    "server_token": _("Server token"),
    "secret_key": _("Secret key"),
    "signing_secret": _("Signing secret of webhooks"),
    "webhook_signing_key": _("Signing key of webhooks"),
}
WRONG: dict[str, Promise] = {
    "host": _("Name the mail server."),
    "port": _("A port is a number from 1 to 65535."),
    "security": _("Choose how the connection is made."),
    "from_address": _("Say from which address messages come."),
    "reply_to": _("Answers need an e-mail address."),
    "from_name": _("A name is one line."),
    "public_url": _("Write it like https://club.example.com"),
}


class EmailForm(forms.Form):
    """What a provider needs to know. A secret that is left empty stays as it is."""

    from_address = forms.EmailField(label=_("Sender's address"), required=False, max_length=200)
    from_name = forms.CharField(
        label=_("Sender's name"), required=False, max_length=100, help_text=_("Empty: the name of the business.")
    )
    reply_to = forms.EmailField(label=_("Answers go to"), required=False, max_length=200)
    public_url = forms.CharField(
        label=_("Where guests' browsers find this instance"),
        required=False,
        max_length=200,
        help_text=_("Links for unsubscribing begin with it, for instance https://club.example.com"),
    )
    tracks_clicks = forms.BooleanField(label=_("Count who follows a link"), required=False)
    tracks_opens = forms.BooleanField(
        label=_("Count who opens a message"),
        required=False,
        help_text=_(
            "Mail programs open messages by themselves or hide it, so the figure means little. Nobody asked the reader."
        ),
    )

    def __init__(self, *args: Any, told: EmailSettings, kept: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = told.provider
        self.options = _options(told.provider)
        self.secrets = secret_names(told.provider)
        for name in self.options:
            field: forms.Field = forms.CharField(label=str(OPTIONS[name]), required=False, max_length=200)
            if name == "security":
                field = forms.ChoiceField(label=str(OPTIONS[name]), choices=SECURITIES)
            self.fields[name] = field
            self.initial.setdefault(name, told.options.get(name, {"port": "587", "security": "starttls"}.get(name, "")))
        for name in self.secrets:
            is_kept = f"{EMAIL}.{name}" in kept
            self.fields[name] = forms.CharField(
                label=str(SECRETS.get(name, name)),
                required=False,
                strip=False,
                max_length=4000,
                widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
                help_text=_("It is kept, sealed, and not shown again. Leave this empty to keep it.") if is_kept else "",
            )
        first = ["from_address", "from_name", "reply_to", "public_url", "tracks_clicks", "tracks_opens"]
        self.order_fields([*self.options, *self.secrets, *first])


@requires("settings.edit")
@never_cache
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """How e-mail leaves now; with `?provider=` the form for another provider."""
    told = email_settings.kept()
    asked = request.GET.get("provider", "")
    if asked in PROVIDER_NAMES and asked != told.provider:
        told = _for_provider(told, asked)
    return _page(request, told, _form(told))


@requires("settings.edit")
@sensitive_post_parameters()
@never_cache
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Keep other settings."""
    told, asked = email_settings.kept(), request.POST.get("provider", "")
    if asked in PROVIDER_NAMES and asked != told.provider:
        told = _for_provider(told, asked)
    form = _form(told, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        wanted = EmailSettings(
            provider=told.provider,
            options={name: given[name] for name in form.options if given[name]},
            **{name: given[name] for name in EmailForm.base_fields},
        )
        secrets = {name: given[name] for name in form.secrets if given[name]}
        try:
            email_settings.change(told=wanted, secrets=secrets, by=request.actor, at=timezone.now())
        except BadEmailSettings as error:
            field = str(error.context.get("field", ""))
            form.add_error(field if field in form.fields else None, str(WRONG.get(field, str(error))))
        except DomainError as error:
            form.add_error(None, explained(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect(TAB)
    return _page(request, told, form, status=422)


@requires("settings.edit")
@require_POST
def test(request: StaffRequest) -> HttpResponse:
    """Send one message to whoever asks, with what is saved."""
    try:
        use = email_settings.in_use()
        answer = _send(request, use)
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect(TAB)
    if answer.ending is not Ending.SENT:
        words = REASONS.get(answer.reason)
        said = words.said(reader.language()) if words else gettext("It did not leave.")
        messages.error(request, f"{said} {answer.detail}".strip())
    elif use.settings.provider == MAILBOX:
        messages.success(request, gettext("The message is in the mailbox: nothing leaves this machine."))
    else:
        messages.success(request, gettext("The message is on its way to %(to)s.") % {"to": request.member.email})
    return redirect(TAB)


def _send(request: StaffRequest, use: InUse) -> Answer:
    business, reference = business_of(request), uuid4().hex
    sender = EmailSender(use, business=business.name)
    try:
        return sender.send(
            Letter(
                recipient=request.member.email,
                subject=gettext("A test message from %(shop)s") % {"shop": business.name or "Regulars"},
                text=gettext("It works: messages to your guests leave this way."),
                html="",
                language=reader.language(),
                message_id=message_id(reference, use),
                reference=reference,
                at=timezone.now(),
            )
        )
    finally:
        sender.close()


def _form(told: EmailSettings, given: Mapping[str, Any] | None = None) -> EmailForm:
    start = {name: getattr(told, name) for name in EmailForm.base_fields}
    return EmailForm(given, initial=start, told=told, kept=frozenset(queries.secrets_set()))


def _for_provider(told: EmailSettings, provider: str) -> EmailSettings:
    """The same sender with another provider, of which nothing is known yet."""
    kept = {name: getattr(told, name) for name in EmailForm.base_fields}
    return EmailSettings(provider=provider, **kept)


def _options(provider: str) -> tuple[str, ...]:
    if provider == SMTP:
        return ("host", "port", "security", "user")
    return PROVIDERS[provider].options if provider in PROVIDERS else ()


def _page(request: StaffRequest, told: EmailSettings, form: EmailForm, *, status: int = 200) -> HttpResponse:
    trouble = email_settings.trouble()
    words = REASONS.get(trouble["code"]) if trouble else None
    context = {
        "form": form,
        "provider": told.provider,
        "providers": list(PROVIDER_NAMES.items()),
        "kept_provider": email_settings.kept().provider,
        "use": _in_use(),
        "trouble": trouble,
        "trouble_said": words.said(reader.language()) if words else "",
        "hook": _hook(request) if told.provider in PROVIDERS else "",
        "address": request.member.email,
    }
    return page(request, "email", tab=TAB, context=context, status=status)


def _in_use() -> dict[str, Any]:
    """What holds at this moment, without secrets."""
    try:
        use = email_settings.in_use()
    except (BadEmailSettings, SecretUnreadable) as error:
        return {"problem": explained(error)}
    return {
        "by_environment": use.by_environment,
        "name": PROVIDER_NAMES[use.settings.provider],
        "is_mailbox": use.settings.provider == MAILBOX,
        "from": use.settings.from_address,
    }


def _hook(request: StaffRequest) -> str:
    """Where the provider is to report bounces: our own secret is in the address."""
    return request.build_absolute_uri(reverse("portal_email_hook", args=[token_for("email webhook")]))


urlpatterns = [
    path("settings/email/", show, name=TAB),
    path("settings/email/save/", save, name="settings_email_save"),
    path("settings/email/test/", test, name="settings_email_test"),
]
