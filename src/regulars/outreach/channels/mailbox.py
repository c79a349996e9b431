"""The local mailbox: an e-mail backend of Django's that keeps every message here, to be looked at in the console."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from regulars.outreach.channels.channel import Answer, Ending
from regulars.outreach.models import MailboxMessage


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the mailbox; `html` and `headers` are empty in a list."""

    id: int
    recipient: str
    subject: str
    text: str
    kept_at: datetime
    html: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class EmailBackend(BaseEmailBackend):
    """Keeps what others would send. When, is what the message's own Date says."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep them; returns how many."""
        rows = []
        for message in email_messages:
            html = next((str(part[0]) for part in getattr(message, "alternatives", []) if part[1] == "text/html"), "")
            headers = {name: str(value) for name, value in message.extra_headers.items()} | {"From": message.from_email}
            rows += [
                MailboxMessage(
                    recipient=recipient[:254], subject=str(message.subject)[:300], text=str(message.body), html=html,
                    headers=headers, message_id=headers.get("Message-ID", ""),
                    kept_at=parsedate_to_datetime(headers["Date"]),
                )
                for recipient in message.recipients()
            ]  # fmt: skip
        return len(MailboxMessage.objects.bulk_create(rows))


class MailboxSender:
    """Hands letters to the mailbox."""

    def hand_over(self, message: EmailMultiAlternatives) -> Answer:
        """Keep one message."""
        EmailBackend().send_messages([message])
        return Answer(Ending.SENT)

    def close(self) -> None:
        """Nothing to give up."""


def messages(*, most: int = 50, before_id: int | None = None, recipient: str = "") -> list[Kept]:
    """The newest messages first; `before_id` continues where a page ended."""
    rows = MailboxMessage.objects.order_by("-id")
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    if recipient:
        rows = rows.filter(recipient__iexact=recipient)
    told = rows.values_list("id", "recipient", "subject", "text", "kept_at")[:most]
    return [Kept(*row) for row in told]


def message(message_id: int) -> Kept | None:
    """One message with everything."""
    row = MailboxMessage.objects.filter(pk=message_id).first()
    if row is None:
        return None
    headers = tuple(sorted(row.headers.items()))
    return Kept(row.pk, row.recipient, row.subject, row.text, row.kept_at, row.html, headers)


def count() -> int:
    """How many messages are kept."""
    return MailboxMessage.objects.count()


def sweep(*, before: datetime) -> int:
    """Forget older messages, since each is personal data; returns how many."""
    return MailboxMessage.objects.filter(kept_at__lt=before).delete()[0]
