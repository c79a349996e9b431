"""Segments in the console: written row by row, counted while that goes on, told in words, and followed."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from regulars.console.behind import people_url
from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, AnyOf, Comparison, Op, Tree
from regulars.flows.picture_fields import picture_fields
from regulars.insight import queries as insight
from regulars.insight.models import Refresh
from regulars.insight.segments import actions, following, queries
from regulars.insight.tags import actions as tags
from regulars.insight.tags import queries as tagged
from regulars.staff import queries as people

from .forms import form_of
from .shop import counted, staff

pytestmark = pytest.mark.django_db
OFTEN = AllOf((Comparison("orders", Op.GE, 10),))
LARGE = AllOf((Comparison("spent_minor", Op.GE, 100_000),))
SILENT = AllOf((Comparison("recency_days", Op.GT, 90),))
ROW = {"nodes": "2:1:leaf", "field-2": "orders", "op-2": "ge", "shape-2": "number::", "value-2": "10"}


def segment(tree: Tree = OFTEN, zh: str = "常客", en: str = "Often here") -> int:
    return actions.create(name=Text(zh, en), tree=tree, actor="user:1", at=timezone.now())


def follow() -> None:
    """What a refresh does to segments, with the picture that is there."""
    picture, now = insight.picture(), timezone.now()
    assert picture is not None
    refresh = Refresh.objects.create(
        day=picture.day, started_at=now, finished_at=now, status="done", set_name=picture.file.parent.name
    )  # fmt: skip
    following.follow(refresh_id=refresh.pk, after=picture, before=picture, fields=picture_fields(), at=now)


def posted(client: Client, url: str, form: QueryDict | Mapping[str, Any], **more: Any) -> Any:
    if isinstance(form, QueryDict):
        return client.post(url, form.urlencode(), content_type="application/x-www-form-urlencoded", **more)
    return client.post(url, form, **more)


class TestTheList:
    def test_it_tells_whom_each_means_and_who_moved(self, pictured: Any) -> None:
        made = segment()
        client = staff()
        [line] = client.get("/segments/").context["lines"]
        assert (line.name, line.sentence, line.members) == ("Often here", "Ordered 10 times or more", None)
        follow()
        [line] = client.get("/segments/").context["lines"]
        assert (line.members, line.moved) == (insight.count(where=OFTEN), None)
        assert line.share == pytest.approx(100 * line.members / insight.count())
        actions.change(segment_id=made, tree=LARGE, after=1, actor="", at=timezone.now())
        follow()
        [line] = client.get("/segments/").context["lines"]
        assert line.members == insight.count(where=LARGE)
        assert line.moved.net == line.members - insight.count(where=OFTEN)
        assert line.moved.entered > 0

    def test_statements_do_not_grow_with_segments(self, pictured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        client = staff()
        client.get("/segments/")
        with counted(monkeypatch) as seen:
            client.get("/segments/")
        few = len(seen)
        for number in range(5):
            segment(en=f"Segment {number}")
        with counted(monkeypatch) as seen:
            client.get("/segments/")
        assert len(seen) == few

    def test_it_works_before_the_first_picture_and_without_segments(self) -> None:
        client = staff()
        assert "No segments yet" in client.get("/segments/").content.decode()
        assert client.get(f"/segments/{segment()}/").status_code == 200
        assert client.get("/segments/new/").status_code == 200
        counted_page = client.post("/segments/count/", ROW).content.decode()
        assert "There is no picture yet" in counted_page


class TestTheLiveCount:
    def test_it_says_how_many_and_whom_in_the_readers_language(self, pictured: Any) -> None:
        page = staff(language="zh-hans").post("/segments/count/", ROW)
        assert page.context["customers"] == insight.count(where=OFTEN)
        assert page.context["sentence"] == "下单 10 次以上"
        assert page.context["people_url"] == people_url(OFTEN)

    def test_a_mistake_stands_beside_its_row_and_the_rest_is_counted(self, pictured: Any) -> None:
        form = QueryDict(mutable=True)
        form.update(ROW)
        form.appendlist("nodes", "3:1:leaf")
        form.update({"field-3": "spent_minor", "op-3": "ge", "shape-3": "number:minor:", "value-3": "a lot"})
        page = posted(staff(), "/segments/count/", form)
        assert page.context["customers"] == insight.count(where=OFTEN)
        html = page.content.decode()
        assert 'id="problem-3" class="problem" hx-swap-oob="true">This is not a number.' in html
        assert 'id="problem-2" class="problem" hx-swap-oob="true" hidden>' in html

    def test_a_change_of_rows_gives_the_builder_back_and_asks_for_a_new_count(self, pictured: Any) -> None:
        page = staff().post("/segments/build/", {**ROW, "new-1": "tags", "do": ""})
        assert page["HX-Trigger-After-Settle"] == "recount"
        form = form_of(f'<form id="f">{page.content.decode()}</form>', "f")
        assert form["value-2"] == "10"
        assert form.getlist("nodes")[0] == "2:1:leaf"


class TestWriting:
    def test_from_the_empty_form_to_the_saved_segment(self, pictured: Any) -> None:
        client = staff()
        answer = client.post("/segments/new/", {**ROW, "zh": "常客", "en": "", "kind-1": "all", "after": "0"})
        [made] = queries.segments()
        assert answer["Location"] == f"/segments/{made.id}/"
        assert (made.name.zh, made.tree, made.version) == (
            "常客",
            {"all": [{"field": "orders", "op": "ge", "value": 10}]},
            1,
        )
        assert people.audit_trail()[0].action == "segments.create"

    def test_saving_again_makes_a_version_and_saving_unchanged_does_not(self, pictured: Any) -> None:
        made, client = segment(AllOf((OFTEN.parts[0], AnyOf((*LARGE.parts, *SILENT.parts))))), staff()
        form = form_of(client.get(f"/segments/{made}/edit/").content.decode(), "segment-form")
        assert posted(client, f"/segments/{made}/edit/", form).status_code == 302
        assert queries.segment(made).version == 1
        form["value-2"] = "20"
        posted(client, f"/segments/{made}/edit/", form)
        assert queries.segment(made).version == 2
        assert "Ordered 20 times or more" in client.get(f"/segments/{made}/").content.decode()

    def test_what_somebody_saved_meanwhile_is_not_overwritten(self, pictured: Any) -> None:
        made, client = segment(), staff()
        form = form_of(client.get(f"/segments/{made}/edit/").content.decode(), "segment-form")
        actions.change(segment_id=made, tree=LARGE, after=1, actor="", at=timezone.now())
        form["value-2"] = "20"
        page = posted(client, f"/segments/{made}/edit/", form)
        assert page.status_code == 422
        assert "Somebody changed this segment" in page.content.decode()
        assert queries.segment(made).version == 2

    @pytest.mark.parametrize("form", [{**ROW, "value-2": ""}, {**ROW, "value-2": "x", "en": "A"}, {**ROW, "en": " "}])
    def test_nothing_unfinished_or_nameless_is_saved(self, pictured: Any, form: dict[str, str]) -> None:
        assert staff().post("/segments/new/", form).status_code == 422
        assert queries.segments() == []

    def test_a_template_and_a_selection_fill_the_form(self, pictured: Any) -> None:
        client = staff()
        form = form_of(client.get("/segments/new/?preset=not_seen").content.decode(), "segment-form")
        assert (form["en"], form["field-2"], form["value-2"]) == ("Not here for long", "purchase_days", "2")
        where = people_url(LARGE).partition("?")[2]
        form = form_of(client.get(f"/segments/new/?{where}").content.decode(), "segment-form")
        assert (form["field-2"], form["value-2"]) == ("spent_minor", "1000")


class TestOneSegment:
    def test_it_tells_who_came_and_why(self, pictured: Any) -> None:
        made, client = segment(), staff()
        follow()
        actions.change(segment_id=made, tree=LARGE, after=1, actor="", at=timezone.now())
        follow()
        page = client.get(f"/segments/{made}/")
        [day] = page.context["days"]
        assert day.first == insight.count(where=OFTEN)
        assert [cause.words for cause in day.entered_by] == ["the segment was changed (version 2)"]
        newest, oldest = page.context["versions"]
        assert (newest.number, newest.entered, newest.left) == (2, day.entered, day.left)
        assert (oldest.number, oldest.entered) == (1, 0)
        assert page.context["summary"].customers == insight.count(where=LARGE)

    def test_the_overlap_adds_up_and_leads_to_the_customers(self, pictured: Any) -> None:
        made, large, silent, client = (
            segment(),
            segment(LARGE, "大客", "Large"),
            segment(SILENT, "久未来", "Silent"),
            staff(),
        )
        part = client.get(
            f"/segments/{made}/?laid=1&with={large}&with={silent}", headers={"HX-Target": "overlap"}
        )  # fmt: skip
        parts = part.context["parts"]
        assert sum(one.customers for one in parts) == insight.count()
        assert sum(one.customers for one in parts if one.has[0]) == insight.count(where=OFTEN)
        assert client.get(parts[0].url).context["summary"].customers == parts[0].customers

    def test_rename_copy_put_away_and_bring_back(self, pictured: Any) -> None:
        made, client = segment(), staff()
        client.post(f"/segments/{made}/rename/", {"zh": "老朋友", "en": "Old friends"})
        assert queries.segment(made).name.en == "Old friends"
        copy = client.post(f"/segments/{made}/duplicate/")["Location"]
        assert copy == f"/segments/{queries.segments()[-1].id}/edit/"
        assert queries.segments()[-1].name == Text("老朋友（副本）", "Old friends (copy)")
        client.post(f"/segments/{made}/archive/")
        assert [one.id for one in queries.segments()] != [made]
        client.post(f"/segments/{made}/bring-back/")
        assert queries.segment(made).archived_at is None

    def test_a_segment_that_is_not_there_says_so(self) -> None:
        client = staff()
        for address in ("/segments/7/", "/segments/7/edit/"):
            assert "no such segment" in client.get(address, follow=True).content.decode()
        assert client.post("/segments/7/archive/").status_code == 302


class TestTags:
    def test_made_given_by_a_segment_named_and_put_away(self, pictured: Any) -> None:
        made, client = segment(), staff()
        client.post("/tags/create/", {"zh": "贵宾", "en": "VIP"})
        [tag] = tagged.tags(at=timezone.now())
        client.post(f"/tags/{tag.id}/rule/", {"segment": made})
        follow()
        [line] = client.get("/tags/").context["lines"]
        assert (line.name, line.customers, line.sources.rule, line.sources.hand) == (
            "VIP", insight.count(where=OFTEN), insight.count(where=OFTEN), 0,
        )  # fmt: skip
        assert client.get(line.people_url).context["summary"].customers == line.customers
        assert "End that first" in client.post(f"/tags/{tag.id}/archive/", follow=True).content.decode()
        client.post(f"/tags/{tag.id}/rule/", {"segment": made, "do": "end"})
        client.post(f"/tags/{tag.id}/rename/", {"zh": "上宾", "en": ""})
        client.post(f"/tags/{tag.id}/archive/")
        assert tagged.tags(at=timezone.now()) == []

    def test_a_tag_without_a_name_is_not_made(self) -> None:
        assert "Give it a name" in staff().post("/tags/create/", {"zh": " "}, follow=True).content.decode()

    @pytest.mark.parametrize("address", ["/tags/create/", "/segments/new/", "/segments/count/", "/segments/build/"])
    def test_who_only_looks_changes_nothing(self, address: str) -> None:
        tags.create(name=Text("贵宾", ""), actor="", at=timezone.now())
        client = staff("viewer")
        assert client.get("/tags/").status_code == 200
        assert client.post(address, {"zh": "x"}).status_code == 403
