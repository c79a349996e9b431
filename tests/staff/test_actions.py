"""People, keys and the business: what may be done, what is refused, and what is written down about it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory

from regulars.core.calendar import UnknownTimeZone
from regulars.staff import actions, queries, rules
from regulars.staff.actions.api_keys import BadApiKey, NameMissing, NameTaken
from regulars.staff.actions.business import UnknownCurrency, UnknownLanguage
from regulars.staff.actions.people import BadEmail, EmailTaken, LastOwner, NewMember, UnknownMember, WeakPassword
from regulars.staff.models import ApiKey, AuditEntry, User
from regulars.staff.rules import SYSTEM, Actor, StaffMember, UnknownRole, UnknownScope

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def add(email: str = "lin@example.com", role: str = "owner", **more: Any) -> NewMember:
    return actions.create_user(email=email, role=role, by=SYSTEM, at=AT, **more)


@pytest.mark.django_db
class TestPeople:
    def test_somebody_added_can_sign_in_however_the_email_is_spelt(self, client: Client) -> None:
        new = add(" Lin@Example.COM ")
        assert new.email == "lin@example.com"
        assert client.login(request=_request(), email="LIN@example.com", password=new.password)

    def test_the_row_says_what_was_asked(self) -> None:
        new = add(
            name="林", role="cashier", language="en", store_codes=["B", "A", "A"], password="a long enough phrase"
        )
        member = _member(new)
        assert (member.name, member.role, member.language, member.store_codes) == ("林", "cashier", "en", ("A", "B"))
        assert member.capabilities == rules.ROLES["cashier"]

    @pytest.mark.parametrize(
        ("email", "more", "error"),
        [
            ("not an address", {}, BadEmail),
            ("a@example.com", {"role": "king"}, UnknownRole),
            ("a@example.com", {"language": "tlh"}, UnknownLanguage),
            ("a@example.com", {"password": "password12"}, WeakPassword),
            ("a@example.com", {"password": "short"}, WeakPassword),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_changes_nothing(
        self, email: str, more: dict[str, Any], error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            add(email, **more)
        assert queries.staff() == []
        assert queries.audit_trail() == []

    def test_an_email_signs_in_once(self) -> None:
        add()
        with pytest.raises(EmailTaken):
            add("LIN@example.com", role="viewer")

    def test_the_last_owner_stays(self) -> None:
        owner = add()
        with pytest.raises(LastOwner):
            actions.change_role(user_id=owner.id, role="viewer", by=SYSTEM, at=AT)
        with pytest.raises(LastOwner):
            actions.deactivate(user_id=owner.id, by=SYSTEM, at=AT)
        second = add("wu@example.com")
        actions.change_role(user_id=owner.id, role="viewer", by=Actor(user_id=second.id), at=AT)
        assert _member(owner).role == "viewer"

    def test_a_deactivated_person_may_do_nothing(self) -> None:
        add()
        new = add("wu@example.com", role="service")
        actions.deactivate(user_id=new.id, by=SYSTEM, at=AT)
        assert _member(new).capabilities == frozenset()
        actions.reactivate(user_id=new.id, by=SYSTEM, at=AT)
        assert "customers.view" in _member(new).capabilities

    def test_everything_leaves_a_line_without_personal_data(self) -> None:
        owner = Actor(user_id=add().id)
        new = add("wu@example.com", role="viewer", name="吴")
        actions.change_role(user_id=new.id, role="service", by=owner, at=AT)
        actions.change_stores(user_id=new.id, store_codes=["S1"], by=owner, at=AT)
        actions.change_profile(user_id=new.id, name="吴敏", language="en", by=owner, at=AT)
        actions.set_password(user_id=new.id, by=owner, at=AT)
        actions.deactivate(user_id=new.id, by=owner, at=AT)
        lines = queries.audit_trail(subject=("user", str(new.id)))
        assert [line.action for line in lines] == [
            "staff.deactivate", "staff.password", "staff.profile", "staff.stores", "staff.role", "staff.add",
        ]  # fmt: skip
        assert lines[4].detail == {"from": "viewer", "to": "service"}
        assert lines[0].actor == owner
        assert lines[0].actor_name == "lin@example.com"
        kept = str([line.detail for line in lines])
        assert "wu@" not in kept
        assert "吴" not in kept

    def test_nobody_cannot_be_changed(self) -> None:
        with pytest.raises(UnknownMember):
            actions.change_role(user_id=404, role="viewer", by=SYSTEM, at=AT)

    def test_the_database_refuses_an_unknown_role(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(email="x@example.com", role="king", created_at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(email="X@example.com", role="owner", created_at=AT)


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_remove_each_other_at_once() -> None:
    first, second = add(), add("wu@example.com")
    ready, refused = threading.Barrier(2), list[int]()

    def remove(user_id: int) -> None:
        ready.wait()
        try:
            actions.deactivate(user_id=user_id, by=SYSTEM, at=AT)
        except LastOwner:
            refused.append(user_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(who.id,)) for who in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [member.is_active for member in queries.staff()] == [True, False]


@pytest.mark.django_db
class TestApiKeys:
    def test_a_key_opens_until_it_is_revoked(self) -> None:
        key = actions.create_api_key(name="till", scopes=["facts.write"], by=SYSTEM, at=AT)
        caller = actions.verify_api_key(secret=key.secret, at=AT)
        assert (caller.api_key_id, caller.scopes) == (key.id, frozenset({"facts.write"}))
        actions.revoke_api_key(api_key_id=key.id, by=SYSTEM, at=AT)
        with pytest.raises(BadApiKey):
            actions.verify_api_key(secret=key.secret, at=AT)
        assert queries.api_keys()[0].revoked_at == AT

    def test_the_secret_is_not_kept(self) -> None:
        key = actions.create_api_key(name="till", scopes=["facts.write"], by=SYSTEM, at=AT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(k)::text FROM staff_apikey k")
            kept = cursor.fetchone()[0]
        assert key.secret not in kept
        assert key.secret.split("_", 2)[2] not in kept
        assert key.secret not in repr(key)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"),
            lambda secret: "",
            lambda secret: "rgl__x",
            lambda secret: secret.replace("rgl", "xyz"),
            lambda secret: secret + "\x00",
        ],
    )
    def test_anything_else_is_refused(self, spoil: Callable[[str], str]) -> None:
        key = actions.create_api_key(name="till", scopes=["facts.write"], by=SYSTEM, at=AT)
        with pytest.raises(BadApiKey):
            actions.verify_api_key(secret=spoil(key.secret), at=AT)

    def test_last_used_is_coarse(self) -> None:
        key = actions.create_api_key(name="till", scopes=["facts.write"], by=SYSTEM, at=AT)
        for minutes, noted in ((0, 0), (4, 0), (5, 5), (7, 5)):
            actions.verify_api_key(secret=key.secret, at=AT + timedelta(minutes=minutes))
            assert queries.api_keys()[0].last_used_at == AT + timedelta(minutes=noted)

    def test_a_key_needs_a_name_and_known_scopes(self) -> None:
        with pytest.raises(UnknownScope):
            actions.create_api_key(name="till", scopes=["everything"], by=SYSTEM, at=AT)
        with pytest.raises(UnknownScope):
            actions.create_api_key(name="till", scopes=[], by=SYSTEM, at=AT)
        with pytest.raises(NameMissing):
            actions.create_api_key(name="  ", scopes=["facts.write"], by=SYSTEM, at=AT)
        assert queries.api_keys() == []

    def test_of_two_keys_that_live_one_has_a_name(self) -> None:
        """The books name whoever did something api: and the key's name."""
        first = actions.create_api_key(name="Till  1", scopes=["facts.write"], by=SYSTEM, at=AT)
        with pytest.raises(NameTaken):
            actions.create_api_key(name=" Till 1 ", scopes=["facts.write"], by=SYSTEM, at=AT)
        actions.create_api_key(name="Till 2", scopes=["facts.write"], by=SYSTEM, at=AT)
        actions.revoke_api_key(api_key_id=first.id, by=SYSTEM, at=AT)
        actions.create_api_key(name="Till 1", scopes=["facts.write"], by=SYSTEM, at=AT)
        assert [key.name for key in queries.api_keys() if key.revoked_at is None] == ["Till 1", "Till 2"]

    def test_the_database_refuses_what_two_owners_do_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        actions.create_api_key(name="Till", scopes=["facts.write"], by=SYSTEM, at=AT)
        monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda _: False)
        with pytest.raises(NameTaken):
            actions.create_api_key(name="Till", scopes=["facts.write"], by=SYSTEM, at=AT)

    def test_keys_that_shared_a_name_before_keep_it(self) -> None:
        """As the migration leaves them: all but the first are told apart, and none is renamed."""
        for number in range(3):
            ApiKey.objects.create(
                name="Till", prefix=f"old{number}", sha256="", scopes=[], created_at=AT, shares_name=True
            )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP INDEX staff_api_key_name_once")
            ApiKey.objects.update(shares_name=False)
            cursor.execute(import_module("regulars.staff.migrations.0010_api_key_names").SQL)
            cursor.execute(
                "CREATE UNIQUE INDEX staff_api_key_name_once ON staff_apikey (name) "
                "WHERE revoked_at IS NULL AND NOT shares_name"
            )
        assert sorted(ApiKey.objects.values_list("prefix", "shares_name")) == [
            ("old0", False), ("old1", True), ("old2", True),
        ]  # fmt: skip
        ApiKey.objects.filter(prefix="old0").update(revoked_at=AT)
        with pytest.raises(NameTaken):
            actions.create_api_key(name="Till", scopes=["facts.write"], by=SYSTEM, at=AT)


@pytest.mark.django_db
class TestAudit:
    def test_lines_cannot_be_changed_or_removed(self) -> None:
        actions.record(by=SYSTEM, action="test", at=AT)
        for change in (lambda: AuditEntry.objects.update(action="other"), lambda: AuditEntry.objects.all().delete()):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()
        assert [line.action for line in queries.audit_trail()] == ["test"]

    def test_pages_continue_where_the_last_one_ended(self) -> None:
        for number in range(5):
            actions.record(by=SYSTEM, action=f"step.{number}", at=AT)
        first = queries.audit_trail(limit=3)
        rest = queries.audit_trail(before_id=first[-1].id, limit=3)
        assert [line.action for line in first + rest] == [f"step.{number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.django_db
class TestBusiness:
    def test_before_anybody_said_who_they_are(self) -> None:
        assert not queries.has_business()
        assert queries.business().time_zone == "Asia/Shanghai"

    def test_only_what_is_named_changes(self) -> None:
        actions.change_business(name="回头客茶铺", by=SYSTEM, at=AT)
        actions.change_business(time_zone="Europe/London", currency="GBP", by=SYSTEM, at=AT)
        business = queries.business()
        assert (business.name, business.time_zone, business.currency) == ("回头客茶铺", "Europe/London", "GBP")
        assert queries.audit_trail()[0].detail == {"fields": ["time_zone", "currency"]}

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"time_zone": "Mars/Olympus"}, UnknownTimeZone),
            ({"currency": "yuan"}, UnknownCurrency),
            ({"language": "tlh"}, UnknownLanguage),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, changes: dict[str, Any], error: type[Exception]) -> None:
        with transaction.atomic(), pytest.raises(error):
            actions.change_business(by=SYSTEM, at=AT, **changes)
        assert queries.business().currency == "CNY"
        assert queries.audit_trail() == []

    def test_the_notice_falls_back_to_the_other_language(self) -> None:
        assert rules.BusinessProfile(notice_zh="演示").notice("en") == "演示"
        assert rules.BusinessProfile(notice_zh="演示", notice_en="Demo").notice("en") == "Demo"
        assert rules.BusinessProfile(notice_zh="演示", notice_en="Demo").notice("zh-hans") == "演示"


def _member(new: NewMember) -> StaffMember:
    member = queries.member(new.id)
    assert member is not None
    return member


def _request() -> HttpRequest:
    return RequestFactory().post("/accounts/login/")
