"""Old and new side by side over HTTP: every comparison, and each difference in pages."""

from typing import Any

import pytest

from regulars.api import comparisons, situation
from regulars.loyalty.taking_over import queries
from regulars.staff.actions import create_api_key
from regulars.staff.rules import SYSTEM
from tests.api.conftest import AT, Till
from tests.flows.test_parallel_run import NAMES, books, compared

__all__ = ["books"]


@pytest.fixture
def desk(books):
    rows = [(f"V{n}", f"1391234567{n}", 100 * n + 50, "2026-12-31", 100 * n, "gold") for n in range(1, 7)]
    compared(books, NAMES, *rows, ("V99", "", 5, "", 0, ""))
    situation.forget()
    return Till(create_api_key(name="Books", scopes=["reports.read", "customers.read"], by=SYSTEM, at=AT).secret)


def told(desk, verb, **body):
    response = desk.post(f"/comparisons/{verb}", body)
    assert response.status_code == 200, response.content
    return response.json()


def test_what_was_compared_and_why_it_differs(desk):
    [one] = told(desk, "list")["comparisons"]
    run = queries.run(one["comparison_id"])
    assert run is not None
    assert (one["old_system"], one["day"], one["rows"]) == ("old", "2026-04-30", 7)
    assert one["members"] == {"agree": run.agree, "differ": run.differ, "only_old": 1, "only_new": run.only_new}
    whole = told(desk, "read", comparison_id=one["comparison_id"])["comparison"]
    assert {name: whole[name] for name in one} == one
    assert sum(why["count"] for why in whole["reasons"]) == run.apart
    assert whole["what"]["tier"] > 0


def test_the_differences_page_by_page(desk, monkeypatch):
    number = {"comparison_id": told(desk, "list")["comparisons"][0]["comparison_id"]}
    monkeypatch.setattr(comparisons, "PAGE", 3)
    found: list[dict[str, Any]] = []
    offset = 0
    while offset is not None:
        page = told(desk, "differences", **number, offset=offset)
        found, offset = found + page["differences"], page["next_offset"]
    assert len(found) == page["count"]
    first = next(one for one in found if one["kind"] == "differ")
    assert first["points"]["difference"] == first["points"]["new"] - first["points"]["old"]
    assert first["tier"]["old"] == "gold"
    assert first["reason"]["said"]["zh"]
    [gone] = told(desk, "differences", **number, kind="only_old")["differences"]
    assert (gone["number"], gone["old_number"] or gone["row"], gone["reason"]["code"]) == (
        None, gone["old_number"] or gone["row"], "missing",
    )  # fmt: skip
    assert told(desk, "differences", **number, what="tier")["count"] > 0
    assert told(desk, "differences", **number, reason="growth")["count"] == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"comparison_id": 10**9}, 404, "no_comparison"),
        ({"comparison_id": None}, 422, "malformed_fact"),
        ({"comparison_id": 1, "offset": -1}, 422, "malformed_fact"),
        ({"comparison_id": 1, "kind": "odd"}, 422, "malformed_fact"),
    ],
)
def test_what_is_not_there(desk, body, status, code):
    number = told(desk, "list")["comparisons"][0]["comparison_id"]
    asked = {**body, "comparison_id": number} if body["comparison_id"] == 1 else body
    response = desk.post("/comparisons/differences", asked)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_figures_are_for_reports_and_members_are_for_those_who_may_read_them(desk):
    reader = Till(create_api_key(name="Reader", scopes=["reports.read"], by=SYSTEM, at=AT).secret)
    assert len(told(reader, "list")["comparisons"]) == 1
    response = reader.post("/comparisons/differences", {"comparison_id": 1})
    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
