"""Earning rules through the whole flow: told in any order, corrected, explained, and recomputed by verify."""

import pytest

from regulars.facts import figures as facts
from regulars.facts.kinds import product_reviewed
from regulars.facts.rules import NewFact
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Purpose
from regulars.loyalty import reasons, traces
from tests.flows.world import RULES, SHANGHAI, World, cancel, event, member, order, query, refund, when

SUNDAY = "2025-02-02"


@pytest.fixture
def books(db: None) -> World:
    return World(now="2025-06-01 10:00", terms=[("2025-01-01 00:00", RULES)])


def why(books: World, who: str, key: str, language: str = "en") -> list[str]:
    """The sentences of what an order or event earned in points."""
    customer_id = books.customer(who)
    (fact_id,) = query("SELECT id FROM facts_fact WHERE key = %s", [key])[0]
    fact = facts.by_ids([fact_id])[fact_id]
    entries = ledger.of_origins(customer_id, fact_ids=[fact_id], command_ids=[])
    entry = next(one for one in entries if one.purpose == Purpose.EARN and one.effective_at)
    trace = traces.earnings([customer_id], books.policies, [fact.occurred_at])
    words = reasons.Wording(language, "CNY", SHANGHAI)
    return reasons.why(entry, fact, policies=books.policies, wording=words, earning=trace.get(fact_id))


def test_rules_hold_from_their_version_on_and_are_explained(books: World) -> None:
    books.tell(order("old", "anna", when("2024-12-29 10:00"), 100_00))
    books.tell(order("new", "anna", when(f"{SUNDAY} 10:00"), 100_00))
    assert books.wallet("anna")["available"] == 100 + 250 + 20 + 0, "2024-12-29 is a Sunday too, but had no rules"
    books.assert_clean()
    assert why(books, "anna", "old")[1] == "¥1 = 1 point, which makes 100 points (programme version 1)."
    assert why(books, "anna", "new")[1:4] == [
        "¥1 = 1 point, which makes 100 points to begin with (programme version 2).",
        "“back” gave 20 points more.",
        "“sunday” gave 150 points more.",
    ]
    assert why(books, "anna", "new", "zh")[1:4] == [
        "每满 ¥1 得 1 积分，基础 100 积分（会员计划第 2 版）。", "“back”多得 20 积分。", "“sunday”多得 150 积分。",
    ]  # fmt: skip


def test_what_a_limit_cut_is_said(books: World) -> None:
    books.tell(order("big", "anna", when(f"{SUNDAY} 10:00"), 1_000_00))
    assert "it is limited (at most 900 points a month each), so it gave 900 points." in " ".join(
        why(books, "anna", "big")
    )
    books.tell(order("bigger", "anna", when(f"{SUNDAY} 12:00"), 2_000_00))
    assert any("The programme gives at most 2,500 points a week each" in one for one in why(books, "anna", "bigger"))
    assert books.wallet("anna")["available"] == 2_500
    books.assert_clean()


def test_an_event_earns_within_its_limit_and_once(books: World) -> None:
    checked_in = event("e1", "anna", when("2025-02-03 09:00"), "Checked In")
    books.tell(checked_in, event("e2", "anna", when("2025-02-04 09:00"), "Checked In"))
    books.tell(checked_in)
    assert books.wallet("anna")["available"] == 5, "once a week"
    books.tell(event("e0", "anna", when("2025-02-03 08:00"), "Checked In"), event("s", "anna", books.now, "Shared"))
    assert books.wallet("anna")["available"] == 5, "the late one was first, so it is the one that counts"
    assert why(books, "anna", "e0")[:2] == ["A check-in, 3 Feb 2025 (programme version 2).", "“in” gave 5 points more."]
    books.assert_clean()


def test_every_rating_earns_the_same_whatever_its_stars(db: None) -> None:
    rule = {"code": "review", "on": "Product Reviewed", "then": {"kind": "fixed", "amount": 10}}
    books = World(terms=[("2025-01-01 00:00", {"rules": [rule]})])
    for stars in (1, 5, None):
        body = {"product": "oat", "stars": stars}
        books.tell(
            NewFact("shop", product_reviewed.CODE, f"r{stars}", when("2025-02-03 09:00"), body, (member(f"m{stars}"),))
        )
    assert [books.wallet(who)["available"] for who in ("m1", "m5", "mNone")] == [10, 10, 10]
    books.assert_clean()


def test_a_late_order_moves_the_first_order_gift_to_itself(books: World) -> None:
    books.tell(order("B", "anna", when("2025-02-05 10:00"), 10_00))
    assert books.wallet("anna")["available"] == 30
    books.tell(order("A", "anna", when("2025-02-04 10:00"), 10_00))
    assert books.wallet("anna")["available"] == 40
    assert "“back” gave 20 points more." in why(books, "anna", "A")
    assert not any("back" in sentence for sentence in why(books, "anna", "B"))
    books.tell(cancel("C", "A", when("2025-02-06 10:00")), refund("R", "B", when("2025-02-07 10:00")))
    assert books.wallet("anna")["available"] == 0
    books.assert_clean()


def test_verify_finds_what_limits_remember_wrongly(books: World) -> None:
    books.tell(order("A", "anna", when(f"{SUNDAY} 10:00"), 100_00))
    books.assert_clean()
    query("UPDATE loyalty_usedlimit SET amount = amount + 1 WHERE code = 'sunday' RETURNING 1")
    assert "what limits remember" in books.verify().differences[0]
