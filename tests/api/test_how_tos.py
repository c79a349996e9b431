"""The requests in the guides for a till and a web shop do what the guides say, in both languages."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from regulars.staff.actions import change_business
from regulars.staff.rules import SYSTEM
from tests.loyalty.coupons import shop

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
BLOCK = re.compile(
    r"```http\nPOST /api/v1(\S+)\n((?:[\w-]+: [^\n]*\n)*)\n(.*?)\n```(?:\n+```json\n(.*?)\n```)?", re.DOTALL
)
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
