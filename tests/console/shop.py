"""A small shop with members, orders and points in the database, seen from today; and browsers of its staff."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from regulars.core import bulk
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.rules import NewFact
from regulars.staff import actions
from regulars.staff.rules import SYSTEM

from ..flows.world import World, cancel, order, refund

PASSWORD = "tea-and-return-customers"
LIN = Identity(IdentityKind.PHONE, "", "+8613800010001")
ANN = Identity(IdentityKind.EMAIL, "", "ann@example.com")
CMD = Identity(IdentityKind.MEMBER_NUMBER, "", "V-77")


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def bought(key: str, who: Identity | None, days: float, amount: int, *, store: str = "S1", **more: Any) -> NewFact:
    """An order so many days ago, with a name."""
    names = {LIN: "林晓", ANN: "Ann Lee", CMD: "=cmd|calc"}
    fact = order(key, [who] if who else [], days_ago(days), amount, **more)
    return replace(fact, store=store, profile={"name": names[who]} if who else {})


def a_shop() -> World:
    """Three members and a stranger: Lin bought four times and went quiet, Ann buys online, one has an odd name."""
    actions.change_business(by=SYSTEM, at=timezone.now(), name="Camellia", language="en")
    world = World(now=f"{timezone.localtime():%Y-%m-%d %H:%M}")
    world.tell(
        bought("L1", LIN, 130, 10_000),
        bought("L2", LIN, 120, 20_000),
        bought("L3", LIN, 110, 30_000),
        bought("L4", LIN, 100, 70_000),
        bought("A1", ANN, 20, 50_000, store="S2", channel="online", lines=(30_000, 20_000)),
        bought("A2", ANN, 3, 8_000, store="S2", channel="online", paid=8_600),
        bought("C1", CMD, 2, 1_000),
        bought("C2", CMD, 2, 9_900),
        bought("X1", None, 1, 4_000),
        refund("R1", "A1", days_ago(10), 20_000, lines=[(2, 20_000)]),
        cancel("N1", "C2", days_ago(1)),
        at=timezone.now(),
    )
    return world


def staff(role: str = "owner", language: str = "en", stores: list[str] | None = None) -> Client:
    """Somebody who works there, signed in."""
    email = f"{role}-{language}@example.com"
    actions.create_user(
        email=email, role=role, name="Lin", language=language, store_codes=stores, password=PASSWORD, by=SYSTEM,
        at=timezone.now(),
    )  # fmt: skip
    client = Client()
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that reaches the database, also those that Django's own log does not see."""
    seen: list[str] = []
    run = bulk.run

    def counting(database: Any, statement: str, parameters: Any = ()) -> Any:
        seen.append(statement)
        return run(database, statement, parameters)

    def noting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with monkeypatch.context() as patched, connection.execute_wrapper(noting):
        patched.setattr(bulk, "run", counting)
        yield seen
