"""The requests in the guides for a till and a web shop do what the guides say, in both languages."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from regulars.flows import jobs
from regulars.staff.actions import change_business, create_api_key
from regulars.staff.rules import SYSTEM
from tests.loyalty.coupons import shop

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
BLOCK = re.compile(
    r"```http\nPOST /api/v1(\S+)\n((?:[\w-]+: [^\n]*\n)*)\n(.*?)\n```(?:\n+```json\n(.*?)\n```)?", re.DOTALL
)
CURL = re.compile(
    r"curl \$API(\S+) -H \"Authorization: Bearer \$KEY\" -H \"Content-Type: application/json\"(?: \\\n +)?\s*"
    r"(?:-H \"Idempotency-Key: (\S+)\")?\s*(?:\\\n +)?-d '(.*?)'", re.DOTALL
)  # fmt: skip
NUMBER = re.compile(r'"(hold_id|capture_id)": \d+')


def requests(name: str) -> list[tuple[str, dict[str, str], str, Any]]:
    """(address, headers, body as written, answer that is shown) of each."""
    found = []
    for address, headers, body, shown in BLOCK.findall((GUIDES / name).read_text()):
        pairs = dict(line.split(": ", 1) for line in headers.splitlines())
        found.append((address, pairs, body, json.loads(shown) if shown else None))
    return found


def learn(answer: Mapping[str, Any], known: dict[str, int]) -> None:
    known.update({name: answer[name] for name in ("hold_id", "capture_id") if name in answer})


@pytest.mark.parametrize("guide", ["till", "web-shop"])
def test_every_request_is_answered_as_the_guide_says(guide, new_till, order, business) -> None:
    change_business(by=SYSTEM, at=timezone.now(), worth_points=100, worth_minor=100)
    coupon = shop.issue(shop.offer(), at=timezone.now())
    till = new_till("checkout.write", "facts.write")
    phone = {"traits": {"phone": "13812345678"}}
    assert till.track(**order("OLD", total=500, user="u-1024", source="web", context=phone)).status_code == 200
    known: dict[str, int] = {}
    told = requests(f"{guide}.md")
    assert len(told) >= 6
    for address, headers, body, shown in told:
        sent = NUMBER.sub(lambda found: f'"{found[1]}": {known[found[1]]}', body).replace("7KQM-R4WX-92TD", coupon.code)
        response = till.post(address, json.loads(sent), **{name.replace("-", "_"): v for name, v in headers.items()})
        assert response.status_code == 200, (address, response.json())
        answer = response.json()
        assert answer.get("status", "recorded") == "recorded"
        assert not answer.get("warnings")
        learn(answer, known)
        if shown:
            assert {name: answer[name] for name in shown if name != "hold_id"} == {
                name: value for name, value in shown.items() if name != "hold_id"
            }


@pytest.mark.parametrize("end", ["", ".zh"])
def test_every_line_about_members_works(end, new_till, order, business) -> None:
    desk = new_till("ledger.read", "points.adjust", "coupons.manage", "customers.merge", name="CRM")
    sent = order("OLD", total=500, user="u-1024", source="web", timestamp=timezone.now().isoformat())
    assert new_till("facts.write", name="Shop").post("/track", sent).status_code == 200
    told = CURL.findall((GUIDES / f"members-api{end}.md").read_text())
    assert len(told) == 8
    made: dict[str, int] = {}
    for address, key, body in told:
        asked = json.loads(body)
        asked |= {name: made[name] for name in ("offer_id", "batch_id") if name in asked}
        response = desk.post(address, asked, **({"Idempotency-Key": key} if key else {}))
        assert response.status_code == 200, (address, response.json())
        answer = response.json()
        made |= {name: answer[thing][name] for thing, name in (("offer", "offer_id"), ("batch", "batch_id"))
                 if thing in answer}  # fmt: skip


@pytest.mark.parametrize("guide", ["till", "web-shop", "webhooks"])
def test_both_languages_show_the_same(guide) -> None:
    assert requests(f"{guide}.md") == requests(f"{guide}.zh.md")
    english, chinese = ((GUIDES / f"{guide}{end}.md").read_text() for end in ("", ".zh"))
    assert re.findall(r"```json\n(.*?)```", english, re.DOTALL) == re.findall(r"```json\n(.*?)```", chinese, re.DOTALL)


@pytest.mark.parametrize("end", ["", ".zh"])
def test_the_receiver_that_is_shown_checks_signatures_and_repeats(end, capsys) -> None:
    from standardwebhooks.webhooks import WebhookVerificationError

    from regulars.webhooks import signing
    from regulars.webhooks.events.catalogue import KINDS
    from regulars.webhooks.rules import new_secret

    [code] = re.findall(r"```python\n(.*?)```", (GUIDES / f"webhooks{end}.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    secret, body = new_secret(), '{"type": "tier.changed", "data": {"n": 1}}'
    sent = signing.headers(token="msg_1", body=body, secrets=[secret], at=timezone.now())
    seen: set[str] = set()
    for _ in range(2):
        assert names["receive"](body.encode(), sent, secret, seen) == 204
    assert capsys.readouterr().out == "tier.changed {'n': 1}\n", "once"
    with pytest.raises(WebhookVerificationError):
        names["receive"](body.encode(), sent, new_secret(), set())
    told = (GUIDES / f"webhooks{end}.md").read_text()
    assert all(f"`{kind}`" in told for kind in KINDS), "every event is listed"


PLANNED = re.compile(r"curl (?:-X (PUT) )?\$API(\S+)(.*?)-d '(.*?)'$", re.DOTALL | re.MULTILINE)
ONCE_MORE = re.compile(r'-H "Idempotency-Key: ([^"]+)"')


def planned(name: str) -> list[tuple[str, str, str, Any]]:
    """(method, address, key, body) of each curl line of a guide."""
    found = []
    for method, address, middle, body in PLANNED.findall((GUIDES / name).read_text()):
        key = ONCE_MORE.search(middle)
        found.append((method.lower() or "post", address, key[1] if key else "", json.loads(body)))
    return found


def test_every_curl_line_of_the_programme_s_guide_is_answered(db, monkeypatch) -> None:
    from tests.api.conftest import AT, Till
    from tests.flows.test_parallel_run import NAMES, compared
    from tests.flows.working import context
    from tests.flows.world import World, order, when

    world = World(now="2026-11-01 12:00")
    world.tell(order("a", "V1", when("2026-10-03 10:00"), 300_00))
    run = compared(world, NAMES, ("V1", "", 5, "", 0, ""), as_of=when("2026-10-31 12:00").date())
    monkeypatch.setattr(jobs, "start", lambda job, **ids: started.append((job, ids)))
    started: list[tuple[Any, dict[str, int]]] = []
    scopes = ["programme.write", "programme.launch", "customers.read", "reports.read", "rewards.manage"]
    till = Till(create_api_key(name="Planner", scopes=scopes, by=SYSTEM, at=AT).secret)
    sent = {"Authorization": f"Bearer {till.secret}"}
    ids = {"comparison_id": run.id}
    told = planned("programme-api.md")
    assert told == planned("programme-api.zh.md")
    assert len(told) >= 14
    for method, address, key, body in told:
        response = getattr(till.client, method)(
            f"/api/v1{address}", data={**body, **{name: ids[name] for name in ids if name in body}},
            content_type="application/json", headers=sent | ({"Idempotency-Key": key} if key else {}),
        )  # fmt: skip
        assert response.status_code == 200, (address, response.content)
        if response["Content-Type"] == "application/json":
            answered = response.json()
            ids |= {name: one[name] for one in answered.values() if isinstance(one, dict)
                    for name in ("draft_id", "simulation_id") if name in one}  # fmt: skip
        while started:
            job, more = started.pop()
            if job is jobs.simulate_programme:
                job(context(), **more)
