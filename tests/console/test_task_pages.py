"""To do: two taps, undone, put off, handed over, with a coupon; and the cards on the overview and the customer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from regulars.loyalty.coupons import queries as issued
from regulars.playbooks import queries
from regulars.staff import queries as people
from tests.flows.world import SHANGHAI

from .acting import HX, alerts, an_offer, me, members
from .shop import LIN, a_shop, bought, counted, staff

pytestmark = pytest.mark.django_db


def today():  # type: ignore[no-untyped-def]
    return timezone.localdate(timezone=SHANGHAI)


def test_a_task_says_who_why_what_and_by_when() -> None:
    a_shop()
    owner = staff()
    alerts(members()["林晓"])
    page = owner.get("/tasks/")
    (card,) = page.context["open"]
    assert (card.name, card.phone, card.todo, card.when) == ("林晓", "138****0001", "Call", "later")
    assert card.cause == "Spent ¥2,380 in a year, not here for 32 days, usually comes every 5 days, churn risk 78%."
    assert card.reasons == ["Silent for 20 days, usually comes every 4 days ↑"]
    assert card.task.due_on == today() + timedelta(days=3)
    assert "13800010001" not in page.text


def test_overdue_comes_first() -> None:
    a_shop()
    owner = staff()
    alerts(members()["Ann Lee"])
    late = members()["林晓"]
    from regulars.playbooks import actions

    at = timezone.now() - timedelta(days=5)
    actions.add(
        customer_id=late, kind="care", owner_id=me(owner), due_on=today() - timedelta(days=4), note="Cake",
        by=me(owner), at=at, zone=SHANGHAI,
    )  # fmt: skip
    page = owner.get("/tasks/")
    assert [(card.name, card.when) for card in page.context["open"]] == [("林晓", "overdue"), ("Ann Lee", "later")]
    assert page.context["open"][0].cause == "Cake"
    assert "1 overdue" in page.text


def test_an_outcome_is_recorded_and_taken_back() -> None:
    a_shop()
    owner = staff("service")
    alerts(members()["林晓"])
    (task,) = queries.todo(today=today())
    for _ in range(2):
        page = owner.post(f"/tasks/{task.id}/record/", {"outcome": "will_come", "note": "On Friday"}, headers=HX)
        assert page.context["card"].outcome == "Will come"
        assert 'id="todo-counts"' in page.text
    ended = queries.task(task.id)
    assert ended is not None
    assert (ended.state, ended.note, ended.ended_by_id) == ("done", "On Friday", me(owner))
    assert "1 done today" in owner.get("/tasks/").text
    owner.post(f"/tasks/{task.id}/undo/", headers=HX)
    assert len(queries.todo(today=today())) == 1
    assert "Choose what came of it." in owner.post(f"/tasks/{task.id}/record/", {}, headers=HX)["HX-Trigger"]


def test_put_off_and_left_alone() -> None:
    a_shop()
    owner = staff()
    alerts(members()["林晓"])
    (task,) = queries.todo(today=today())
    owner.post(f"/tasks/{task.id}/postpone/", {"to": "week"})
    assert queries.task(task.id).due_on == today() + timedelta(days=7)  # type: ignore[union-attr]
    day = today() + timedelta(days=20)
    owner.post(f"/tasks/{task.id}/postpone/", {"to": "day", "day": day.isoformat()})
    assert queries.task(task.id).due_on == day  # type: ignore[union-attr]
    for wrong in ("2020-01-01", "2026-13-40", "soon"):
        page = owner.post(f"/tasks/{task.id}/postpone/", {"to": "day", "day": wrong}, headers=HX)
        assert "Choose a day" in page["HX-Trigger"]
    owner.post(f"/tasks/{task.id}/drop/", {"note": "Moved away"})
    assert queries.task(task.id).state == "dropped"  # type: ignore[union-attr]


def test_a_manager_sees_everybodys_and_hands_over() -> None:
    a_shop()
    servant = staff("service")
    alerts(members()["林晓"], members()["Ann Lee"])
    boss = staff()
    assert boss.get("/tasks/").context["open"] == []
    assert len(boss.get("/tasks/?who=all").context["open"]) == 2
    task = queries.todo(today=today())[0]
    boss.post(f"/tasks/{task.id}/hand-over/", {"to": me(boss)})
    assert queries.task(task.id).owner_id == me(boss)  # type: ignore[union-attr]
    assert servant.post(f"/tasks/{task.id}/record/", {"outcome": "reached"}).status_code == 404
    assert servant.get("/tasks/?who=all").context["counts"].open == 1
    assert servant.post(f"/tasks/{task.id}/hand-over/", {"to": me(servant)}).status_code == 403
    page = boss.post(f"/tasks/{task.id}/hand-over/", {"to": me(staff("viewer"))}, headers=HX)
    assert "cannot be given" in page["HX-Trigger"]


def test_a_manager_of_one_store_sees_their_own_only() -> None:
    a_shop()
    staff("service")
    alerts(members()["林晓"])
    local = staff("marketer", stores=["S2"])
    assert local.get("/tasks/?who=all").context["open"] == []
    assert local.post("/tasks/1/record/", {"outcome": "reached"}).status_code == 404


def test_a_task_gives_one_coupon_with_a_text_to_paste() -> None:
    a_shop()
    owner, offer = staff("service"), an_offer()
    alerts(members()["林晓"])
    (task,) = queries.todo(today=today())
    for _ in range(2):
        page = owner.post(f"/tasks/{task.id}/coupon/", {"offer": offer}, headers=HX)
    gift = page.context["card"].gift
    assert issued.tally_of_offer(offer).issued == 1
    assert gift.text.startswith("林晓, we have missed you!")
    assert gift.code in gift.text
    assert gift.code in page.text
    page = owner.post(f"/tasks/{task.id}/coupon/take-back/", headers=HX)
    assert page.context["card"].gift.voided
    assert issued.tally_of_offer(offer).voided == 1
    owner.post(f"/tasks/{task.id}/record/", {"outcome": "reached"})
    assert owner.post(f"/tasks/{task.id}/coupon/", {"offer": offer}).status_code == 403


def test_the_phone_is_shown_to_those_who_may_and_that_is_recorded() -> None:
    a_shop()
    number = f"M{100_000 + members()['林晓']}"
    page = staff("service").post(f"/customers/{number}/phone/", headers=HX)
    assert 'href="tel:+8613800010001"' in page.text
    assert people.audit_trail(limit=1)[0].action == "customers.reveal"
    assert staff("marketer").post(f"/customers/{number}/phone/").status_code == 403


def test_results_say_what_came_and_what_they_cannot_say() -> None:
    world = a_shop()
    owner = staff()
    alerts(members()["林晓"], members()["Ann Lee"])
    world.tell(bought("L9", LIN, 0, 5_000), at=timezone.now())
    page = owner.get("/tasks/")
    results = page.context["results"]
    assert (results.runs, results.came_back, results.too_early) == (2, 1, 1)
    assert "Nobody was left out for comparison" in page.text


def test_the_overview_counts_tasks_and_names_the_first() -> None:
    a_shop()
    owner = staff()
    page = owner.get("/?days=30")
    assert "All tasks" not in page.text
    alerts(*members().values())
    page = owner.get("/?days=30")
    assert [card.name for card in page.context["todo"]] == ["林晓", "Ann Lee", "=cmd|calc"]
    assert page.context["todo_counts"].open == 3
    assert "All tasks" not in staff("viewer").get("/?days=30").text


def test_a_task_is_added_by_hand_on_the_customers_page() -> None:
    a_shop()
    owner = staff()
    number = f"M{100_000 + members()['林晓']}"
    told = {"kind": "care", "due": today().isoformat(), "note": "Birthday cake"}
    page = owner.post(f"/customers/{number}/tasks/", told, headers=HX)
    assert "The task is on the list." in page["HX-Trigger"]
    (card,) = page.context["tasks"].open
    assert (card.todo, card.cause, card.task.owner_id) == ("Look after them", "Birthday cake", me(owner))
    again = owner.post(f"/customers/{number}/tasks/", told, headers=HX)
    assert "open already" in again["HX-Trigger"]
    assert owner.get("/tasks/").context["open"][0].when == "today"
    assert people.audit_trail(limit=1)[0].action == "tasks.add"
    assert "Add a task" not in staff("viewer").get(f"/customers/{number}/").text


def test_consents_are_written_down_with_a_note_and_keep_their_history() -> None:
    a_shop()
    owner = staff("service")
    number = f"M{100_000 + members()['Ann Lee']}"
    page = owner.get(f"/customers/{number}/")
    assert [one.allowed for one in page.context["consents"]] == [False, True, True]
    assert "never agreed" in page.text
    told = {"what": "promotion:email", "do": "allow"}
    assert "Write down where" in owner.post(f"/customers/{number}/consents/", told, headers=HX)["HX-Trigger"]
    for _ in range(2):
        page = owner.post(f"/customers/{number}/consents/", {**told, "note": "At the till"}, headers=HX)
    assert page.context["consents"][0].allowed
    assert [(word.granted, word.note, word.by) for word in page.context["consent_history"]] == [
        (True, "At the till", "Lin")
    ]
    page = owner.post(f"/customers/{number}/consents/", {**told, "do": "refuse", "note": "By phone"}, headers=HX)
    assert not page.context["consents"][0].allowed
    assert len(page.context["consent_history"]) == 2
    assert people.audit_trail(limit=1)[0].action == "customers.consent"
    assert staff("viewer").post(f"/customers/{number}/consents/", told).status_code == 403


def test_more_tasks_ask_the_database_no_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    a_shop()
    owner, people_ = staff(), list(members().values())
    an_offer()
    found = []
    for some in (people_[:1], people_):
        alerts(*some, days_ago=0 if len(some) > 1 else 1)
        with counted(monkeypatch) as seen:
            assert owner.get("/tasks/").status_code == 200
        found.append(len(seen))
    assert found[1] <= found[0]
    assert found[1] <= 28
