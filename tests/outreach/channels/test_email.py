"""E-mail: settings with sealed secrets, the local mailbox, and providers whose answers are put into our words."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from regulars.outreach.channels import email, email_settings, mailbox
from regulars.outreach.channels.channel import Ending, Letter
from regulars.outreach.channels.email_settings import BadEmailSettings, EmailSettings, InUse, from_url
from regulars.staff import queries
from regulars.staff.models import AuditEntry, Secret
from regulars.staff.rules import SYSTEM

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
SMTP = EmailSettings("smtp", {"host": "mail.cafe.example", "port": "465", "security": "tls"}, "hello@cafe.example")


def letter(**more: Any) -> Letter:
    told = {
        "recipient": "anna@a.example", "subject": "你好\n世界", "text": "文", "html": "<p>文</p>", "language": "zh",
        "message_id": "<1@cafe.example>", "reference": "1", "at": AT, "unsubscribe_url": "https://x.example/stop/",
    }  # fmt: skip
    return Letter(**{**told, **more})


@pytest.mark.django_db
class TestSettings:
    def test_the_mailbox_is_used_until_somebody_chooses(self) -> None:
        assert email_settings.in_use() == InUse(EmailSettings(), {})

    def test_secrets_are_sealed_kept_until_replaced_and_go_with_their_provider(self) -> None:
        email_settings.change(told=SMTP, secrets={"password": "geheim"}, by=SYSTEM, at=AT)
        email_settings.change(told=SMTP, secrets={}, by=SYSTEM, at=AT)
        used = email_settings.in_use()
        assert (used.settings, used.secrets) == (SMTP, {"password": "geheim"})
        assert "geheim" not in repr(used) + str(email_settings.kept()) + Secret.objects.get().sealed
        postmark = EmailSettings("postmark", from_address="hello@cafe.example")
        email_settings.change(told=postmark, secrets={"server_token": "t"}, by=SYSTEM, at=AT)
        assert list(queries.secrets_set()) == ["email.server_token"]
        assert not any("geheim" in str(line.detail) for line in AuditEntry.objects.all())

    @pytest.mark.parametrize(
        ("field", "told"),
        [
            ("provider", EmailSettings("pigeon")),
            ("host", EmailSettings("smtp", {}, "a@b.example")),
            ("port", EmailSettings("smtp", {"host": "x", "port": "99999"}, "a@b.example")),
            ("security", EmailSettings("smtp", {"host": "x", "security": "maybe"}, "a@b.example")),
            ("from_address", EmailSettings("smtp", {"host": "x"})),
            ("from_name", EmailSettings(from_name="x\r\nBcc: all@b.example")),
            ("public_url", EmailSettings(public_url="javascript:alert(1)")),
        ],
    )
    def test_what_cannot_be_is_refused(self, field: str, told: EmailSettings) -> None:
        with pytest.raises(BadEmailSettings) as refused:
            email_settings.change(told=told, secrets={}, by=SYSTEM, at=AT)
        assert refused.value.context["field"] == field


@pytest.mark.parametrize(
    ("url", "provider", "options", "secrets"),
    [
        ("mailbox:", "mailbox", {}, {}),
        (
            "smtps://kim:p%40ss@mail.x.example?from=a%40x.example", "smtp",
            {"host": "mail.x.example", "port": "465", "security": "tls", "user": "kim"}, {"password": "p@ss"},
        ),
        (
            "mailgun://key@mg.x.example?from=a%40x.example&webhook_signing_key=s", "mailgun",
            {"sender_domain": "mg.x.example"}, {"api_key": "key", "webhook_signing_key": "s"},
        ),
    ],
)  # fmt: skip
def test_the_environment_says_it_in_one_line(
    url: str, provider: str, options: dict[str, str], secrets: dict[str, str]
) -> None:
    used = from_url(url, EmailSettings())
    assert (used.settings.provider, used.settings.options, used.secrets) == (provider, options, secrets)


@pytest.mark.parametrize("url", ["http://x", "smtp://?from=a%40b.example", "postmark://token@"])
def test_an_environment_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(BadEmailSettings):
        from_url(url, EmailSettings())


@pytest.mark.django_db
def test_the_mailbox_keeps_what_would_have_left() -> None:
    sender = email.EmailSender(InUse(EmailSettings(), {}), business="山茶咖啡")
    assert sender.send(letter()).ending is Ending.SENT
    (kept,) = mailbox.messages()
    assert (kept.recipient, kept.subject, kept.text, kept.kept_at) == ("anna@a.example", "你好 世界", "文", AT)
    whole = mailbox.message(kept.id)
    assert whole is not None
    assert whole.html == "<p>文</p>"
    assert dict(whole.headers)["List-Unsubscribe"] == "<https://x.example/stop/>"
    assert mailbox.messages(before_id=kept.id) == []
    assert mailbox.count() == 1
    assert mailbox.sweep(before=AT) == 0


class TestProviders:
    """What a provider answers, in our words: only a clear no may be tried again or called a refusal."""

    @pytest.fixture
    def answer(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
        def say(status: int | None, body: object = None, raises: Exception | None = None) -> Any:
            def request(self: requests.Session, **kwargs: Any) -> requests.Response:
                sent.append(kwargs)
                if raises is not None:
                    raise raises
                made = requests.Response()
                made.status_code, made.reason = status or 0, "x"
                made._content = str(body or "").replace("'", '"').encode()
                return made

            monkeypatch.setattr(requests.Session, "request", request)
            use = from_url("postmark://token@?from=hello%40cafe.example", EmailSettings())
            return email.EmailSender(use, business="x").send(letter())

        sent: list[dict[str, Any]] = []
        say.sent = sent  # type: ignore[attr-defined]
        return say

    def test_taken(self, answer: Any) -> None:
        found = answer(200, {"ErrorCode": 0, "Message": "OK", "MessageID": "p-1", "To": "anna@a.example"})
        assert (found.ending, found.message_id) == (Ending.SENT, "p-1")
        assert '"delivery": "1"' in answer.sent[0]["data"]

    @pytest.mark.parametrize(
        ("status", "ending"),
        [
            (401, Ending.DOWN), (429, Ending.LATER), (503, Ending.LATER), (400, Ending.REFUSED),
            (500, Ending.UNKNOWN), (504, Ending.UNKNOWN),
        ],
    )  # fmt: skip
    def test_answers(self, answer: Any, status: int, ending: Ending) -> None:
        assert answer(status, "no").ending is ending

    @pytest.mark.parametrize(
        ("raises", "ending"),
        [
            (requests.ConnectTimeout(), Ending.DOWN),
            (requests.ReadTimeout(), Ending.UNKNOWN),
            (requests.ConnectionError("reset"), Ending.UNKNOWN),
            (requests.ConnectionError("NewConnectionError: refused"), Ending.DOWN),
        ],
    )
    def test_no_answer(self, answer: Any, raises: Exception, ending: Ending) -> None:
        assert answer(None, raises=raises).ending is ending
