"""The channel e-mail: composes messages and hands them to the mailbox, a mail server or a provider."""

from email.utils import format_datetime, formataddr
from typing import Final, Protocol

from django.core.mail import EmailMultiAlternatives

from regulars.core.bilingual import Text
from regulars.outreach.channels.channel import Answer, Channel, Letter
from regulars.outreach.channels.email_settings import MAILBOX, SMTP, TIMEOUT_S, InUse
from regulars.outreach.channels.mailbox import MailboxSender
from regulars.outreach.channels.providers import PROVIDERS, ApiSender
from regulars.outreach.channels.smtp import SmtpSender

CHANNEL: Final = Channel("email", Text("邮件", "E-mail"), by_hand=False)
NOWHERE: Final = "regulars@localhost"
"""Who writes in a mailbox before anybody has said from which address."""


class _Post(Protocol):
    """What takes a composed message further."""

    def hand_over(self, message: EmailMultiAlternatives) -> Answer:
        """Send one message."""

    def close(self) -> None:
        """Give the connection up."""


class EmailSender:
    """Sends letters as e-mail with the settings that hold now."""

    def __init__(self, use: InUse, *, business: str) -> None:
        self._settings = use.settings
        self._from = formataddr((use.settings.from_name or business, use.settings.from_address or NOWHERE))
        self._post = _post(use)

    def send(self, letter: Letter) -> Answer:
        """Hand one letter over; whatever goes wrong is in the answer."""
        return self._post.hand_over(self.compose(letter))

    def compose(self, letter: Letter) -> EmailMultiAlternatives:
        """The message as it leaves: text and HTML, a Message-ID of ours, a way out in one click (RFC 8058)."""
        headers = {
            "Date": format_datetime(letter.at),
            "Message-ID": letter.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": "zh-CN" if letter.language.startswith("zh") else "en",
        }
        if letter.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message = EmailMultiAlternatives(
            subject=" ".join(letter.subject.split()), body=letter.text, from_email=self._from,
            to=[letter.recipient], headers=headers,
            reply_to=[self._settings.reply_to] if self._settings.reply_to else None,
        )  # fmt: skip
        if letter.html:
            message.attach_alternative(letter.html, "text/html")
        # What a provider sends back with its webhooks; other posts do not look at it.
        message.metadata = {"delivery": letter.reference}  # type: ignore[attr-defined]
        return message

    def close(self) -> None:
        """Give the connection up."""
        self._post.close()


def message_id(reference: str, use: InUse) -> str:
    """The Message-ID of a letter."""
    return f"<{reference}@{(use.settings.from_address or NOWHERE).rpartition('@')[2]}>"


def _post(use: InUse) -> _Post:
    provider, options = use.settings.provider, use.settings.options
    if provider == MAILBOX:
        return MailboxSender()
    if provider == SMTP:
        return SmtpSender(
            host=options.get("host", ""), port=int(options.get("port") or 587), user=options.get("user", ""),
            security=options.get("security", "starttls"), password=use.secrets.get("password", ""),
            timeout=float(options.get("timeout") or TIMEOUT_S),
        )  # fmt: skip
    return ApiSender(PROVIDERS[provider], options, use.secrets)
