"""Handing letters to a mail server, and knowing exactly when it may have taken one.

Python's smtplib tells a broken connection apart from an answer, but not whether the letter was on its way when it
broke. Before its first byte has left, a letter certainly was not accepted and may be sent again; from then on until the
server's answer nobody can know.
"""

import re
import smtplib
import ssl
from email.utils import parseaddr
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.core.mail.utils import DNS_NAME

from regulars.outreach.channels.channel import Answer, Ending

LINE_ENDS: Final = re.compile(rb"\r\n|\r|\n")
LEADING_DOTS: Final = re.compile(rb"(?m)^\.")
NO_SUCH_MAILBOX: Final = (550, 551, 553)
"""Refusals of a recipient that are about the address (RFC 5321 4.2.2); 552 is a full one, 554 anything."""
POLICY: Final = re.compile(r"\b5\.7\.\d+")
"""An enhanced code (RFC 3463) that blames the sender or the text, whatever the plain code says."""


class _Watched:
    """Notes whether the letter is on its way. Mixed into smtplib's classes."""

    on_its_way = False

    def data(self: Any, msg: bytes) -> tuple[int, bytes]:
        """smtplib's own, with a look at the moment that matters."""
        self.on_its_way = False
        self.putcmd("data")
        code, words = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, words)
        text = LEADING_DOTS.sub(b"..", LINE_ENDS.sub(b"\r\n", msg))
        self.on_its_way = True
        self.send((text if text.endswith(b"\r\n") else text + b"\r\n") + b".\r\n")
        answer: tuple[int, bytes] = self.getreply()
        self.on_its_way = False
        return answer


class _Plain(_Watched, smtplib.SMTP):  # type: ignore[misc]
    pass


class _Tls(_Watched, smtplib.SMTP_SSL):  # type: ignore[misc]
    pass


class SmtpSender:
    """One connection to a mail server, made when the first letter goes and again when it was lost."""

    def __init__(
        self, *, host: str, port: int, security: str = "starttls", user: str = "", password: str = "",
        timeout: float = 20.0,
    ) -> None:  # fmt: skip
        self._host, self._port, self._security = host, port, security
        self._user, self._password, self._timeout = user, password, timeout
        self._connection: Any = None

    def hand_over(self, message: EmailMultiAlternatives) -> Answer:
        """Send one message. A connection that broke before the letter was on its way is made anew once.

        If it breaks again, perhaps it is this letter that the server cannot bear: it waits, and the others go on.
        """
        answer = self._once(message)
        return self._once(message) if answer.reason == "connection_lost" else answer

    def close(self) -> None:
        """Say goodbye if anybody is there."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()

    def _once(self, message: EmailMultiAlternatives) -> Answer:
        try:
            self._connect()
        except smtplib.SMTPAuthenticationError as error:
            return self._lost(Ending.DOWN, "login_refused", _said(error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return self._lost(Ending.DOWN, "unreachable", type(error).__name__)
        connection = self._connection
        try:
            connection.sendmail(_bare(message.from_email), [_bare(message.to[0])], message.message().as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            return self._refused(*next(iter(error.recipients.values())), of_recipient=True)
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code >= 500:
                return self._lost(Ending.DOWN, "sender_refused", _said(error.smtp_code, error.smtp_error))
            return self._refused(error.smtp_code, error.smtp_error)
        except smtplib.SMTPDataError as error:
            return self._refused(error.smtp_code, error.smtp_error)
        except UnicodeError:
            return Answer(Ending.REFUSED, "bad_address", bounced=True)
        except (OSError, smtplib.SMTPException) as error:
            if connection.on_its_way:
                return self._lost(Ending.UNKNOWN, "no_answer", type(error).__name__)
            return self._lost(Ending.LATER, "connection_lost", type(error).__name__)
        return Answer(Ending.SENT)

    def _connect(self) -> None:
        if self._connection is not None:
            return
        name = DNS_NAME.get_fqdn()
        if self._security == "tls":
            context = ssl.create_default_context()
            made: Any = _Tls(self._host, self._port, local_hostname=name, timeout=self._timeout, context=context)
        else:
            made = _Plain(self._host, self._port, local_hostname=name, timeout=self._timeout)
        try:
            if self._security == "starttls":
                made.starttls(context=ssl.create_default_context())
            if self._user:
                made.login(self._user, self._password)
        except BaseException:
            made.close()
            raise
        self._connection = made

    def _refused(self, code: int, words: bytes | str, *, of_recipient: bool = False) -> Answer:
        said = _said(code, words)
        if code == 421:  # the server ends the connection
            return self._lost(Ending.LATER, "not_now", said)
        if code < 500:
            return Answer(Ending.LATER, "not_now", said)
        bounced = of_recipient and code in NO_SUCH_MAILBOX and not POLICY.search(said)
        return Answer(Ending.REFUSED, "recipient_refused" if of_recipient else "message_refused", said, bounced=bounced)

    def _lost(self, ending: Ending, reason: str, detail: str) -> Answer:
        """An answer after which the connection is of no more use."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        return Answer(ending, reason, detail)


def _bare(address: str) -> str:
    """The address alone, its domain as the DNS writes it."""
    mailbox, _, domain = parseaddr(address)[1].rpartition("@")
    return f"{mailbox}@{domain.encode('idna').decode()}" if not domain.isascii() else f"{mailbox}@{domain}"


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:200]
