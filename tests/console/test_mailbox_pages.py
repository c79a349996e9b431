"""The mailbox shows what would have left, locked in; and how e-mail leaves is set without telling a secret again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from regulars.outreach.channels import email_settings, mailbox
from regulars.outreach.models import MailboxMessage
from regulars.staff import queries

from .acting import HX
from .shop import staff

pytestmark = pytest.mark.django_db
SMTP = {
    "provider": "smtp", "host": "mail.example.com", "port": "587", "security": "starttls", "user": "shop",
    "from_address": "hello@example.com", "from_name": "Camellia", "reply_to": "", "public_url": "https://club.example.com",
    "tracks_clicks": "on",
}  # fmt: skip


def kept(count: int = 1, html: str = "<p>Come <script>alert(1)</script></p>") -> list[int]:
    rows = [
        MailboxMessage(
            recipient=f"guest{number}@example.com", subject=f"We miss you {number}", text="Come back.\nSoon.",
            html=html, kept_at=timezone.now() - timedelta(minutes=number),
            headers={"From": "=?utf-8?b?5bGx6Iy2?= <a@b.c>", "List-Unsubscribe": "<https://club.example.com/p/x/stop/>",
                     "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Message-ID": "<1@b.c>"},
        )
        for number in range(count)
    ]  # fmt: skip
    return [row.pk for row in MailboxMessage.objects.bulk_create(rows)]


def test_an_empty_mailbox_says_what_comes_here() -> None:
    page = staff().get("/mailbox/")
    assert "No messages yet" in page.text
    assert "Nothing leaves this machine" in page.text


def test_the_list_masks_who_gets_a_message_and_goes_on() -> None:
    kept(35)
    owner = staff()
    page = owner.get("/mailbox/")
    assert "g***@example.com" in page.text
    assert "guest1@" not in page.text
    assert len(page.context["messages_kept"]) == 30
    older = owner.get(f"/mailbox/?before={page.context['next']}", headers={**HX, "HX-Target": "older"})
    assert len(older.context["messages_kept"]) == 5
    assert "<html" not in older.text
    assert owner.get("/mailbox/?before=x").status_code == 200


def test_a_message_as_its_reader_sees_it_is_locked_in() -> None:
    (one,) = kept()
    owner = staff()
    page = owner.get(f"/mailbox/{one}/")
    assert f'src="/mailbox/{one}/letter/" sandbox=""' in page.text
    assert "https://club.example.com/p/x/stop/" in page.text
    assert "Come back." in page.text
    assert page.context["headers"][0] == ("From", "山茶 <a@b.c>")
    letter = owner.get(f"/mailbox/{one}/letter/")
    policy = letter["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "script-src" not in policy, "so default-src holds: none"
    assert letter["X-Frame-Options"] == "SAMEORIGIN"
    assert owner.get(f"/mailbox/{one + 1}/").status_code == 404
    assert owner.get(f"/mailbox/{one + 1}/letter/").status_code == 404
    assert staff("service").get(f"/mailbox/{one}/letter/").status_code == 403


def test_a_secret_goes_in_and_is_never_shown_again() -> None:
    owner = staff()
    page = owner.post("/settings/email/save/", {**SMTP, "password": "s3cret-word"})
    assert page.status_code == 302
    assert email_settings.in_use().secrets == {"password": "s3cret-word"}
    page = owner.get("/settings/email/")
    assert "s3cret-word" not in page.text
    assert "not shown again" in page.text
    assert "mail.example.com" in page.text
    owner.post("/settings/email/save/", {**SMTP, "host": "other.example.com", "password": ""})
    assert email_settings.in_use().secrets == {"password": "s3cret-word"}, "an empty field keeps it"
    assert email_settings.kept().options["host"] == "other.example.com"
    bad = owner.post("/settings/email/save/", {**SMTP, "host": "", "password": "another"})
    assert bad.status_code == 422
    assert "Name the mail server." in bad.text
    assert "another" not in bad.text
    assert {line.action for line in queries.audit_trail(limit=9)} >= {"secrets.set", "email.change"}


def test_each_provider_asks_for_its_own() -> None:
    owner = staff()
    page = owner.get("/settings/email/?provider=mailgun")
    assert list(page.context["form"].fields)[:4] == ["sender_domain", "api_url", "api_key", "webhook_signing_key"]
    assert "/hooks/email/" in page.text
    owner.post("/settings/email/save/", {"provider": "postmark", "server_token": "T", "from_address": "a@example.com"})
    assert email_settings.kept().provider == "postmark"
    assert set(queries.secrets_set()) == {"email.server_token"}
    assert staff("marketer").get("/settings/email/").status_code == 403


def test_a_test_message_goes_where_messages_go(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = staff()
    page = owner.post("/settings/email/test/", follow=True)
    assert "in the mailbox: nothing leaves this machine" in page.text
    (one,) = mailbox.messages()
    assert one.recipient == "owner-en@example.com"
    monkeypatch.setenv("REGULARS_EMAIL_URL", "smtp://127.0.0.1:1?from=a%40example.com&security=none")
    page = owner.post("/settings/email/test/", follow=True)
    assert "The mail server cannot be reached" in page.text
    assert "REGULARS_EMAIL_URL" in page.text


def test_what_holds_for_every_campaign() -> None:
    from decimal import Decimal

    from regulars.experiments import standing
    from regulars.outreach.queries import message_costs, settings

    owner = staff()
    told = {"cap_most": "3", "cap_days": "10", "sends_from": "09:00", "sends_until": "20:30", "control_percent": "2.5"}
    assert owner.post("/settings/outreach/save/", {**told, "approved_by_another": "on"}).status_code == 302
    assert (settings().cap_most, settings().cap_days, settings().approved_by_another) == (3, 10, True)
    assert standing.share_percent() == Decimal("2.5")
    page = owner.get("/settings/outreach/")
    assert "more than 3 messages in 10 days, and only between 09:00 and 20:30" in page.text
    assert "2.5% of all customers get no campaign" in page.text
    owner.post("/settings/outreach/save/", {**told, "control_percent": "0"})
    assert standing.share_percent() == 0
    wrong = owner.post("/settings/outreach/save/", {**told, "sends_until": "08:00"})
    assert wrong.status_code == 422
    assert "The beginning comes before the end." in wrong.text
    assert owner.post("/settings/outreach/save/", {**told, "control_percent": "60"}).status_code == 422
    owner.post("/settings/outreach/save/", {**told, "cost_email": "0.045", "cost_copy_list": "1"})
    assert message_costs() == {"email": Decimal("4.5"), "copy_list": Decimal(100)}
    assert 'value="0.045"' in owner.get("/settings/outreach/").text
    assert owner.post("/settings/outreach/save/", {**told, "cost_email": "-1"}).status_code == 422
    line = next(line for line in queries.audit_trail(limit=9) if "costs" in str(line.detail))
    assert line.action == "outreach.change"
    line = next(line for line in queries.audit_trail(limit=9) if "control_percent" in str(line.detail))
    assert line.action == "outreach.change"
    reader = staff("marketer")
    assert "Save" not in reader.get("/settings/outreach/").text
    assert reader.post("/settings/outreach/save/", told).status_code == 403
