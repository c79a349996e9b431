"""What e-mail providers tell us later: bounces, complaints, unsubscribing in the mail program."""

import hmac
import re
from collections.abc import Mapping
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from regulars.outreach.channels import email_settings
from regulars.outreach.channels.providers import PROVIDERS, events_of
from regulars.outreach.deliveries import returns
from regulars.portal.pages import gone, open_to_all
from regulars.staff.sealing import token_for

MEANINGS = {
    "bounced": returns.BOUNCED,
    "rejected": returns.BOUNCED,
    "complained": returns.COMPLAINED,
    "unsubscribed": returns.UNSUBSCRIBED,
}
NO_MAILBOX = ("bounced", "invalid")
SAID_SO = re.compile(r"\b5\.1\.\d+\b|\b55[013]\b")


@open_to_all
@require_http_methods(["POST", "HEAD"])
def email(request: HttpRequest, secret: str) -> HttpResponse:
    """A provider calls. The secret in the address is ours; where the provider signs, its signature counts too."""
    known = hmac.compare_digest(secret.encode(), token_for("email webhook").encode())
    use = email_settings.in_use() if known else None
    provider = PROVIDERS.get(use.settings.provider) if use else None
    if use is None or provider is None:
        return gone(request)
    if request.method == "HEAD":
        return HttpResponse()
    try:
        events = events_of(provider, use.secrets, request)
    except (AnymailWebhookValidationFailure, ValueError, KeyError):
        return HttpResponse(status=400)
    now = timezone.now()
    for event in events:
        what = MEANINGS.get(event.event_type)
        detail = str(event.mta_response or event.description or "")[:200]
        if what == returns.BOUNCED and not _is_for_good(event, detail):
            continue
        told = (event.metadata or {}).get("delivery", "")
        meant = returns.find(reference=str(told), message_id=str(event.message_id or "")) if what else None
        if what is not None and meant is not None:
            returns.record(delivery_id=meant, what=what, detail=detail, source=provider.code, at=now)
    return HttpResponse()


def _is_for_good(event: Any, detail: str) -> bool:
    """Whether a bounce says that there is no such mailbox. A full one is called a bounce too, a soft one."""
    raw = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    if any("soft" in str(raw.get(key, "")).lower() for key in ("Type", "type", "event")):
        return False
    return event.reject_reason in NO_MAILBOX or SAID_SO.search(detail) is not None
