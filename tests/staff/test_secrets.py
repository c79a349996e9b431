"""Secrets of the business: sealed in the database, never shown again, and written down without their value."""

from datetime import UTC, datetime
from typing import Any

import pytest

from regulars.staff import actions, queries
from regulars.staff.actions.secrets import BadSecret
from regulars.staff.models import AuditEntry, Secret
from regulars.staff.rules import SYSTEM
from regulars.staff.sealing import SecretUnreadable, seal, token_for, unseal

AT = datetime(2026, 3, 1, tzinfo=UTC)


def put(name: str = "email.password", value: str = "open sesame") -> None:
    actions.set_secret(name=name, value=value, by=SYSTEM, at=AT)


@pytest.mark.django_db
class TestSecrets:
    def test_the_database_holds_nothing_that_can_be_read(self) -> None:
        put()
        assert "sesame" not in Secret.objects.get().sealed
        assert queries.secret("email.password") == "open sesame"
        assert queries.secrets_set() == {"email.password": AT}

    def test_the_audit_trail_says_which_and_never_what(self) -> None:
        put()
        actions.forget_secret(name="email.password", by=SYSTEM, at=AT)
        actions.forget_secret(name="email.password", by=SYSTEM, at=AT)
        assert [line.action for line in queries.audit_trail()] == ["secrets.forget", "secrets.set"]
        assert not any("sesame" in str(line.detail) for line in AuditEntry.objects.all())
        assert queries.secret("email.password") is None

    def test_with_another_secret_key_nothing_opens_until_the_old_one_is_named(self, settings: Any) -> None:
        put()
        before = settings.SECRET_KEY
        settings.SECRET_KEY = "another"
        with pytest.raises(SecretUnreadable):
            queries.secret("email.password")
        settings.SECRET_KEY_FALLBACKS = [before]
        assert queries.secret("email.password") == "open sesame"

    @pytest.mark.parametrize(("name", "value"), [("", "x"), ("Email", "x"), ("email", ""), ("email", "x" * 5000)])
    def test_what_is_no_secret_is_refused(self, name: str, value: str) -> None:
        with pytest.raises(BadSecret):
            put(name, value)


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert seal("x") != seal("x")
    assert unseal(seal("密码")) == "密码"


def test_a_token_depends_on_its_purpose_alone() -> None:
    assert token_for("a") == token_for("a") != token_for("b")
    assert len(token_for("a")) == 24
