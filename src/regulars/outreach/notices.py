"""Messages that somebody asked for this very moment: the code with which they sign in. Nothing of them is kept here."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings as django_settings
from django.utils import translation
from django.utils.translation import gettext

from regulars.core.errors import DomainError
from regulars.outreach.channels import email
from regulars.outreach.channels.channel import Answer, Ending, Letter
from regulars.outreach.channels.email_settings import MAILBOX, in_use, kept, note_trouble

__all__ = ["can_send", "code_letter", "send"]


def can_send(*, is_demo: bool) -> bool:
    """Whether e-mail leaves this instance at all; in the mailbox of a demo somebody can look at it."""
    try:
        provider = in_use().settings.provider
    except DomainError:
        provider = kept().provider
    return provider != MAILBOX or is_demo or django_settings.DEBUG


def code_letter(
    *, address: str, code: str, joins: bool, language: str, shop: str, minutes: int, at: datetime
) -> Letter:
    """The message with a code. Its subject begins with it, so that a locked phone shows it whole."""
    with translation.override("en" if language.startswith("en") else "zh-hans"):
        words = {"code": code, "shop": shop, "minutes": minutes}
        lines = [
            gettext("%(code)s is your code for joining %(shop)s.") % words
            if joins
            else gettext("%(code)s is your code for signing in to %(shop)s.") % words,
            gettext("It counts once, within %(minutes)d minutes. Give it to nobody, nor to anybody from the shop.")
            % words,
            gettext("If you did not ask for it, do nothing: nobody gets in without it."),
        ]
        subject = gettext("%(code)s · %(shop)s") % words
    reference = uuid4().hex
    return Letter(
        recipient=address, subject=subject, text="\n\n".join(lines), html="", language=language,
        message_id=email.message_id(reference, in_use()), reference=reference, at=at,
    )  # fmt: skip


def send(letter: Letter, *, shop: str) -> Answer:
    """Hand it over, once. What went wrong with the server stands where the settings of e-mail are."""
    sender = email.EmailSender(in_use(), business=shop)
    try:
        answer = sender.send(letter)
    finally:
        sender.close()
    if answer.ending is Ending.DOWN:
        note_trouble(code=answer.reason, detail=answer.detail, at=letter.at)
    return answer
