"""The customers behind a number: an address for every choice, and what can be done with whom it means."""

import csv
import io
from typing import Any

import pytest

from regulars.console import behind
from regulars.console.behind import Named, people_url
from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Comparison, Op
from regulars.insight import queries as insight
from regulars.insight.tags import actions as tags
from regulars.insight.tags import queries as tagged
from regulars.staff import queries as people

from ..flows.world import query
from .pictured import CUSTOMERS, FIRST
from .shop import counted, days_ago, staff

pytestmark = pytest.mark.django_db
OFTEN = AllOf((Comparison("orders", Op.GE, 10),))


def how_many(tree: Any) -> int:
    return insight.count(where=tree)


def query_of(url: str) -> str:
    return url.partition("?")[2]


class TestTheAddress:
    def test_a_condition_survives_the_way_through_an_address(self, pictured: Any) -> None:
        page = staff().get(people_url(OFTEN))
        assert page.context["selected"].tree == OFTEN
        assert page.context["title"] == "Ordered 10 times or more"
        assert page.context["summary"].customers == how_many(OFTEN)
        assert 0 < how_many(OFTEN) < CUSTOMERS

    def test_the_title_is_in_the_readers_language(self, pictured: Any) -> None:
        assert staff(language="zh-hans").get(people_url(OFTEN)).context["title"] == "下单 10 次以上"

    def test_without_a_condition_everybody_is_meant(self, pictured: Any) -> None:
        assert staff().get("/people/").context["summary"].customers == CUSTOMERS

    @pytest.mark.parametrize(
        "where", ["%%%", "e30", "bm90IGpzb24", "eyJmaWVsZCI6ICJubyIsICJvcCI6ICJlcSJ9", "客", "a" * 30_000]
    )
    def test_an_address_that_says_nothing_gets_a_kind_answer(self, pictured: Any, where: str) -> None:
        page = staff().get("/people/", {"where": where})
        assert page.status_code == 200
        assert "was cut off" in page.context["unreadable"]

    def test_a_named_choice_gives_a_title_and_its_customers(
        self, pictured: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cell = Named(Text("三月来的", "Came in March"), lambda: [FIRST, FIRST + 1, 5])
        monkeypatch.setitem(behind.NAMED, "cohort", lambda told: cell)
        url = people_url(cohort="2026-03", after=3)
        page = staff().get(url)
        assert page.context["title"] == "Came in March"
        assert page.context["summary"].customers == 2
        assert page.context["selected"].parameters == {"cohort": "2026-03", "after": "3"}
        both = staff("marketer").get(people_url(OFTEN, cohort="2026-03"))
        assert both.context["title"] == "Came in March · Ordered 10 times or more"

    def test_before_the_first_picture_the_page_says_what_to_do(self) -> None:
        page = staff().get("/people/")
        assert page.status_code == 200
        assert "No picture yet" in page.content.decode()


class TestTheList:
    def test_it_is_sorted_and_turned_by_the_engine(self, pictured: Any) -> None:
        client = staff()
        first = client.get("/people/?sort=-spent_minor").context["people"]
        second = client.get("/people/?sort=-spent_minor&page=2").context["people"]
        spent = [one.spent for one in [*first, *second]]
        assert len(first) == 50
        assert spent == sorted(spent, reverse=True)
        least = client.get("/people/?sort=spent_minor").context["people"]
        assert least[0].spent <= least[-1].spent < first[0].spent

    def test_what_is_asked_for_nonsensically_is_the_usual(self, pictured: Any) -> None:
        page = staff().get("/people/?sort=name;drop&page=999")
        assert page.context["sort"] == "-value_minor"
        assert page.context["page"].number == page.context["page"].paginator.num_pages

    def test_phones_are_masked_and_reasons_are_sentences(self, pictured: Any) -> None:
        person = staff().get("/people/?sort=-churn_risk").context["people"][0]
        assert person.phone.startswith("138****")
        assert person.reason.endswith(("↑", "↓")) or not person.reason

    def test_names_come_in_few_statements_however_long_the_list(
        self, pictured: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = staff()
        client.get("/people/")
        with counted(monkeypatch) as seen:
            client.get(people_url(OFTEN))
        assert len(seen) <= 24

    def test_turning_pages_sends_the_list_alone(self, pictured: Any) -> None:
        part = staff().get("/people/?page=2", headers={"HX-Request": "true", "HX-Target": "people"})
        assert "<html" not in part.content.decode()


class TestTakingAlong:
    def test_an_export_has_everybody_and_is_recorded(self, pictured: Any) -> None:
        client = staff()
        answer: Any = client.post("/people/export/csv/", {"query": query_of(people_url(OFTEN))})
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert len(rows) - 1 == how_many(OFTEN)
        assert rows[0][:3] == ["Member number", "Name", "Phone"]
        line = next(line for line in people.audit_trail(limit=5) if line.action == "insight.export")
        assert line.detail == {"rows": how_many(OFTEN), "format": "csv", "filter": ["orders"], "phones": "whole"}

    def test_who_may_not_see_phones_gets_them_masked(self, pictured: Any) -> None:
        answer: Any = staff("marketer").post("/people/export/csv/", {"query": ""})
        assert "138****" in b"".join(answer.streaming_content).decode()

    def test_a_viewer_takes_nothing(self, pictured: Any) -> None:
        assert staff("viewer").post("/people/export/csv/", {"query": ""}).status_code == 403


class TestTagging:
    @pytest.fixture
    def tag(self) -> int:
        return tags.create(name=Text("贵宾", "VIP"), actor="user:1", at=days_ago(1))

    def test_a_tag_hangs_on_all_of_them_and_comes_off_again(self, pictured: Any, tag: int) -> None:
        client, many = staff(), how_many(OFTEN)
        form = {"query": query_of(people_url(OFTEN)), "tag": tag}
        assert client.post("/people/tag/", {**form, "do": "give"}).status_code == 302
        assert tagged.tags(at=days_ago(-1))[0].customers == many
        has_it = Comparison("tags", Op.HAS_ANY, (str(tag),))
        assert client.get(people_url(has_it)).context["summary"].customers == many
        client.post("/people/tag/", {**form, "do": "take"})
        assert tagged.tags(at=days_ago(-1))[0].customers == 0

    def test_somebody_of_one_store_reaches_nobody_by_it(self, pictured: Any, tag: int) -> None:
        query("INSERT INTO catalogue_store (code, name) VALUES ('S1', '') RETURNING id")
        assert staff("service", stores=["S1"]).post("/people/tag/", {"query": "", "tag": tag}).status_code == 403
        assert tagged.tags(at=days_ago(-1))[0].customers == 0

    def test_an_unknown_tag_is_refused(self, pictured: Any) -> None:
        page = staff().post("/people/tag/", {"query": "", "tag": "7"}, follow=True)
        assert "There is no such tag" in page.content.decode()
