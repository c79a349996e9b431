"""What finance reads over HTTP: the liability that reconciles, how the programme does, and its versions."""

from datetime import UTC, date, datetime

import pytest

from regulars.api import situation
from regulars.core.calendar import zone
from regulars.loyalty import actions as loyalty
from regulars.loyalty.liability import queries
from regulars.loyalty.rules import preset_terms
from regulars.staff.actions import change_business, create_api_key
from regulars.staff.rules import SYSTEM
from tests.api.conftest import AT, Till
from tests.flows.world import World, order, refund, when

DAY = date(2026, 2, 28)


@pytest.fixture
def desk(db):
    """Two months of orders in the books, and a key that reads reports."""
    books = World(now="2026-04-01 12:00")
    books.tell(
        order("a", "m1", when("2026-02-03 10:00"), 300_00), order("b", "m2", when("2026-02-28 23:30"), 200_00),
        order("c", "m1", when("2026-03-05 10:00"), 500_00), refund("r", "c", when("2026-03-06 10:00"), 100_00),
    )  # fmt: skip
    change_business(by=SYSTEM, at=AT, worth_points=100, worth_minor=100)
    situation.forget()
    return Till(create_api_key(name="Books", scopes=["reports.read"], by=SYSTEM, at=AT).secret)


def told(desk, path, **body):
    response = desk.post(path, body)
    assert response.status_code == 200, response.content
    return response.json()


def test_the_liability_at_the_end_of_a_day_is_the_one_of_the_console(desk):
    found = told(desk, "/reports/liability", day=str(DAY))
    kept = queries.statement(zone=zone("Asia/Shanghai"), at=datetime.now(UTC), day=DAY)
    assert (found["day"], found["points"]["outstanding"]) == ("2026-02-28", kept.outstanding)
    assert found["points"]["outstanding"] == 500
    assert found["movement"] == [
        {"month": "2026-02", "opening": 0, "earned": 500, "taken_over": 0, "used": 0, "expired": 0, "revoked": 0,
         "closing": 500}
    ]  # fmt: skip
    assert sum(one["left"] for one in found["vintages"]) == 500
    assert (found["breakage"]["points"], found["worth"]["money"]) == (None, "1.00")
    assert found["liability"]["money"] == found["revenue"][-1]["liability"]


def test_the_movement_goes_on_and_reconciles(desk):
    found = told(desk, "/reports/liability")
    assert [(one["month"], one["opening"], one["closing"]) for one in found["movement"]][:2] == [
        ("2026-02", 0, 500), ("2026-03", 500, 900),
    ]  # fmt: skip
    for one in found["movement"]:
        moved = one["earned"] + one["taken_over"] - one["used"] - one["expired"] - one["revoked"]
        assert one["opening"] + moved == one["closing"]
    assert found["points"]["agrees"]
    assert told(desk, "/reports/liability", by="booked")["by"] == "booked"


def test_how_the_programme_did_up_to_a_day(desk):
    found = told(desk, "/reports/health", day="2026-03-31")
    assert (found["since"], found["last_day"], found["buyers"]) == ("2025-04-01", "2026-03-31", 2)
    assert found["points"]["earned"] == sum(one["earned"] for one in found["months"]) == 900
    assert (found["sales"], found["shares"]["participation"]) == ({"members": "900.00", "all": "900.00"}, 1.0)
    assert sum(one["members"] for one in found["tiers"]) == found["members"]
    assert found["liability"] == told(desk, "/reports/liability")["liability"]["money"]


@pytest.mark.parametrize("body", [{"day": "2026-02-30"}, {"day": 5}, {"day": "99999-01-01"}, {"by": "guessed"}])
def test_what_is_no_day(desk, body):
    response = desk.post("/reports/liability", body)
    assert (response.status_code, response.json()["code"]) == (422, "malformed_fact")
    assert response.json()["field"] in body


def test_the_versions_and_what_each_changed(desk):
    loyalty.launch(
        terms={**preset_terms(2), "minor_per_point": 200}, live_from=datetime(2026, 3, 10, tzinfo=UTC),
        time_zone="Asia/Shanghai", actor="user:1", at=AT,
    )  # fmt: skip
    newest, first = told(desk, "/programme/versions/list")["versions"]
    assert newest["differences"]["new"]["en"] == ["Every ¥2 paid earns 1 point."]
    assert (newest["live_until"], first["live_until"], first["differences"]) == (None, newest["live_from"], None)
    one = told(desk, "/programme/versions/read", number=newest["number"])["version"]
    assert one["terms"]["minor_per_point"] == 200
    assert "Every ¥2 paid earns 1 point." in one["said"]["en"]
    assert len(one["said"]["zh"]) == len(one["said"]["en"])
    gone = desk.post("/programme/versions/read", {"number": 99})
    assert (gone.status_code, gone.json()["code"]) == (404, "no_version")
    assert told(desk, "/programme/versions/list", before=newest["number"])["versions"] == [first]
