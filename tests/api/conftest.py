"""A business with a programme, and a till that calls the API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

# What needs Django is imported inside: this file is read before Django is set up.
AT = datetime(2026, 3, 1, tzinfo=UTC)


class Till:
    """Whoever holds an API key."""

    def __init__(self, secret: str) -> None:
        from django.test import Client

        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        """Send a body as JSON, or raw bytes; header names with underscores."""
        sent = {"Authorization": f"Bearer {self.secret}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        kind = sent.pop("Content-Type", "application/json")
        data = orjson.dumps(body) if raw is None else raw
        response = self.client.post(f"/api/v1{path}", data=data, content_type=kind, headers=sent)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json", response.content[:500]
            assert response.json()["status"] == response.status_code
        return response

    def track(self, **members: Any) -> Any:
        return self.post("/track", members)

    def batch(self, *items: Any, **members: Any) -> list[dict[str, Any]]:
        """The answers of a batch that was taken."""
        response = self.post("/batch", {"batch": list(items), **members})
        assert response.status_code == 200, response.content
        answered = response.json()
        assert [answer["index"] for answer in answered["answers"]] == list(range(len(items)))
        assert sum(answered["counts"].values()) == len(items)
        return list(answered["answers"])


def _order(number: str = "A-1", *, total: Any = 100, user: str | None = "u1", **more: Any) -> dict[str, Any]:
    """An order on its way in."""
    properties = {"order_id": number, "total": total, **more.pop("properties", {})}
    who = {"userId": user} if user else {}
    when = {"type": "track", "event": "Order Completed", "timestamp": "2026-03-01T09:30:00+08:00"}
    return {**when, **who, **more, "properties": properties}


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    """Makes orders."""
    return _order


@pytest.fixture
def business(db: None) -> None:
    """A shop in Shanghai with the retail preset."""
    from regulars.loyalty import actions as loyalty
    from regulars.loyalty.rules import preset_terms
    from regulars.staff.actions import change_business
    from regulars.staff.rules import SYSTEM

    change_business(by=SYSTEM, at=AT, name="茶铺", time_zone="Asia/Shanghai", currency="CNY")
    loyalty.launch(
        terms=preset_terms(2), live_from=datetime(2000, 1, 1, tzinfo=UTC), time_zone="Asia/Shanghai", actor="", at=AT
    )


@pytest.fixture(autouse=True)
def _afresh() -> None:
    """What this process kept of another test's business and keys."""
    from regulars.api import access, situation
    from regulars.api.limits import limits

    access.forget()
    situation.forget()
    limits.forget()


@pytest.fixture
def new_till(business: None) -> Callable[..., Till]:
    """Makes tills, each with a key of its own."""
    from regulars.staff.actions import create_api_key
    from regulars.staff.rules import SYSTEM

    made = 0

    def new(*scopes: str, name: str = "") -> Till:
        nonlocal made
        made += not name
        name = name or (f"Till {made}" if made > 1 else "Till")
        return Till(create_api_key(name=name, scopes=scopes, by=SYSTEM, at=AT).secret)

    return new


@pytest.fixture
def till(new_till: Callable[..., Till]) -> Till:
    """A till that may write facts."""
    return new_till("facts.write")
