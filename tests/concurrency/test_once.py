"""The same request of a program, sent twice at once: one draft; without the key's lock two."""

from functools import partial
from time import sleep
from typing import Any

import pytest

from regulars.flows.draft_programme import begin_draft
from regulars.loyalty import drafts_view
from regulars.loyalty.rules import preset_terms
from regulars.staff import actions as staff
from regulars.staff.actions import audit, create_api_key
from regulars.staff.rules import SYSTEM, Actor, Once
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World

CLIENTS = 6
ONCE = Once(key="a" * 32, body="b" * 32)


@pytest.fixture
def books(transactional_db: None) -> World:
    return World(now="2026-06-01 10:00")


def begun(books: World) -> list[Any]:
    key = create_api_key(name="Planner", scopes=["programme.write"], by=SYSTEM, at=books.now)
    begin = partial(
        begin_draft, terms=preset_terms(2), names={}, by=Actor(api_key_id=key.id), key="api:Planner", at=books.now,
        once=ONCE,
    )  # fmt: skip
    found = at_once([begin] * CLIENTS)
    assert failures(found) == []
    return found


def test_one_draft_however_often_it_is_asked_for(books: World) -> None:
    assert len(set(begun(books))) == 1
    assert len(drafts_view.open_drafts()) == 1


def test_without_the_lock_there_are_several(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(**told: Any) -> str | None:
        found = audit.done_before(**told)
        sleep(0.1)
        return found

    monkeypatch.setattr(audit, "_hold", lambda *_: None)
    monkeypatch.setattr(staff, "done_before", looked)
    assert len(set(begun(books))) > 1
