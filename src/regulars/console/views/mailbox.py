"""The mailbox: what would have been sent, as its reader would see it. Nothing in it has left this machine."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache

from regulars.console import fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.typed import whole_number
from regulars.customers.rules import mask_email
from regulars.outreach.channels import email_settings, mailbox
from regulars.outreach.channels.email_settings import MAILBOX, BadEmailSettings
from regulars.outreach.channels.mailbox import Kept
from regulars.staff.sealing import SecretUnreadable

PAGE, PER_PAGE = "mailbox", 30
LOCKED = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox",
    )
)
"""A message may look as it likes and do nothing: no script, no picture that tells of the reader, no way out."""
WAY_OUT = re.compile(r"<(https?://[^>\s]+)>")
TOLD = ("From", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language")
"""The headers that say something to people, in this order; the others follow."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the list; the address is masked."""

    id: int
    to: str
    subject: str
    begins: str
    at: datetime


@requires("campaigns.edit")
@never_cache
def messages(request: StaffRequest) -> HttpResponse:
    """The list, the newest first; or its next part."""
    asked = whole_number(request.GET.get("before", ""))
    found = mailbox.messages(most=PER_PAGE + 1, before_id=asked)
    context: dict[str, object] = {
        "messages_kept": [_line(one) for one in found[:PER_PAGE]],
        "next": found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
    }
    if fragments.asked(request) == "older":
        return fragments.shown(request, "mailbox/lines.html", context)
    context |= {"count": mailbox.count(), "keeps": _keeps(), "asked": asked}
    return fragments.shown(request, "mailbox/page.html", context)


@requires("campaigns.edit")
@never_cache
def message(request: StaffRequest, message_id: int) -> HttpResponse:
    """One message: as its reader sees it, as text, and what goes with it unseen."""
    one = _kept(message_id)
    headers = dict(one.headers)
    order = [name for name in TOLD if name in headers] + sorted(headers.keys() - set(TOLD))
    way_out = WAY_OUT.search(headers.get("List-Unsubscribe", ""))
    context = {
        "one": one,
        "to": mask_email(one.recipient),
        "headers": [(name, _read(headers[name])) for name in order],
        "way_out": way_out[1] if way_out else "",
        "one_click": "List-Unsubscribe-Post" in headers,
    }
    return render(request, "mailbox/message.html", context)


@requires("campaigns.edit")
@never_cache
def letter(request: StaffRequest, message_id: int) -> HttpResponse:
    """The message's own HTML, for the locked frame on its page."""
    one = _kept(message_id)
    locked = {"Content-Security-Policy": LOCKED, "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer"}
    return HttpResponse(one.html, headers=locked)


def _kept(message_id: int) -> Kept:
    one = mailbox.message(message_id)
    if one is None:
        raise Http404
    return one


def _line(one: Kept) -> Line:
    return Line(one.id, mask_email(one.recipient), one.subject, " ".join(one.text.split())[:140], one.kept_at)


def _read(value: str) -> str:
    """A header as people read it: its letters may be packed (RFC 2047)."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _keeps() -> bool:
    """Whether messages come here now, instead of leaving."""
    try:
        return email_settings.in_use().settings.provider == MAILBOX
    except (BadEmailSettings, SecretUnreadable):
        return False


urlpatterns = [
    path("mailbox/", messages, name=PAGE),
    path("mailbox/<int:message_id>/", message, name="mailbox_message"),
    path("mailbox/<int:message_id>/letter/", letter, name="mailbox_letter"),
]
