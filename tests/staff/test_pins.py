"""A manager's PIN: hard to guess, kept as a hash, tried a few times only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from regulars.loyalty.coupons.actions import TooManyGuesses
from regulars.loyalty.till.actions import WrongPin, allow
from regulars.staff import actions, queries
from regulars.staff.actions import pins
from regulars.staff.rules import SYSTEM
from tests.flows.world import query

pytestmark = pytest.mark.django_db
PIN = "824170"


def person(role: str, stores: list[str] | None = None) -> int:
    made = actions.create_user(
        email=f"{role}@example.com", role=role, name=role, password="tea-and-return-customers", by=SYSTEM,
        at=timezone.now(), store_codes=stores,
    )  # fmt: skip
    return made.id


@pytest.mark.parametrize("weak", ["12345", "123456", "987654", "000000", "8241 70", "١٢٣٤٥٦", "8241708241708"])
def test_what_anybody_tries_first_is_no_pin(weak: str) -> None:
    who = person("store_manager")
    with pytest.raises(pins.WeakPin):
        pins.set_pin(user_id=who, pin=weak, by=SYSTEM, at=timezone.now())
    member = queries.member(who)
    assert member is not None
    assert not member.has_pin


def test_only_its_hash_is_kept_and_the_audit_says_that_it_was_set() -> None:
    who = person("store_manager")
    pins.set_pin(user_id=who, pin=PIN, by=SYSTEM, at=timezone.now())
    kept = query("SELECT till_pin FROM staff_user")[0][0]
    assert PIN not in kept
    assert query("SELECT action, detail::text FROM staff_auditentry ORDER BY id DESC LIMIT 1") == [
        ("staff.pin", '{"set": true}')
    ]


def test_five_wrong_tries_close_the_door_also_for_the_right_pin() -> None:
    boss, cashier, now = person("store_manager"), person("cashier"), timezone.now()
    pins.set_pin(user_id=boss, pin=PIN, by=SYSTEM, at=now)
    assert allow(manager_id=boss, pin=PIN, asked_by=cashier, store="", at=now) == boss
    for _ in range(5):
        with pytest.raises(WrongPin):
            allow(manager_id=boss, pin="000001", asked_by=cashier, store="", at=now)
    with pytest.raises(TooManyGuesses):
        allow(manager_id=boss, pin=PIN, asked_by=cashier, store="", at=now)
    later = now + timedelta(minutes=6)
    assert allow(manager_id=boss, pin=PIN, asked_by=cashier, store="", at=later) == boss


def test_a_cashier_has_no_say_nor_has_the_manager_of_another_store() -> None:
    cashier, boss, now = person("cashier"), person("store_manager", ["S1"]), timezone.now()
    for who in (cashier, boss):
        pins.set_pin(user_id=who, pin=PIN, by=SYSTEM, at=now)
    assert not pins.is_pin(user_id=cashier, pin=PIN, store="")
    assert not pins.is_pin(user_id=boss, pin=PIN, store="S2")
    assert pins.is_pin(user_id=boss, pin=PIN, store="S1")
    actions.deactivate(user_id=boss, by=SYSTEM, at=now)
    assert not pins.is_pin(user_id=boss, pin=PIN, store="S1")
