"""Who is worth an alert, and whose task it becomes."""

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.playbooks.rules import PRESETS, Endangered, Held, Owner, PlaybookView, choose, floor_place


def book(**changes: Any) -> PlaybookView:
    preset = PRESETS[0]
    numbers = {"due_days": 3, "open_most": 10, "new_most": 5, "quiet_days": 60, "worth_percent": 30}
    told: dict[str, Any] = {**numbers, "is_active": True, **changes}
    return PlaybookView(1, preset.code, Text("好", "good"), preset.trigger, preset.kind, **told)


def in_danger(who: int, worth: int = 1000, risk: float | None = 0.5, store: int | None = None) -> Endangered:
    return Endangered(who, risk, worth, store)


NOBODY = Held()
ANNA, BO = Owner(1), Owner(2)


def test_what_is_at_stake_is_risk_times_worth() -> None:
    assert in_danger(1, worth=1000, risk=0.25).at_stake_minor == 250
    assert in_danger(1, worth=1000, risk=None).at_stake_minor == 1000, "where only the rule serves"


def test_the_most_at_stake_comes_first_when_there_is_room_for_one() -> None:
    found = [in_danger(1, worth=1000), in_danger(2, worth=9000), in_danger(3, worth=500)]
    decided = choose(found, playbook=book(new_most=1), floor_minor=1, held=NOBODY, owners=[ANNA])
    assert [(one.who.customer_id, one.reason, one.owner_id) for one in decided] == [
        (2, "chosen", 1), (1, "nobody_free", None), (3, "nobody_free", None),
    ]  # fmt: skip
    assert decided[0].numbers == {"at_stake_minor": 4500}
    assert decided[1].numbers == {"open_most": 10, "new_most": 1}


def test_each_reason_to_leave_somebody_alone() -> None:
    found = [in_danger(who, worth=1000 if who > 1 else 99) for who in range(1, 6)]
    held = Held(open=frozenset({2}), quiet={3: date(2026, 5, 1)}, came=frozenset({4}))
    decided = choose(found, playbook=book(), floor_minor=100, held=held, owners=[ANNA])
    told = {one.who.customer_id: (one.reason, dict(one.numbers)) for one in decided}
    assert told == {
        1: ("low_value", {"worth_minor": 99, "floor_minor": 100}),
        2: ("open_run", {}),
        3: ("quiet_period", {"days": 60, "until": "2026-06-30"}),
        4: ("came_meanwhile", {}),
        5: ("chosen", {"at_stake_minor": 500}),
    }


def test_who_spent_nothing_is_never_worth_it() -> None:
    decided = choose([in_danger(1, worth=0)], playbook=book(), floor_minor=0, held=NOBODY, owners=[ANNA])
    assert decided[0].reason == "low_value"


def test_they_go_to_whom_the_playbook_names_if_they_see_the_store() -> None:
    near, far = Owner(1, frozenset({7})), Owner(2, frozenset({8}))
    found = [in_danger(1, worth=900, store=7), in_danger(2, worth=800, store=8), in_danger(3, worth=700, store=7)]
    decided = choose(found, playbook=book(owner_id=2), floor_minor=1, held=NOBODY, owners=[near, far, Owner(3, open=9)])
    assert [one.owner_id for one in decided] == [1, 2, 1], "others do it where they do not"
    gone = choose(found[:1], playbook=book(owner_id=99), floor_minor=1, held=NOBODY, owners=[near])
    assert gone[0].owner_id == 1, "and when they are gone"
    full = choose(found[:1], playbook=book(owner_id=1, new_most=1), floor_minor=1, held=NOBODY,
                  owners=[Owner(1, given_today=1), Owner(3)])  # fmt: skip
    assert full[0].reason == "nobody_free", "it waits for them"


def test_tasks_go_in_turn_to_who_has_the_fewest() -> None:
    owners = [Owner(1, open=2), Owner(2), Owner(3, open=1)]
    decided = choose([in_danger(n) for n in range(1, 7)], playbook=book(), floor_minor=1, held=NOBODY, owners=owners)
    assert [one.owner_id for one in decided] == [2, 2, 3, 1, 2, 3]


def test_somebody_of_the_store_is_asked_before_somebody_of_all_stores() -> None:
    owners = [Owner(1), Owner(2, store_ids=frozenset({7})), Owner(3, store_ids=frozenset({8}))]
    decided = choose(
        [in_danger(1, store=7), in_danger(2, store=9), in_danger(3)], playbook=book(), floor_minor=1, held=NOBODY,
        owners=owners,
    )  # fmt: skip
    assert [one.owner_id for one in decided] == [2, 1, 1]
    decided = choose([in_danger(1, store=9)], playbook=book(), floor_minor=1, held=NOBODY, owners=owners[1:])
    assert decided[0].reason == "nobody_there"


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    found=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100), st.sampled_from([None, 7, 8])), max_size=15),
    owners=st.lists(
        st.tuples(st.sampled_from([None, frozenset({7}), frozenset({8})]), st.integers(0, 6), st.integers(0, 4)),
        max_size=5,
    ),
    open_most=st.integers(1, 8),
    new_most=st.integers(1, 5),
)
def test_caps_hold_whatever_comes(
    found: list[tuple[int, int, int | None]], owners: list[tuple[frozenset[int] | None, int, int]], open_most: int,
    new_most: int,
) -> None:  # fmt: skip
    people = [Endangered(n, percent / 100, worth, store) for n, (worth, percent, store) in enumerate(found)]
    staff = [Owner(n, stores, open_, given_) for n, (stores, open_, given_) in enumerate(owners)]
    decided = choose(
        people, playbook=book(open_most=open_most, new_most=new_most), floor_minor=50, held=NOBODY, owners=staff
    )
    assert sorted(one.who.customer_id for one in decided) == [one.customer_id for one in people], "everybody, once"
    for owner in staff:
        new = sum(one.owner_id == owner.user_id for one in decided)
        assert new <= max(0, new_most - owner.given_today)
        assert new <= max(0, open_most - owner.open)
    for one in decided:
        if one.owner_id is not None:
            stores = staff[one.owner_id].store_ids
            assert stores is None or one.who.store_id in stores
            assert one.who.worth_minor >= 50


def test_the_place_of_the_last_who_is_worth_it() -> None:
    assert [floor_place(n, 30) for n in (0, 1, 3, 10, 11, 1000)] == [0, 0, 0, 2, 3, 299]
    assert floor_place(10, 100) == 9
