"""Risk control over HTTP: cases and their evidence, deciding about one, and what a key never decides alone."""

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import risk_schemas
from regulars.api.problems import CODES
from regulars.core.calendar import zone
from regulars.customers.models import Customer
from regulars.loyalty.models import PointsProposal, RiskCase, RiskStep
from regulars.loyalty.queries import policies
from regulars.loyalty.risk.actions import OwnProposal, approve
from regulars.loyalty.risk.rules import Sign
from regulars.staff import queries as staff
from regulars.staff.actions import change_business
from regulars.staff.rules import SYSTEM


@pytest.fixture
def desk(new_till):
    return new_till("risk.read", "risk.manage", name="Fraud desk")


@pytest.fixture
def a_case(new_till, order):
    """Makes a case about a customer whose order earned so many points; answers its number."""
    shop = new_till("facts.write", name="Shop")
    made_before: list[str] = []

    def made(user="u1", *, points=700, rule="velocity", score=75):
        at = timezone.now()
        told = order(f"A-{user}", total=points, user=user, source="web", timestamp=at.isoformat())
        traits = {"phone": f"1381234567{8 - len(made_before)}", "name": "安娜"}
        made_before.append(user)
        fact = shop.post("/track", {**told, "context": {"traits": traits}}).json()
        figures = {"orders": 7, "minutes": 6, "days": 3}
        row = RiskCase.objects.create(
            customer_id=Customer.objects.latest("pk").pk, score=score, opened_at=at, changed_at=at,
            evidence=[Sign(rule, score, figures, (fact["fact_id"],)).told()],
        )  # fmt: skip
        RiskStep.objects.create(case=row, at=at, action="opened", note="seen by Li Lei")
        return row.pk

    return made


def told(desk, path, case_id=None, status=200, *, key="", **members):
    body = members if case_id is None else {"case_id": case_id, **members}
    response = desk.post(f"/risk/{path}", body, **({"Idempotency-Key": key} if key else {}))
    assert response.status_code == status, response.content
    return response.json()


def test_a_case_is_told_by_ids_and_sentences_and_never_by_name(desk, a_case):
    case_id = a_case()
    [line] = told(desk, "list", source="web")["cases"]
    assert line["customer"]["ids"] == ["u1"]
    assert line["signs"][0]["said"] == {"zh": "6 分钟内下了 7 单。", "en": "7 orders within 6 minutes."}
    whole = desk.post("/risk/case", {"case_id": case_id, "source": "web"})
    assert whole.json()["case"]["points"] == {"earned": 700, "can_be_reversed": 700, "reversed": 0}
    assert whole.json()["case"]["steps"][0]["action"] == "opened"
    for personal in ("安娜", "13812345678", "Li Lei"):
        assert personal not in whole.content.decode()
    assert told(desk, "case", case_id)["case"]["customer"]["ids"] == [], "ids of the asking source only"


def test_lists_are_narrowed_and_go_on_where_they_ended(desk, a_case, monkeypatch):
    monkeypatch.setattr("regulars.api.risk.PAGE", 2)
    one, two, three = a_case("u1"), a_case("u2", rule="split_orders"), a_case("u3")
    told(desk, "freeze", one)
    first = told(desk, "list")
    assert [line["case_id"] for line in first["cases"]] == [three, two]
    last = told(desk, "list", before=first["next_before"])
    assert ([line["case_id"] for line in last["cases"]], last["next_before"]) == ([one], None)
    assert [line["case_id"] for line in told(desk, "list", state="frozen")["cases"]] == [one]
    assert [line["case_id"] for line in told(desk, "list", kind="split_orders")["cases"]] == [two]


def test_an_account_is_frozen_and_released_once_however_often_it_is_asked(desk, a_case):
    case_id = a_case()
    frozen = told(desk, "freeze", case_id, note="card testing")
    assert (frozen["case"]["state"], frozen["case"]["decided_by"]) == ("frozen", "api:Fraud desk")
    assert told(desk, "freeze", case_id, note="card testing") == frozen
    assert told(desk, "dismiss", case_id, 409)["state"] == "frozen"
    released = told(desk, "release", case_id)
    assert told(desk, "release", case_id) == released
    assert [step["action"] for step in released["case"]["steps"]] == ["opened", "frozen", "released"]
    assert [line.action for line in staff.audit_trail()][:2] == ["risk.release", "risk.freeze"]
    assert told(desk, "freeze", case_id, 409)["code"] == "risk_case_ended"


def test_somebody_elses_decision_is_not_answered_as_ones_own(desk, new_till, a_case):
    case_id = a_case()
    told(desk, "dismiss", case_id, note="a party")
    assert told(desk, "dismiss", case_id)["case"]["state"] == "dismissed"
    other = new_till("risk.manage", name="Another desk")
    assert told(other, "dismiss", case_id, 409)["code"] == "risk_case_ended"


def test_points_are_taken_back_once_and_no_more_than_the_evidence_earned(desk, a_case):
    case_id = a_case()
    assert told(desk, "reverse", case_id, 400, points=700)["code"] == "key_missing"
    refused = told(desk, "reverse", case_id, 422, points=701, key="r-1")
    assert (refused["code"], refused["points"]) == ("nothing_to_reverse", 700)
    taken = told(desk, "reverse", case_id, points=500, key="r-1")
    assert taken["case"]["points"] == {"earned": 200, "can_be_reversed": 200, "reversed": 500}
    assert told(desk, "reverse", case_id, points=500, key="r-1") == taken
    assert told(desk, "reverse", case_id, 409, points=100, key="r-1")["code"] == "key_reused"
    told(desk, "dismiss", case_id)
    assert told(desk, "reverse", case_id, points=500, key="r-1")["case"]["points"]["reversed"] == 500
    assert told(desk, "reverse", case_id, 409, points=1, key="r-2")["code"] == "risk_case_ended"
    assert [line.action for line in staff.audit_trail()].count("risk.reverse") == 1


class TestFourEyes:
    @pytest.fixture(autouse=True)
    def limit(self, business):
        change_business(by=SYSTEM, at=timezone.now(), second_person_points=500)

    def test_above_the_limit_a_key_alone_is_refused_also_in_small_steps(self, desk, a_case):
        case_id = a_case()
        refused = told(desk, "reverse", case_id, 403, points=501, key="r-1")
        assert (refused["code"], refused["most"]) == ("second_person_needed", 500)
        told(desk, "reverse", case_id, points=300, key="r-2")
        assert told(desk, "reverse", case_id, 403, points=300, key="r-3")["code"] == "second_person_needed"
        told(desk, "reverse", case_id, points=200, key="r-3")

    def test_a_release_is_proposed_once_and_done_by_somebody_else(self, desk, a_case):
        case_id = a_case()
        told(desk, "freeze", case_id)
        assert told(desk, "release", case_id, 403)["code"] == "second_person_needed"
        assert told(desk, "release", case_id, 400, propose=True)["code"] == "key_missing"
        asked = told(desk, "release", case_id, propose=True, key="p-1")
        assert (asked["case"]["state"], asked["proposal"]["state"]) == ("frozen", "waiting")
        assert told(desk, "release", case_id, propose=True, key="p-1") == asked
        assert told(desk, "release", case_id, propose=True, key="p-2")["proposal"] == asked["proposal"]
        assert PointsProposal.objects.count() == 1
        approve(
            proposal_id=asked["proposal"]["proposal_id"], actor="user:7", policies=policies(zone("Asia/Shanghai")),
            at=timezone.now(),
        )  # fmt: skip
        after = told(desk, "release", case_id, propose=True, key="p-1")
        assert (after["case"]["state"], after["proposal"]["state"]) == ("released", "approved")

    def test_points_are_proposed_and_the_same_key_stays_the_same_proposal(self, desk, a_case):
        case_id = a_case()
        asked = told(desk, "reverse", case_id, points=600, propose=True, key="r-1")
        assert (asked["proposal"]["kind"], asked["case"]["points"]["reversed"]) == ("reverse", 0)
        assert told(desk, "reverse", case_id, points=600, propose=True, key="r-1") == asked
        assert told(desk, "reverse", case_id, 409, points=601, propose=True, key="r-1")["code"] == "key_reused"

    def test_whoever_made_the_key_does_not_approve_what_it_proposes(self, new_till, a_case):
        from regulars.staff.models import ApiKey, User

        desk, case_id = new_till("risk.manage", name="Mine"), a_case()
        person = User.objects.create(email="owner@example.com", role="owner", created_at=timezone.now())
        ApiKey.objects.filter(name="Mine").update(created_by=person)
        asked = told(desk, "reverse", case_id, points=600, propose=True, key="r-1")
        with pytest.raises(OwnProposal):
            approve(
                proposal_id=asked["proposal"]["proposal_id"], actor=f"user:{person.pk}",
                policies=policies(zone("Asia/Shanghai")), at=timezone.now(),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "members"),
    [("list", {"state": "closed"}), ("list", {"kind": "envy"}), ("list", {"before": 0}), ("list", {"before": "x"}),
     ("case", {}), ("case", {"case_id": "1"}), ("case", {"case_id": True}), ("case", {"case_id": 2**63}),
     ("freeze", {"case_id": 1.5}), ("reverse", {"points": 0}), ("reverse", {"points": -5}),
     ("reverse", {"points": 1e3}),
     ("reverse", {"points": 10**16}), ("freeze", {"note": "x" * 201}), ("freeze", {"note": "\x00"}),
     ("release", {"propose": "yes"}), ("release", {"propose": 1})],
)  # fmt: skip
def test_what_means_nothing_is_refused_and_changes_nothing(desk, a_case, path, members):
    case_id = a_case()
    body = members if path == "list" or "case_id" in members or not members else {"case_id": case_id, **members}
    response = desk.post(f"/risk/{path}", body, **{"Idempotency-Key": "k"})
    assert (response.status_code, response.json()["code"]) == (422, "malformed_fact")
    assert RiskCase.objects.get().state == "open"


def test_no_such_case_and_a_key_without_the_scope(desk, new_till, a_case):
    case_id = a_case()
    assert told(desk, "case", 10**12, 404)["code"] == "no_risk_case"
    assert told(desk, "freeze", 10**12, 404)["code"] == "no_risk_case"
    reader = new_till("risk.read", name="Reader")
    assert told(reader, "case", case_id)["case"]["case_id"] == case_id
    for verb in ("freeze", "release", "dismiss", "reverse"):
        assert told(reader, verb, case_id, 403, points=1, key="k")["code"] == "scope_missing"


def test_a_page_of_cases_takes_as_many_statements_as_one(desk, a_case, django_assert_max_num_queries):
    for number in range(6):
        a_case(f"u{number}")
    told(desk, "list")
    with django_assert_max_num_queries(4):
        told(desk, "list", source="web")


def test_the_examples_are_answered_and_keep_to_the_schemas(desk, a_case, client, db):
    document = client.get("/api/v1/openapi.json").json()

    def validator(name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return jsonschema_rs.Draft202012Validator(schema)

    for name, shown in risk_schemas.ANSWERS.items():
        for example in shown.values():
            validator(name).validate(example["value"])
    bodies = {
        "list": ("RiskQuestion", "RiskCases", risk_schemas.LIST_BODIES),
        "case": ("RiskCaseQuestion", "RiskCase", risk_schemas.CASE_BODIES),
        "reverse": ("RiskReversal", "RiskDecided", risk_schemas.REVERSE_BODIES),
        "freeze": ("RiskDecision", "RiskDecided", risk_schemas.FREEZE_BODIES),
        "release": ("RiskRelease", "RiskDecided", risk_schemas.RELEASE_BODIES),
        "dismiss": ("RiskDecision", "RiskDecided", risk_schemas.DISMISS_BODIES),
    }
    first, second = a_case(), a_case("u2")
    for path, (body, answered, shown) in bodies.items():
        for number, example in enumerate(shown.values()):
            validator(body).validate(example["value"])
            mine = {"case_id": second if path == "dismiss" else first} if path != "list" else {}
            response = desk.post(f"/risk/{path}", {**example["value"], **mine}, **{"Idempotency-Key": f"{number}"})
            assert response.status_code == 200, response.content
            validator(answered).validate(response.json())
    for status, shown in risk_schemas.PROBLEMS.items():
        for example in shown.values():
            validator("Problem").validate(example["value"])
            assert CODES[example["value"]["code"]] == (status, example["value"]["title"])
