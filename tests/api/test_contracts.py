"""Contracts told one event at a time: what they are known by, what is refused, and how the lake sees them."""

import json
from datetime import date
from typing import Any

import pyarrow.parquet as pq
import pytest

from regulars.facts import figures


def began(**more: Any) -> dict[str, Any]:
    """A contract on its way in."""
    told = {"contract_id": "K-1", "ends_on": "2026-12-31", **more}
    return {
        "event": "Contract Started", "userId": "u1", "timestamp": "2026-03-01T09:30:00+08:00", "properties": told,
    }  # fmt: skip


def test_a_contract_is_known_by_its_number_and_what_it_is_like_is_kept_as_texts(till):
    told = began(attributes={"plan": "full", "fee": 29.5, "months": 12.0, "auto_renew": True, "gone": None})
    answer = till.post("/track", told).json()
    assert answer["status"] == "recorded"
    fact = figures.by_ids([answer["fact_id"]])[answer["fact_id"]]
    assert (fact.key, fact.subject) == ("K-1", None)
    assert fact.body == {
        "contract": "K-1", "ends_on": "2026-12-31",
        "attributes": {"plan": "full", "fee": "29.5", "months": "12", "auto_renew": "yes"},
    }  # fmt: skip
    assert till.post("/track", told).json()["status"] == "repeated"
    assert till.post("/track", began(ends_on="2027-12-31")).status_code == 409


def test_a_change_and_the_end_may_name_the_contract_alone(till):
    till.post("/track", began())
    for event, at in (("Contract Updated", "2026-05-01T00:00:00Z"), ("contract_ended", "2026-06-01T00:00:00Z")):
        told = {"event": event, "timestamp": at, "properties": {"contract_id": "K-1"}}
        assert till.post("/track", told).json().keys() == {"status", "fact_id"}, "no warning that nobody is named"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"contract_id": ""}, "properties.contract_id"),
        ({"ends_on": "next year"}, "properties.ends_on"),
        ({"attributes": ["plan"]}, "properties.attributes"),
        ({"attributes": {"plan": {"name": "full"}}}, "properties.attributes"),
        ({"attributes": {"": "full"}}, "properties.attributes"),
        ({"attributes": {"plan": "x" * 201}}, "properties.attributes"),
        ({"attributes": {str(n): "1" for n in range(101)}}, "properties.attributes"),
    ],
)
def test_what_is_wrong_is_named(till, wrong, field):
    response = till.post("/track", began(**wrong))
    assert (response.status_code, response.json()["field"]) == (422, field)


def test_an_order_of_the_same_number_is_another_thing(till, order):
    till.post("/track", order("K-1", user="u2"))
    till.post("/track", began())
    ended = {"event": "Contract Ended", "timestamp": "2026-06-01T00:00:00Z", "properties": {"contract_id": "K-1"}}
    fact_id = till.post("/track", ended).json()["fact_id"]
    assert figures.by_ids([fact_id])[fact_id].subject is None


def test_the_lake_follows_them(till, tmp_path, transactional_db):
    from regulars.insight import lake_export
    from regulars.insight.compute.lake import Lake
    from regulars.loyalty import queries as loyalty
    from tests.flows.world import settled

    till.post("/track", began(attributes={"plan": "full"}))
    ended = {"event": "Contract Ended", "timestamp": "2026-06-01T00:00:00Z", "properties": {"contract_id": "K-1"}}
    till.post("/track", ended)
    settled()
    lake = Lake(tmp_path / "lake")
    lake_export.export(lake, time_zone="Asia/Shanghai", siblings={"tiers": loyalty.LAKE_TIERS})
    manifest = lake.manifest()
    assert manifest is not None
    rows = [row for part in manifest.tables["contracts"] for row in pq.read_table(lake.folder / part.file).to_pylist()]
    one, two = sorted(rows, key=lambda row: row["day"])
    assert (one["event"], one["number"], one["day"], one["ends_on"]) == (
        "started", "K-1", date(2026, 3, 1), date(2026, 12, 31),
    )  # fmt: skip
    assert (json.loads(one["attributes"]), two["event"], two["identity_id"]) == ({"plan": "full"}, "ended", None)
    assert one["contract"] == two["contract"] == "api:Till\x1fK-1"
