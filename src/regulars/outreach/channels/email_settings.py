"""How e-mail leaves: by whom, from which address, with which links. `REGULARS_EMAIL_URL` overrides what is kept.

smtp://user:password@mail.example.com:587?from=Caf%C3%A9%20%3Chello%40example.com%3E
smtps://…            TLS from the first byte; smtp://…?security=none for a server on this machine
postmark://TOKEN@?from=…     any provider of `providers.PROVIDERS`, its first secret before the @
mailbox:             nothing leaves; messages are kept to be looked at
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import transaction

from regulars.core.errors import DomainError
from regulars.outreach.channels.providers import PROVIDERS
from regulars.outreach.models import ChannelSetting
from regulars.staff import actions as staff
from regulars.staff import queries
from regulars.staff.rules import Actor

EMAIL: Final = "email"
MAILBOX: Final = "mailbox"
SMTP: Final = "smtp"
SECURITIES: Final = ("starttls", "tls", "none")
TIMEOUT_S: Final = 20.0


class BadEmailSettings(DomainError):
    """The settings of e-mail cannot be so; `context` names the `field`."""

    code = "bad_email_settings"


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """How e-mail leaves.

    Attributes:
        provider: 'mailbox' keeps messages here, 'smtp' or one of PROVIDERS sends them.
        options: What the provider needs to know besides its secrets: host, port, security, user; sender_domain.
        from_address: Who writes; from_name may stay empty: then it is the business.
        public_url: Where customers' browsers find this instance; the links in messages begin with it.
        tracks_clicks: Links lead over this instance, which counts them.
        tracks_opens: A picture of one pixel asks for itself. Off unless wanted: mail programs load it by themselves or
            not at all, so the figure means little, and nobody asked the reader.
    """

    provider: str = MAILBOX
    options: Mapping[str, str] = field(default_factory=dict)
    from_address: str = ""
    from_name: str = ""
    reply_to: str = ""
    public_url: str = ""
    tracks_clicks: bool = True
    tracks_opens: bool = False


@dataclass(frozen=True, slots=True)
class InUse:
    """The settings that hold at this moment, with the secrets in plain text: for code that sends, never for a page."""

    settings: EmailSettings
    secrets: Mapping[str, str] = field(repr=False)
    by_environment: bool = False


def kept() -> EmailSettings:
    """The settings as somebody entered them; the mailbox until then."""
    row = ChannelSetting.objects.filter(pk=EMAIL).first()
    known = {one.name for one in fields(EmailSettings)}
    return EmailSettings(**{name: value for name, value in (row.told if row else {}).items() if name in known})


def in_use() -> InUse:
    """The settings that hold, the environment's before the kept ones.

    Raises:
        BadEmailSettings: The environment's address cannot be understood.
        SecretUnreadable: A secret was sealed with another key.
    """
    told = kept()
    if url := os.environ.get("REGULARS_EMAIL_URL"):
        return from_url(url, told)
    found = {name: queries.secret(f"{EMAIL}.{name}") for name in secret_names(told.provider)}
    return InUse(told, {name: value for name, value in found.items() if value is not None})


def secret_names(provider: str) -> tuple[str, ...]:
    """What is kept sealed for a provider."""
    if provider == MAILBOX:
        return ()
    return ("password",) if provider == SMTP else PROVIDERS[provider].secrets


@transaction.atomic
def change(*, told: EmailSettings, secrets: Mapping[str, str], by: Actor, at: datetime) -> EmailSettings:
    """Keep other settings; a secret that is not given stays as it is. Clears what stood in the way before.

    Raises:
        BadEmailSettings: They cannot be so.
        BadSecret: A secret is too long.
    """
    checked(told)
    names = secret_names(told.provider)
    for name, value in secrets.items():
        if name not in names:
            raise BadEmailSettings(f"{told.provider} has no secret {name}.", field=name)
        staff.set_secret(name=f"{EMAIL}.{name}", value=value, by=by, at=at)
    for name in queries.secrets_set():
        if name.startswith(f"{EMAIL}.") and name.removeprefix(f"{EMAIL}.") not in names:
            staff.forget_secret(name=name, by=by, at=at)
    ChannelSetting.objects.update_or_create(
        channel=EMAIL,
        defaults={"told": {**asdict(told), "options": dict(told.options)}, "trouble": "", "trouble_detail": ""},
    )
    staff.record(
        by=by, action="email.change", at=at, subject_kind="channel", subject_id=EMAIL,
        detail={"provider": told.provider},
    )  # fmt: skip
    return told


def checked(told: EmailSettings) -> EmailSettings:
    """The settings themselves, when they can be so.

    Raises:
        BadEmailSettings: As it says.
    """
    options = told.options
    if told.provider not in (MAILBOX, SMTP, *PROVIDERS):
        raise BadEmailSettings("Choose the mailbox, SMTP or a known provider.", field="provider")
    if told.provider == SMTP:
        if not options.get("host"):
            raise BadEmailSettings("Name the mail server.", field="host")
        if not options.get("port", "587").isdecimal() or not 0 < int(options.get("port", "587")) < 65_536:
            raise BadEmailSettings("A port is a number from 1 to 65535.", field="port")
        if options.get("security", "starttls") not in SECURITIES:
            raise BadEmailSettings("The connection is made with starttls, tls or none.", field="security")
    if told.provider != MAILBOX and not _is_address(told.from_address):
        raise BadEmailSettings("Say from which address messages come.", field="from_address")
    if told.reply_to and not _is_address(told.reply_to):
        raise BadEmailSettings("Answers need an e-mail address.", field="reply_to")
    if any(sign in told.from_name + told.reply_to + told.from_address for sign in "\r\n"):
        raise BadEmailSettings("A name is one line.", field="from_name")
    address = urlsplit(told.public_url)
    if told.public_url and (address.scheme not in ("http", "https") or not address.netloc or address.query):
        raise BadEmailSettings("The address of this instance looks like https://club.example.com", field="public_url")
    return told


def from_url(url: str, told: EmailSettings) -> InUse:
    """What an address in `REGULARS_EMAIL_URL` says; the rest as it is kept.

    Raises:
        BadEmailSettings: It cannot be understood.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    name, address = parseaddr(query.pop("from", ""))
    told = replace(
        told,
        from_address=address or told.from_address,
        from_name=name or told.from_name,
        public_url=query.pop("public_url", told.public_url),
    )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == MAILBOX:
        return InUse(replace(told, provider=MAILBOX, options={}), {}, by_environment=True)
    if parts.scheme in (SMTP, "smtps"):
        security = query.pop("security", "tls" if parts.scheme == "smtps" else "starttls")
        port = str(parts.port or (465 if security == "tls" else 587))
        options = {"host": parts.hostname or "", "port": port, "security": security, "user": user, **query}
        return InUse(
            checked(replace(told, provider=SMTP, options=options)), {"password": password}, by_environment=True
        )
    if parts.scheme.replace("-", "_") not in PROVIDERS:
        raise BadEmailSettings("REGULARS_EMAIL_URL begins with mailbox:, smtp://, smtps:// or a provider.", field="url")
    provider = PROVIDERS[parts.scheme.replace("-", "_")]
    given = {provider.secrets[0]: user}
    given |= {name: query.pop(name) for name in provider.secrets[1:] if name in query}
    options = ({"sender_domain": parts.hostname} if parts.hostname else {}) | query
    return InUse(checked(replace(told, provider=provider.code, options=options)), given, by_environment=True)


def _is_address(text: str) -> bool:
    mailbox, at, domain = text.rpartition("@")
    return bool(mailbox and at and domain) and not any(sign.isspace() for sign in text)


def trouble() -> dict[str, Any] | None:
    """Why e-mail stands still, if it does: code, the server's words, since when."""
    row = ChannelSetting.objects.filter(pk=EMAIL).exclude(trouble="").first()
    return None if row is None else {"code": row.trouble, "detail": row.trouble_detail, "at": row.trouble_at}


def note_trouble(*, code: str, detail: str, at: datetime) -> None:
    """Keep why e-mail stands still, or ('') that it goes again; the beginning of a trouble stays."""
    rows = ChannelSetting.objects.filter(pk=EMAIL).exclude(trouble=code)
    changed = {"trouble": code, "trouble_detail": detail[:300], "trouble_at": at if code else None}
    if not rows.update(**changed) and code:
        ChannelSetting.objects.get_or_create(channel=EMAIL, defaults=changed)
