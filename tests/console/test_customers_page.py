"""The list of members: searched, filtered, kept as views, exported; each person sees whom they may."""

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from django.test import Client

from regulars.customers.identities import Identity
from regulars.flows.merge_customers import merge_customers
from regulars.loyalty import membership
from regulars.loyalty.membership import number_of
from regulars.staff import queries

from ..flows.world import World
from .shop import ANN, a_shop, bought, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> World:
    return a_shop()


def names(client: Client, query: str = "") -> list[str]:
    return [line.name for line in client.get(f"/customers/?{query}").context["page"]]


def test_everybody_those_who_bought_last_first(shop: World) -> None:
    owner = staff()
    assert names(owner) == ["=cmd|calc", "Ann Lee", "林晓"]
    assert names(owner, "sort=silent") == ["林晓", "Ann Lee", "=cmd|calc"]
    assert names(owner, "sort=spent") == ["林晓", "Ann Lee", "=cmd|calc"]
    assert names(owner, "sort=orders")[0] == "林晓"
    assert names(owner, "sort=name") == ["=cmd|calc", "Ann Lee", "林晓"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("林", ["林晓"]),
        ("ann lee", ["Ann Lee"]),
        ("  ANN   LEE ", ["Ann Lee"]),
        ("0001", ["林晓"]),
        ("138 0001 0001", ["林晓"]),
        ("ann@example.com", ["Ann Lee"]),
        ("V-77", ["=cmd|calc"]),
        ("100%", []),
        ("_", []),
        ("nobody", []),
    ],
)
def test_people_are_found_by_what_is_known_of_them(shop: World, words: str, found: list[str]) -> None:
    assert [line.name for line in staff().get("/customers/", {"q": words}).context["page"]] == found


def test_a_member_is_found_by_number(shop: World) -> None:
    owner = staff()
    line = owner.get("/customers/?q=林").context["page"][0]
    assert names(owner, f"q={line.number}") == ["林晓"]
    assert names(owner, f"q={line.number[1:]}") == ["林晓"]


def test_filters_and_totals(shop: World) -> None:
    owner = staff()
    assert names(owner, "last=within30") == ["=cmd|calc", "Ann Lee"]
    assert names(owner, "last=silent60") == ["林晓"]
    assert names(owner, "orders=3") == ["林晓"]
    assert names(owner, "tier=1") == ["林晓"]  # 1,300 growth within 12 months
    assert names(owner, "tier=0") == ["=cmd|calc", "Ann Lee"]
    page = owner.get("/customers/?last=silent60")
    assert (page.context["totals"].members, page.context["totals"].spent) == (1, 130_000)
    assert round(page.context["share"]) == 33
    assert names(owner, "tier=99&last=x&sort=;drop&page=-4&orders=1e9") == []  # tier 99 has nobody; the rest is ignored


def test_pages_have_numbers_and_one_too_far_is_the_last(shop: World) -> None:
    facts = [
        replace(bought(f"M{i}", ANN, 50, 100), identities=(Identity(1, "", f"N{i:03}"),), profile={"name": f"P{i:03}"})
        for i in range(60)
    ]
    shop.tell(*facts)
    owner = staff()
    first = owner.get("/customers/?sort=name")
    assert first.context["page"].paginator.num_pages == 3
    assert 'href="?sort=name&amp;page=3"' in first.text
    last = owner.get("/customers/?sort=name&page=9")
    assert last.context["page"].number == 3
    seen = [name for page in (1, 2, 3) for name in names(owner, f"sort=name&page={page}")]
    assert len(seen) == len(set(seen)) == 63
    searched = [name for page in (1, 2, 3, 7) for name in names(owner, f"q=P0&sort=name&page={page}")]
    assert searched[:60] == [f"P{i:03}" for i in range(60)]


def test_typing_brings_only_the_list(shop: World) -> None:
    part = staff().get("/customers/?q=林&tier=&last=", headers={"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in part.text
    assert part["HX-Replace-Url"] == "/customers/?q=%E6%9E%97"
    assert part["Cache-Control"].startswith("max-age=0")


def test_nobody_matching_says_what_to_do(shop: World) -> None:
    assert "Loosen a filter" in staff().get("/customers/?q=nobody").text


def test_phones_are_masked_in_the_list(shop: World) -> None:
    page = staff().get("/customers/").text
    assert "138****0001" in page
    assert "13800010001" not in page.replace(" ", "")


class TestViews:
    def test_a_view_is_kept_with_its_count_for_its_owner_alone(self, shop: World) -> None:
        owner, other = staff(), staff("viewer")
        answer = owner.post("/customers/views/", {"name": " Quiet ", "query": "last=silent60&page=3&evil=1"})
        assert answer["Location"] == "/customers/?last=silent60"
        tab = owner.get("/customers/?last=silent60").context["tabs"][-1]
        assert (tab.label, tab.query, tab.members, tab.current) == ("Quiet", "last=silent60", 1, True)
        assert len(other.get("/customers/").context["tabs"]) == 4

    def test_the_same_name_replaces_and_one_can_be_forgotten(self, shop: World) -> None:
        owner = staff()
        for query in ("last=silent60", "orders=3"):
            owner.post("/customers/views/", {"name": "Mine", "query": query})
        member = queries.member_by_email("owner-en@example.com")
        assert member is not None
        views = queries.saved_views(member.id, "customers")
        assert [(view.name, view.query) for view in views] == [("Mine", "orders=3")]
        staff("viewer").post(f"/customers/views/{views[0].id}/delete/")
        assert len(queries.saved_views(member.id, "customers")) == 1
        owner.post(f"/customers/views/{views[0].id}/delete/")
        assert queries.saved_views(member.id, "customers") == []

    def test_a_view_without_a_name_is_refused_kindly(self, shop: World) -> None:
        assert "Give the view a name." in staff().post("/customers/views/", {"name": " "}, follow=True).text

    def test_not_more_than_fit(self, shop: World) -> None:
        owner = staff()
        for number in range(13):
            answer = owner.post("/customers/views/", {"name": f"V{number}", "query": "orders=3"}, follow=True)
        assert "as many views as fit" in answer.text
        assert len(owner.get("/customers/").context["tabs"]) == 4 + 12


class TestStores:
    def test_a_manager_sees_who_ordered_in_the_store(self, shop: World) -> None:
        manager = staff("viewer", stores=["S2"])
        assert names(manager) == ["Ann Lee"]
        assert names(manager, "q=林") == []
        assert next(tab.members for tab in manager.get("/customers/").context["tabs"]) == 1
        lin = staff().get("/customers/?q=林").context["page"][0]
        assert manager.get(lin.url).status_code == 404
        assert manager.get("/palette/?q=林").context["members"] == []

    def test_a_manager_of_no_store_sees_nobody(self, shop: World) -> None:
        assert names(staff("viewer", stores=[])) == []


class TestExport:
    def rows(self, answer: Any) -> list[list[str]]:
        return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))

    def test_a_text_table_is_masked_unless_one_may_see(self, shop: World) -> None:
        masked = self.rows(staff("marketer").post("/customers/export/csv/", {"query": "q=林"}))
        whole = self.rows(staff().post("/customers/export/csv/", {"query": "q=林"}))
        assert [row[2] for row in masked[1:]] == ["138****0001"]
        assert [row[2] for row in whole[1:]] == ["138 0001 0001"]
        assert masked[1][5:7] == ["4", "1300.00"]

    def test_no_formula_reaches_a_spreadsheet(self, shop: World) -> None:
        rows = self.rows(staff().post("/customers/export/csv/", {"query": "q=V-77"}))
        assert rows[1][1] == "'=cmd|calc"

    def test_a_workbook_holds_texts_numbers_and_dates(self, shop: World) -> None:
        answer = staff().post("/customers/export/xlsx/", {"query": "sort=name"})
        sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
        rows = list(sheet.iter_rows(values_only=True))  # type: ignore[union-attr]
        assert rows[0][:2] == ("Member number", "Name")
        by_name = {row[1]: row for row in rows[1:]}
        assert by_name["林晓"][6] == 1300
        assert by_name["林晓"][7].year > 2000  # type: ignore[union-attr]
        cell = next(c for row in sheet.iter_rows() for c in row if c.value == "=cmd|calc")  # type: ignore[union-attr]
        assert cell.data_type == "s"

    def test_it_is_recorded_with_how_many_and_never_what(self, shop: World) -> None:
        b"".join(staff().post("/customers/export/csv/", {"query": "q=林&orders=3"}))  # type: ignore[arg-type]
        line = queries.audit_trail(limit=1)[0]
        assert line.action == "customers.export"
        assert line.detail == {
            "rows": 1, "format": "csv", "phones": "whole", "filter": {"orders": "3", "words": "yes"}
        }  # fmt: skip

    def test_who_may(self, shop: World) -> None:
        assert staff("viewer").post("/customers/export/csv/").status_code == 403
        assert staff().post("/customers/export/pdf/").status_code == 404

    def test_many_members_are_written_in_portions(self, shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
        walk = membership.walk
        monkeypatch.setattr(membership, "walk", lambda *a, **k: walk(*a, **k, size=2))
        rows = self.rows(staff().post("/customers/export/csv/"))
        assert [row[1] for row in rows[1:]] == ["林晓", "Ann Lee", "'=cmd|calc"]


def test_a_merged_member_is_found_under_the_other_number(shop: World) -> None:
    owner = staff()
    before = {line.name: line.number for line in owner.get("/customers/").context["page"]}
    shop_ids = {name: int(number[1:]) - 100_000 for name, number in before.items()}
    merge_customers(
        child_id=shop_ids["=cmd|calc"], parent_id=shop_ids["Ann Lee"], actor="", policies=shop.policies, at=shop.now
    )
    assert names(owner, f"q={before['=cmd|calc']}") == ["Ann Lee"]
    answer = owner.get(f"/customers/{before['=cmd|calc']}/")
    assert answer["Location"] == f"/customers/{number_of(shop_ids['Ann Lee'])}/"
