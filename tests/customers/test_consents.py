"""Consent: a history that only grows, whose latest word counts for the whole person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from regulars.customers import actions, consents
from regulars.customers.actions import Word
from regulars.customers.actions.consents import MOST_A_DAY, BadLanguage, TooManyChanges
from regulars.customers.consents import Reach
from regulars.customers.models import Consent, Customer, Identity
from tests.insight.segments.shop import join, people

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, tzinfo=UTC)


def at(days: float = 0) -> datetime:
    return START + timedelta(days=days)


def say(who: int, granted: bool, days: float = 0, *, purpose: str = "promotion", channel: str = "email") -> int:
    return actions.record_consents([Word(who, purpose, channel, granted, at(days), "staff", "kim")])


def email(who: int, address: str, days: float = 0) -> int:
    return Identity.objects.create(kind=7, space="", value=address, customer_id=who, created_at=at(days)).pk


def test_the_latest_word_counts_and_a_repetition_leaves_no_entry() -> None:
    anna, bo = people(2)
    assert say(anna, True) == 1
    assert say(anna, True, 1) == 0
    assert say(anna, False, 2) == 1
    say(bo, True, purpose="service")
    assert consents.states([anna, bo], "promotion", "email") == {anna: "withdrawn"}
    assert consents.states([anna, bo], "promotion", "email", at=at(1)) == {anna: "granted"}
    assert [(one.granted, one.actor, one.source) for one in consents.history(anna)] == [
        (False, "kim", "staff"), (True, "kim", "staff"),
    ]  # fmt: skip


def test_of_two_words_at_the_same_moment_the_later_entry_counts() -> None:
    (anna,) = people(1)
    say(anna, True)
    say(anna, False)
    assert consents.states([anna], "promotion", "email") == {anna: "withdrawn"}


def test_after_a_merge_the_latest_word_of_either_counts_for_both() -> None:
    anna, also_anna = people(2)
    say(anna, True)
    say(also_anna, False, 1)
    join(also_anna, anna)
    assert consents.states([anna, also_anna], "promotion", "email") == {anna: "withdrawn", also_anna: "withdrawn"}
    assert len(consents.history(anna)) == 2


def test_nothing_that_was_said_can_be_changed_or_deleted() -> None:
    (anna,) = people(1)
    say(anna, True)
    for change in (lambda: Consent.objects.update(granted=False), lambda: Consent.objects.all().delete()):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("channel", "said", "refused"),
    [
        ("email", None, "no_consent"),
        ("email", True, ""),
        ("email", False, "unsubscribed"),
        ("copy_list", None, ""),
        ("copy_list", False, "unsubscribed"),
    ],
)
def test_a_promotion_by_mail_must_have_been_asked_for_and_a_personal_note_not_refused(
    channel: str, said: bool | None, refused: str
) -> None:
    (anna,) = people(1)
    Customer.objects.filter(pk=anna).update(name="Anna", language="en")
    email(anna, "anna@a.example")
    if said is not None:
        say(anna, said, channel=channel)
    assert consents.reach([anna], channel=channel, at=at(1)) == {anna: Reach(refused, "en")}
    assert consents.reach([anna], channel=channel, at=at(1), purpose="service") == {anna: Reach("", "en")}


def test_only_who_stands_for_a_group_and_is_still_there_can_be_reached() -> None:
    anna, also_anna, gone = people(3)
    join(also_anna, anna)
    actions.hide(customer_ids=[gone])
    assert consents.reach([anna, also_anna, gone], channel="email", at=at()) == {anna: Reach("no_address", "")}


def test_the_newest_address_that_takes_messages_is_used() -> None:
    anna, also_anna = people(2)
    old, new = email(anna, "old@a.example"), email(also_anna, "new@a.example", 1)
    join(also_anna, anna)
    assert consents.addresses([anna], "email")[anna].value == "new@a.example"
    bounced: dict[str, Any] = {"identity_id": new, "why": "bounced", "detail": "550", "source": "server", "at": at(2)}
    assert actions.mark_unreachable(**bounced)
    assert not actions.mark_unreachable(**bounced)
    assert consents.addresses([anna], "email")[anna].identity_id == old
    assert actions.clear_unreachable(identity_id=new, actor="kim", at=at(3))
    assert consents.addresses([anna], "email")[anna].identity_id == new


def test_a_complaint_is_never_cleared() -> None:
    (anna,) = people(1)
    address = email(anna, "anna@a.example")
    actions.mark_unreachable(identity_id=address, why="bounced", detail="", source="server", at=at())
    assert actions.mark_unreachable(identity_id=address, why="complained", detail="", source="webhook", at=at(1))
    assert not actions.clear_unreachable(identity_id=address, actor="kim", at=at(2))
    assert [trouble.why for trouble in consents.troubles(anna)] == ["complained"]


def test_a_page_that_is_clicked_for_ever_stops_granting_but_never_stops_withdrawing() -> None:
    (anna,) = people(1)
    for turn in range(MOST_A_DAY):
        actions.say([Word(anna, "promotion", "email", turn % 2 == 0, at(turn / 1000), "page")])
    with pytest.raises(TooManyChanges):
        actions.say([Word(anna, "promotion", "email", True, at(0.1), "page")])
    actions.say([Word(anna, "promotion", "email", True, at(2), "page")])
    actions.say([Word(anna, "promotion", "email", False, at(2.01), "page")])
    assert consents.states([anna], "promotion", "email") == {anna: "withdrawn"}


def test_the_language_is_the_whole_groups() -> None:
    anna, also_anna = people(2)
    join(also_anna, anna)
    actions.choose_language(customer_id=also_anna, language="en")
    assert consents.languages([anna, also_anna]) == {anna: "en", also_anna: "en"}
    with pytest.raises(BadLanguage):
        actions.choose_language(customer_id=anna, language="tlh")


def test_thousands_are_said_and_read_at_once() -> None:
    ids = people(2000)
    words = [Word(who, "promotion", "email", who % 2 == 0, at(), "import") for who in ids]
    assert actions.record_consents(words) == 2000
    assert actions.record_consents(words) == 0
    assert consents.states(ids, "promotion", "email") == {
        who: "granted" if who % 2 == 0 else "withdrawn" for who in ids
    }
