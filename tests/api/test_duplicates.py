"""Duplicates over HTTP: pairs with what speaks for them, merged once, kept apart, parted again."""

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import duplicate_schemas
from regulars.customers.actions import propose_duplicates
from regulars.customers.models import DuplicateProposal
from regulars.staff import queries as staff


@pytest.fixture
def desk(new_till, order):
    """A key, and three customers of the same name and birthday."""
    shop = new_till("facts.write", name="Shop")
    for number, user in enumerate(("u1", "u2", "u3")):
        traits = {"name": "安娜", "birthday": "1990-05-17"}
        sent = order(f"A-{number}", user=user, total=10 * (number + 1), source="web",
                     timestamp=timezone.now().isoformat())  # fmt: skip
        shop.track(**{**sent, "context": {"traits": traits}})
    propose_duplicates(at=timezone.now())
    return new_till("customers.merge", name="CRM")


def told(desk, path, status=200, **members):
    response = desk.post(f"/duplicates/{path}", {"source": "web", **members})
    assert response.status_code == status, response.content
    return response.json()


def pairs(desk):
    return told(desk, "list")["pairs"]


def test_pairs_with_what_speaks_for_them_and_no_names(desk, monkeypatch):
    first = pairs(desk)[0]
    assert first["evidence"] == [
        {"code": "name_birthday", "said": {"zh": "姓名和生日都相同", "en": "Same name and same birthday"}}
    ]
    assert [side["ids"] for side in first["sides"]] == [["u1"], ["u2"]]
    assert [(side["orders"], side["spent"], side["points"]) for side in first["sides"]] == [
        (1, "10.00", 10), (1, "20.00", 20),
    ]  # fmt: skip
    assert "安娜" not in str(pairs(desk))
    whole = pairs(desk)
    assert len(whole) == 3
    monkeypatch.setattr("regulars.api.duplicates.PAGE", 2)
    page = told(desk, "list")
    assert page["pairs"] + told(desk, "list", after=page["next_after"])["pairs"] == whole


def test_merged_once_and_parted_again(desk):
    pair = pairs(desk)[0]
    lead, other = (side["number"] for side in pair["sides"])
    asked = {"pair_id": pair["pair_id"], "lead": lead}
    merged = told(desk, "merge", **asked)["merge"]
    assert (merged["lead"], merged["other"]["number"]) == ({"number": lead, "ids": ["u1"]}, other)
    assert told(desk, "merge", **asked)["merge"] == merged, "sent again after a time-out"
    assert told(desk, "merge", 409, pair_id=pair["pair_id"], lead=other)["code"] == "pair_decided"
    left = pairs(desk)
    assert pair["pair_id"] not in [one["pair_id"] for one in left]
    assert {side["points"] for one in left for side in one["sides"]} == {30}, "10 and 20 together, and the third's 30"
    undone = told(desk, "undo", merge_id=merged["merge_id"])["merge"]
    assert undone["undone_by"] == "api:CRM"
    assert told(desk, "undo", merge_id=merged["merge_id"])["merge"] == undone
    assert told(desk, "merges")["merges"] == [undone]
    assert pair["pair_id"] in [one["pair_id"] for one in pairs(desk)], "proposed again"
    assert [line.action for line in staff.audit_trail()][:2] == ["customers.unmerge", "customers.merge"]


def test_pairs_of_a_chain_know_their_merge(desk):
    """u1 and u2 are one already when u2 and u3 are merged by who stands for them."""
    one, two, three = (pair["pair_id"] for pair in pairs(desk))
    lead = pairs(desk)[0]["sides"][0]["number"]
    told(desk, "merge", pair_id=one, lead=lead)
    last = told(desk, "merge", pair_id=three, lead=lead)["merge"]
    assert last["other"]["ids"] == ["u3"]
    assert told(desk, "merge", pair_id=three, lead=lead)["merge"] == last
    assert pairs(desk) == []
    assert DuplicateProposal.objects.get(pk=two).status == "merged"


def test_kept_apart_and_never_merged_by_mistake(desk):
    pair = pairs(desk)[0]
    assert told(desk, "apart", pair_id=pair["pair_id"])["state"] == "apart"
    assert told(desk, "apart", pair_id=pair["pair_id"])["state"] == "apart"
    refused = told(desk, "merge", 409, pair_id=pair["pair_id"], lead=pair["sides"][0]["number"])
    assert (refused["code"], refused["state"]) == ("pair_decided", "apart")
    other = pairs(desk)[0]
    assert told(desk, "merge", 422, pair_id=other["pair_id"], lead="M999999999")["code"] == "not_in_pair"
    assert told(desk, "merge", 422, pair_id=other["pair_id"], lead="Anna")["field"] == "lead"
    assert told(desk, "merge", 404, pair_id=10**9, lead="M100001")["code"] == "no_pair"
    assert told(desk, "undo", 404, merge_id=10**9)["code"] == "not_merged"


def test_a_key_without_the_scope(desk, new_till):
    assert told(new_till("customers.write", name="Other"), "list", 403)["code"] == "scope_missing"


def test_the_examples_keep_to_the_schemas(desk, client):
    document = client.get("/api/v1/openapi.json").json()

    def check(name, value):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(value)

    for name, shown in duplicate_schemas.ANSWERS.items():
        for example in shown.values():
            check(name, example["value"])
    for example in [one for shown in duplicate_schemas.PROBLEMS.values() for one in shown.values()]:
        check("Problem", example["value"])
    page = told(desk, "list")
    check("Duplicates", page)
    pair = page["pairs"][0]
    check("Merged", told(desk, "merge", pair_id=pair["pair_id"], lead=pair["sides"][0]["number"]))
    check("KeptApart", told(desk, "apart", pair_id=page["pairs"][1]["pair_id"]))
    check("Merges", told(desk, "merges"))
