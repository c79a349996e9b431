"""A delivery as an e-mail: the words, the way out, and the addresses that stand for the message."""

import base64
import re
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from regulars.customers.consents import PROMOTION
from regulars.outreach.channels.channel import Letter
from regulars.outreach.channels.email import message_id
from regulars.outreach.channels.email_settings import EmailSettings, InUse
from regulars.outreach.deliveries.rules import LINK, NOT_ITS_END, Ready

HERE: Final = "http://localhost:8000"
"""Where links lead until somebody says where customers' browsers find this instance."""
PARAGRAPHS: Final = re.compile(r"\n\s*\n")


def shown_token(token: UUID) -> str:
    """A token as addresses have it: 22 letters that say nothing."""
    return base64.urlsafe_b64encode(token.bytes).rstrip(b"=").decode()


def read_token(text: str) -> UUID | None:
    """The token in an address; None if it is none."""
    if len(text) != 22:
        return None
    try:
        found = UUID(bytes=base64.urlsafe_b64decode(text + "=="))
    except ValueError:
        return None
    return found if shown_token(found) == text else None


def public_url(settings: EmailSettings) -> str:
    """Where customers' browsers find this instance, without a slash at the end."""
    return (settings.public_url or next(iter(django_settings.CSRF_TRUSTED_ORIGINS), HERE)).rstrip("/")


def letter(ready: Ready, *, use: InUse, shop: str, at: datetime) -> Letter:
    """What is handed to the channel."""
    assert ready.token is not None
    settings, token = use.settings, shown_token(ready.token)
    page = f"{public_url(settings)}/p/{token}/"
    with translation.override("zh-hans" if ready.language == "zh" else "en"):
        why = (
            gettext("You get this because you agreed to hear of offers from %(shop)s.")
            if ready.purpose == PROMOTION
            else gettext("You get this because you are a member of %(shop)s.")
        ) % {"shop": shop}
        words = {
            "why": why, "page": page, "stop": f"{page}stop/", "shop": shop, "subject": ready.subject,
            "language": "zh-CN" if ready.language == "zh" else "en", "is_promotion": ready.purpose == PROMOTION,
        }  # fmt: skip
        html = render_to_string("outreach/email.html", {**words, **_parts(ready, page, settings)})
        text = render_to_string("outreach/email.txt", {**words, "body": ready.body})
    reference = ready.token.hex
    return Letter(
        recipient=ready.address, subject=ready.subject or shop, text=text, html=html, language=ready.language,
        message_id=message_id(reference, use), reference=reference, at=at,
        unsubscribe_url=f"{page}stop/" if ready.purpose == PROMOTION else "",
    )  # fmt: skip


def _parts(ready: Ready, page: str, settings: EmailSettings) -> dict[str, object]:
    counted = {link: f"{page}go/{place}/" for place, link in enumerate(ready.links)} if settings.tracks_clicks else {}
    paragraphs = [_paragraph(part, ready.code, counted) for part in PARAGRAPHS.split(ready.body.replace("\r\n", "\n"))]
    return {"paragraphs": paragraphs, "pixel": f"{page}seen.gif" if settings.tracks_opens else ""}


def _paragraph(text: str, code: str, counted: dict[str, str]) -> SafeString:
    """A paragraph as HTML: escaped, its addresses as links, the code set apart."""
    made, place = [], 0
    for match in LINK.finditer(text):
        shown = match.group().rstrip(NOT_ITS_END)
        made.append(_words(text[place : match.start()], code))
        target = counted.get(shown, shown)
        made.append(f'<a href="{conditional_escape(target)}" rel="noopener">{conditional_escape(shown)}</a>')
        place = match.start() + len(shown)
    made.append(_words(text[place:], code))
    return mark_safe("".join(made).replace("\n", "<br>"))  # noqa: S308  # every part was escaped


def _words(text: str, code: str) -> str:
    escaped = str(conditional_escape(text))
    return escaped.replace(code, f'<strong class="code">{code}</strong>') if code else escaped
