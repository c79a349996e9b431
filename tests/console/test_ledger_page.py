"""The points ledger: it adds up, it can be searched, and each entry gives its reason."""

import pytest
from django.test import Client

from regulars.flows.verify_books import verify_books
from regulars.ledger.rules import Purpose
from regulars.loyalty.rules import ItemKind

from ..flows.world import World
from .shop import a_shop, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> World:
    return a_shop()


def entries(client: Client, query: str = "") -> list[tuple[str, str, int]]:
    return [(line.name, line.title, line.change) for line in client.get(f"/ledger/?{query}").context["entries"]]


def test_every_account_adds_up_to_nothing(shop: World) -> None:
    page = staff().get("/ledger/trial/")
    assert (page.context["total"], page.context["transit"]) == (0, 0)
    balances = {str(row.label): row.balance for row in page.context["rows"]}
    # 1,300 of Lin; 500 − 200 and 80 pending of Ann; 10 and 99 − 99 of the third.
    assert balances["Issued"] == -(1_300 + 500 + 80 + 10 + 99)
    assert (balances["Spendable"], balances["Pending"], balances["Clawed back"]) == (1_610, 80, 299)
    assert "adds up" in page.text


def test_the_page_waits_for_the_sum_only_once(shop: World) -> None:
    owner = staff()
    assert 'hx-get="/ledger/trial/"' in owner.get("/ledger/").text
    owner.get("/ledger/trial/")
    page = owner.get("/ledger/")
    assert 'hx-get="/ledger/trial/"' not in page.text
    assert page.context["outstanding"] == 1_690


def test_entries_by_kind_and_by_person(shop: World) -> None:
    owner = staff()
    assert len(entries(owner, f"purpose={int(Purpose.EARN)}")) == 8
    assert entries(owner, f"purpose={int(Purpose.CLAWBACK)}&q=ann") == [("Ann Lee", "Clawed back · order A1", -200)]
    assert {name for name, _title, _change in entries(owner, "q=林")} == {"林晓"}
    assert entries(owner, "q=nobody") == []
    assert "No such entries" in owner.get("/ledger/?q=nobody").text
    assert len(entries(owner, "purpose=77&before=zz")) == len(entries(owner))


def test_the_list_goes_on_by_id(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regulars.console.views.ledger.PER_PAGE", 3)
    owner = staff()
    seen: list[str] = []
    where = "/ledger/?purpose=1"
    for _ in range(9):
        part = owner.get(where, headers={"HX-Request": "true", "HX-Target": "more"})
        seen += [line.number for line in part.context["entries"]]
        if not (where := part.context["more"]):
            break
    assert len(seen) == len(set(seen)) == 8
    assert seen == sorted(seen, key=int, reverse=True)


def test_each_entry_gives_its_reason(shop: World) -> None:
    lin = next(line for line in staff().get("/customers/?q=林").context["page"])
    customer_id = int(lin.number[1:]) - 100_000
    shop.command(ItemKind.REDEEM, customer_id, 5, "r")
    text = staff("viewer").get("/ledger/").text
    assert "Redeemed 5 points." in text
    assert "What expires soonest goes first" in text
    assert "counts as never made" in text


def test_a_manager_of_one_store_sees_its_members_entries_and_no_totals(shop: World) -> None:
    manager = staff("viewer", stores=["S2"])
    page = manager.get("/ledger/")
    assert {line.name for line in page.context["entries"]} == {"Ann Lee"}
    assert "Trial balance" not in page.text
    assert manager.get("/ledger/trial/").status_code == 403


def test_what_was_checked_and_what_differed(shop: World) -> None:
    for _ in verify_books(policies=shop.policies, at=shop.now):
        pass
    assert "Recomputed from 10 orders, refunds and commands of 3 members" in staff().get("/ledger/").text.replace(
        "  ", " "
    )


def test_an_empty_ledger_says_so() -> None:
    assert "No points have moved yet" in staff().get("/ledger/").text
