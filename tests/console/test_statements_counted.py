"""Pages ask the database the same number of times, however many members, orders and entries there are."""

from dataclasses import replace

import pytest
from django.core.cache import cache

from regulars.customers.identities import Identity

from .shop import LIN, a_shop, bought, counted, staff

pytestmark = pytest.mark.django_db
MOST = 50


def test_pages_do_not_ask_more_when_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_shop()
    owner = staff()
    lin = owner.get("/customers/?q=林").context["page"][0].url
    pages = ["/", "/?days=90", "/customers/", "/customers/?q=P0", lin, "/ledger/", "/ledger/trial/", "/palette/?q=P0"]

    def statements() -> dict[str, int]:
        found = {}
        for page in pages:
            cache.clear()
            with counted(monkeypatch) as seen:
                assert owner.get(page).status_code == 200
            found[page] = len(seen)
        return found

    few = statements()
    for batch in range(3):
        who = [
            replace(
                bought(f"P{batch}-{i}", LIN, 5 + i / 100, 1_000), identities=(Identity(1, "", f"P{i:03}"),),
                profile={"name": f"P{i:03}"}, store=f"S{i % 7}",
            )
            for i in range(40)
        ]  # fmt: skip
        world.tell(*who, *(bought(f"Q{batch}-{i}", LIN, 30 + i, 1_000) for i in range(30)))
    many = statements()
    # One may be added where a list was empty or ended before: looking up goods, or who comes next.
    assert {page: (few[page], many[page]) for page in pages if many[page] > few[page] + 1} == {}
    assert max(many.values()) <= MOST, many


def test_the_counting_sees_both_ways_to_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from regulars.core import bulk

    with counted(monkeypatch) as seen:
        bulk.run(connection, "SELECT 1")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 2")
    assert seen == ["SELECT 1", "SELECT 2"]
