"""The simulator over HTTP: a draft is replayed, its figures are those of the console, members' lines are paged."""

import csv
import io

import pytest

from regulars.api import simulations, situation
from regulars.flows import jobs
from regulars.flows.export_simulation import member_lines
from regulars.loyalty.actions import drafts
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.simulation import queries
from regulars.staff.actions import create_api_key
from regulars.staff.models import AuditEntry
from regulars.staff.rules import SYSTEM
from tests.api.conftest import AT, Till
from tests.flows.working import context
from tests.flows.world import World, order, when

DOUBLED = {**preset_terms(2), "minor_per_point": 50}


@pytest.fixture
def books(db, monkeypatch):
    """Six members with an order each, and a draft that doubles their points."""
    monkeypatch.setattr(jobs, "start", lambda job, **more: None)
    found = World(now="2026-05-01 12:00")
    for number in range(6):
        found.tell(order(f"o{number}", f"m{number}", when(f"2026-04-0{number + 1} 10:00"), 100_00 * (number + 1)))
    situation.forget()
    return found


@pytest.fixture
def draft(books):
    return drafts.begin(terms=DOUBLED, names={}, time_zone="Asia/Shanghai", actor="user:1", at=books.now)


@pytest.fixture
def desk(books):
    return Till(create_api_key(name="Planner", scopes=["programme.write", "customers.read"], by=SYSTEM, at=AT).secret)


def start(desk, draft, key="k", **more):
    body = {"draft_id": draft, "since": "ever", **more}
    response = desk.post("/programme/simulations/start", body, Idempotency_Key=key)
    assert response.status_code == 200, response.content
    return response.json()["simulation"]


def done(desk, draft):
    made = start(desk, draft)["simulation_id"]
    jobs.simulate_programme(context(), simulation_id=made)
    return made


def test_it_is_asked_answered_and_read(desk, draft):
    asked = start(desk, draft, thousand_points_cost="8.00", change_percent=10)
    assert (asked["state"], asked["since"], asked["thousand_points_cost"]) == ("asked", None, "8.00")
    assert (asked["change_percent"], asked["asked_by"]) == (10, "api:Planner")
    number = {"simulation_id": asked["simulation_id"]}
    assert desk.post("/programme/simulations/read", number).json()["simulation"]["result"] is None
    early = desk.post("/programme/simulations/members", number)
    assert (early.status_code, early.json()["code"], early.json()["state"]) == (409, "simulation_not_done", "asked")
    jobs.simulate_programme(context(), **number)
    told = desk.post("/programme/simulations/read", {"draft_id": draft}).json()["simulation"]
    assert (told["state"], told["members"]) == ("done", {"done": 6, "whole": 6})
    result, kept = told["result"], queries.run(number["simulation_id"]).result
    assert kept is not None
    assert kept.draft.share is not None
    assert (result["gaining"], result["losing"], result["same"]) == (kept.gaining, kept.losing, kept.same) == (6, 0, 0)
    assert (result["today"]["points"]["earned"], result["draft"]["points"]["earned"]) == (2100, 4200)
    assert (result["revenue"], result["draft"]["share_of_revenue"]) == ("2100.00", kept.draft.share / 10_000)
    assert sum(map(sum, result["tiers"]["members"])) == 6
    drafted = desk.post("/programme/drafts/read", {"draft_id": draft}).json()["draft"]
    assert drafted["state"] == "simulated"


def test_the_same_key_is_the_same_question(desk, draft):
    made = start(desk, draft)["simulation_id"]
    assert start(desk, draft)["simulation_id"] == made
    assert start(desk, draft, "other")["simulation_id"] != made
    reused = desk.post("/programme/simulations/start", {"draft_id": draft}, Idempotency_Key="k")
    assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
    assert len(desk.post("/programme/simulations/list", {}).json()["simulations"]) == 2


def test_members_page_by_page_and_all_of_them_as_a_file(desk, draft, monkeypatch):
    number = {"simulation_id": done(desk, draft)}
    lines = [(line[1], *line[2:5]) for line in member_lines(**number)]
    assert len(lines) == 6
    monkeypatch.setattr(simulations, "PAGE", 4)
    first = desk.post("/programme/simulations/members", number).json()
    second = desk.post("/programme/simulations/members", {**number, "after": first["next_after"]}).json()
    assert (len(first["members"]), second["next_after"]) == (4, None)
    told = [(one["customer"]["number"], *one["points"].values()) for one in first["members"] + second["members"]]
    assert told == lines
    response = desk.post("/programme/simulations/export", {**number, "format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["member", "points_today", "points_draft", "difference", "tier_today", "tier_draft"]
    assert [(row[0], *map(int, row[1:4])) for row in rows[1:]] == lines
    assert AuditEntry.objects.get(action="programme.simulation_export").detail == {"format": "csv", "rows": 6}


@pytest.mark.parametrize(
    ("more", "status", "code", "field"),
    [
        ({"since": "2026-02-30"}, 422, "malformed_fact", "since"),
        ({"since": "2099-01-01"}, 422, "invalid_question", None),
        ({"thousand_points_cost": "a lot"}, 422, "malformed_fact", "thousand_points_cost"),
        ({"thousand_points_cost": -1}, 422, "invalid_question", None),
        ({"change_percent": 101}, 422, "malformed_fact", "change_percent"),
        ({"draft_id": 10**9}, 404, "no_draft", None),
        ({"draft_id": "1"}, 422, "malformed_fact", "draft_id"),
    ],
)
def test_a_question_that_makes_no_sense(desk, draft, more, status, code, field):
    body = {"draft_id": draft, **more}
    response = desk.post("/programme/simulations/start", body, Idempotency_Key="k")
    assert (response.status_code, response.json()["code"], response.json().get("field")) == (status, code, field)


def test_who_may_write_the_programme_may_not_read_its_members(desk, draft):
    writer = Till(create_api_key(name="Writer", scopes=["programme.write"], by=SYSTEM, at=AT).secret)
    for verb in ("members", "export"):
        response = writer.post(f"/programme/simulations/{verb}", {"simulation_id": 1})
        assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    unknown = desk.post("/programme/simulations/read", {"draft_id": draft})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_simulation")
