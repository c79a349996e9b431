"""Sending through a provider's API by django-anymail.

A new provider of anymail's is one more line here. Those that need a library of their own are left out; Amazon SES and
any other service can be used over SMTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import requests
from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.core.mail import EmailMultiAlternatives

from regulars.outreach.channels.channel import Answer, Ending

TIMEOUT_S: Final = (10, 30)
"""To connect, to answer."""
NEVER_MET: Final = (requests.ConnectTimeout, requests.exceptions.InvalidURL, requests.exceptions.SSLError)
NOT_LET_IN: Final = (401, 403)
NOT_NOW: Final = (429, 503)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: `secrets` and `options` are called as anymail calls them, the first secret is needed to send."""

    code: str
    name: str
    secrets: tuple[str, ...]
    options: tuple[str, ...] = ()
    webhook: str = ""


PROVIDERS: Final[Mapping[str, Provider]] = {
    one.code: one
    for one in (
        Provider("brevo", "Brevo", ("api_key",), (), "BrevoTrackingWebhookView"),
        Provider("mailersend", "MailerSend", ("api_token", "signing_secret"), (), "MailerSendTrackingWebhookView"),
        Provider(
            "mailgun", "Mailgun", ("api_key", "webhook_signing_key"), ("sender_domain", "api_url"),
            "MailgunTrackingWebhookView",
        ),
        Provider("mailjet", "Mailjet", ("api_key", "secret_key"), (), "MailjetTrackingWebhookView"),
        Provider("postmark", "Postmark", ("server_token",), (), "PostmarkTrackingWebhookView"),
        Provider("sendgrid", "SendGrid", ("api_key",), (), "SendGridTrackingWebhookView"),
        Provider("sparkpost", "SparkPost", ("api_key",), ("api_url",), "SparkPostTrackingWebhookView"),
        Provider("unisender_go", "Unisender Go", ("api_key",), ("api_url",), "UnisenderGoTrackingWebhookView"),
    )
}  # fmt: skip


class ApiSender:
    """Hands letters to a provider; one HTTPS connection for many."""

    def __init__(self, provider: Provider, options: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        module = import_module(f"anymail.backends.{provider.code}")
        given = {name: value for name, value in options.items() if name in provider.options and value}
        self._backend = module.EmailBackend(**given, **secrets, requests_timeout=TIMEOUT_S)

    def hand_over(self, message: EmailMultiAlternatives) -> Answer:
        """Send one message; what the provider answers, in our words."""
        try:
            self._backend.send_messages([message])
        except AnymailRequestsAPIError as error:
            return _of_failure(error)
        except (AnymailRecipientsRefused, AnymailInvalidAddress) as error:
            return Answer(Ending.REFUSED, "recipient_refused", _first_line(error), bounced=True)
        except AnymailError as error:
            return Answer(Ending.REFUSED, "message_refused", _first_line(error))
        status = getattr(message, "anymail_status", None)
        return Answer(Ending.SENT, message_id=str(getattr(status, "message_id", None) or ""))

    def close(self) -> None:
        """Give the connection up."""
        self._backend.close()


def _of_failure(error: AnymailRequestsAPIError) -> Answer:
    """Only an answer that says no, or a connection that never came about, is sure; anything else may have been sent."""
    code = error.status_code
    cause = error.__cause__
    if code is None:
        if isinstance(cause, NEVER_MET) or (
            isinstance(cause, requests.ConnectionError) and "NewConnectionError" in repr(cause)
        ):
            return Answer(Ending.DOWN, "unreachable", type(cause).__name__)
        return Answer(Ending.UNKNOWN, "no_answer", type(cause).__name__)
    if code in NOT_LET_IN:
        return Answer(Ending.DOWN, "login_refused", f"HTTP {code}")
    if code in NOT_NOW:
        return Answer(Ending.LATER, "not_now", f"HTTP {code}")
    if 400 <= code < 500:
        return Answer(Ending.REFUSED, "message_refused", f"HTTP {code}")
    return Answer(Ending.UNKNOWN, "no_answer", f"HTTP {code}")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def events_of(provider: Provider, secrets: Mapping[str, str], request: Any) -> list[Any]:
    """What a provider tells by webhook, as anymail's events, after checking its signature where it signs.

    Raises:
        AnymailWebhookValidationFailure: The signature is wrong.
    """
    view_class = getattr(import_module(f"anymail.webhooks.{provider.code}"), provider.webhook)
    wanted = {name: value for name, value in secrets.items() if hasattr(view_class, name)}
    view = view_class(webhook_secret="not asked for", **wanted)  # noqa: S106
    for validate in view.validators:
        # anymail's basic auth stands for what our own secret in the address does.
        if "BasicAuth" not in validate.__qualname__:
            validate(view, request)
    return list(view.parse_events(request))
