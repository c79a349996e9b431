"""How alerts are followed up, as the settings say: whom, by whom, until when, in which words; and how many are due."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.core.bilingual import Text
from regulars.customers.actions import consents
from regulars.playbooks import actions, queries
from regulars.playbooks.rules import PlaybookView
from regulars.staff import actions as staff_actions
from regulars.staff import queries as people
from regulars.staff.rules import SYSTEM
from tests.flows.world import SHANGHAI

from .acting import HX, alerts, me, members
from .forms import form_of
from .shop import a_shop, counted, staff

pytestmark = pytest.mark.django_db
PAGE = "/settings/follow-up/"


def the_playbook() -> PlaybookView:
    actions.install_presets(at=timezone.now())
    return queries.playbooks()[0]


def saved(client: Client, **changes: str) -> Any:
    """What the page sends when somebody changes these fields of its form and saves."""
    one = the_playbook()
    told = form_of(client.get(PAGE).content.decode(), f"follow-up-form-{one.id}").dict()
    return client.post(f"{PAGE}{one.id}/", told | changes)


class TestSettings:
    def test_it_opens_with_what_happens_and_a_new_shop_is_told_when(self) -> None:
        owner = staff()
        assert "No alerts yet" in owner.get(PAGE).text
        the_playbook()
        page = owner.get(PAGE).text
        assert "Whoever has the fewest tasks gets one: Call, within 3 days." in page
        assert "the 30% of the customers who spent the most" in page
        assert "The first look comes with the next picture." in page

    def test_what_the_last_look_led_to_stands_there(self) -> None:
        a_shop()
        owner = staff()
        alerts(members()["林晓"])
        assert "1 to be considered, 1 became tasks." in owner.get(PAGE).text

    def test_everything_can_be_changed_and_the_audit_says_from_what_to_what(self) -> None:
        owner, servant = staff(), staff("service")
        assert (
            saved(owner, due_days="0", owner=str(me(servant)), script_en="Hi [name]", script_zh="").status_code == 302
        )
        one = the_playbook()
        assert (one.due_days, one.owner_id, one.script) == (0, me(servant), Text("", "Hi [name]"))
        assert "Lin gets a task: Call, on the same day." in owner.get(PAGE).text
        (line,) = people.audit_trail(area="playbooks")
        assert (line.action, line.subject_id) == ("playbooks.change", str(one.id))
        assert line.detail == {"fields": ["owner_id", "script"], "due_days": "3 → 0"}
        shown = owner.get("/settings/audit/?area=playbooks").text
        assert "changed: Who does it, What to say; days to do it in: 3 → 0" in shown

    def test_saving_without_a_change_says_nothing_in_the_audit(self) -> None:
        one, owner = the_playbook(), staff()
        as_sent = {f"script_{language}": text.replace("\n", "\r\n") for language, text in one.script._asdict().items()}
        assert saved(owner, **as_sent).status_code == 302
        assert people.audit_trail(area="playbooks") == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [("due_days", "91"), ("due_days", ""), ("worth_percent", "0"), ("new_most", "0"), ("open_most", "x"),
         ("kind", "dance"), ("owner", "999999"), ("script_zh", "话" * 801)],
    )  # fmt: skip
    def test_what_cannot_be_so_is_told_beside_its_field(self, field: str, value: str) -> None:
        before, owner = the_playbook(), staff()
        page = saved(owner, **{field: value})
        assert page.status_code == 422
        assert set(page.context["cards"][0].form.errors) == {field}
        assert the_playbook() == before

    def test_off_begins_no_runs_and_leaves_what_is_open(self) -> None:
        a_shop()
        owner = staff()
        alerts(members()["林晓"])
        one = the_playbook()
        owner.post(f"{PAGE}{one.id}/switch/", {"active": "no"})
        assert queries.playbooks(trigger=one.trigger) == []
        assert "Nobody is told when this happens." in owner.get(PAGE).text
        assert len(owner.get("/tasks/").context["open"]) == 1
        owner.post(f"{PAGE}{one.id}/switch/", {"active": "yes"})
        assert queries.playbooks(trigger=one.trigger) == [one]
        assert [line.action for line in people.audit_trail(area="playbooks")] == [
            "playbooks.switch_on",
            "playbooks.switch_off",
        ]

    def test_who_may_look_may_not_change(self) -> None:
        one, marketer = the_playbook(), staff("marketer")
        page = marketer.get(PAGE).text
        assert "Ready words" in page
        assert "<textarea" not in page
        assert marketer.post(f"{PAGE}{one.id}/", {}).status_code == 403
        assert marketer.post(f"{PAGE}{one.id}/switch/", {}).status_code == 403
        assert staff("service").get(PAGE).status_code == 403
        assert staff().post(f"{PAGE}{one.id + 1}/", {}).status_code == 404


class TestReadyWords:
    def test_they_stand_on_the_task_in_the_customers_language(self) -> None:
        a_shop()
        owner, ids = staff(), members()
        consents.choose_language(customer_id=ids["林晓"], language="zh-hans")
        alerts(ids["林晓"], ids["Ann Lee"])
        said = {card.name: card.script for card in owner.get("/tasks/").context["open"]}
        assert said["林晓"].startswith("林晓您好，我是Camellia。")
        assert said["Ann Lee"].startswith("Hello Ann Lee, this is Camellia.")


class TestDue:
    def test_the_menu_counts_what_is_due_of_ones_own(self) -> None:
        a_shop()
        staff_actions.change_business(by=SYSTEM, at=timezone.now(), trade="")
        owner, today = staff(), timezone.localdate(timezone=SHANGHAI)
        alerts(members()["林晓"], members()["Ann Lee"])
        assert owner.get("/").context["due"] == 0, "they are due later"
        first, _second = queries.todo(today=today)
        owner.post(f"/tasks/{first.id}/postpone/", {"to": "day", "day": today.isoformat()})
        page = owner.get("/customers/")
        assert page.context["due"] == 1
        assert [link.label for group in page.context["nav"] for link in group.links if link.shows_due] == ["To do"]
        assert page.text.count("1 task is due") == 2, "beside the name of the page, and in the bar of a phone"
        assert staff("service").get("/customers/").context["due"] == 0, "somebody else's"
        part = owner.post(f"/tasks/{first.id}/record/", {"outcome": "reached"}, headers=HX)
        assert part.context["due"] == 0, "at once, without loading the page again"
        assert part.text.count('hx-swap-oob="true" hidden') == 2

    def test_a_small_shop_has_it_beside_today(self) -> None:
        staff_actions.change_business(by=SYSTEM, at=timezone.now(), name="Camellia", trade="cafe")
        page = staff().get("/today/")
        assert [link.label for link in page.context["nav"][0].links if link.shows_due] == ["Today"]

    def test_it_costs_one_question_and_none_for_who_does_no_tasks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        a_shop()
        for role, questions in (("owner", 1), ("cashier", 0)):
            client = staff(role)
            client.get("/customers/")
            with counted(monkeypatch) as seen:
                client.get("/customers/")
            assert len([one for one in seen if "playbooks_task" in one]) == questions

    def test_overdue_counts_and_ended_does_not(self) -> None:
        a_shop()
        owner, today = staff(), timezone.localdate(timezone=SHANGHAI)
        mine, before = me(owner), timezone.now() - timedelta(days=4)
        given = [
            actions.add(
                customer_id=who, kind="call", owner_id=mine, due_on=today - timedelta(days=late), note="", by=mine,
                at=before, zone=SHANGHAI,
            )
            for late, who in enumerate(members().values())
        ]  # fmt: skip
        assert queries.due(owner_id=mine, today=today) == 3
        assert queries.due(owner_id=mine, today=today - timedelta(days=1)) == 2, "of which one is due only today"
        actions.drop(task_id=given[1], by=mine, at=timezone.now())
        assert queries.due(owner_id=mine, today=today) == 2
