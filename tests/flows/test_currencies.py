"""Stamps beside points, in the books: earned, claimed with, taken back, merged, closed and told, each by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from regulars.core.bilingual import Text
from regulars.customers import queries as customers
from regulars.facts import figures
from regulars.flows import claim_rewards, jobs, simulate_programme
from regulars.ledger import statements
from regulars.ledger.actions import close_day
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty import programme_view, queries, reasons, traces
from regulars.loyalty.actions import launch
from regulars.loyalty.currencies import InvalidCurrency, UnknownCurrency
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.rewards.rules import Ask, ClaimState, RewardKind, Terms
from regulars.loyalty.rewards.words import refusal_said
from regulars.loyalty.rules import ItemKind, preset_terms
from regulars.loyalty.simulation import queries as simulations
from regulars.loyalty.simulation.rules import OtherPoints, Question
from regulars.staff.rules import SYSTEM
from regulars.webhooks.events.points import changed
from tests.flows.working import context
from tests.flows.world import SHANGHAI, World, cancel, order, query, refund, when

STAMPS: dict[str, Any] = {
    **preset_terms(2),
    "currencies": [
        {"code": "stamps", "names": {"zh": "印花", "en": "stamps", "one": "stamp"}, "expiry": "rolling",
         "expiry_months": 3, "restore_days": 5, "caps": [{"period": "day", "most": 4}]},
    ],
    "rules": [
        {"code": "cup", "names": {"zh": "买一杯集一个", "en": "A stamp a cup"}, "earns": "stamps",
         "then": {"kind": "per_item", "amount": 1, "products": ["sku"]}},
    ],
}  # fmt: skip
COFFEE = Terms(name=Text("一杯咖啡", "A coffee"), kind=RewardKind.ITEM, points=9, currency="stamps")
DAY = when("2026-03-02 10:00")


@pytest.fixture
def books(db: None) -> World:
    return World(now="2026-03-02 12:00", terms=[("2026-01-01 00:00", STAMPS)])


def cups(key: str, count: int, days: int = 0, who: str = "anna"):  # type: ignore[no-untyped-def]
    return order(key, who, DAY + timedelta(days=days), count * 20_00, lines=[20_00] * count)


def stamps(books: World, who: str = "anna") -> tuple[int, int, int]:
    """(spendable, held, owed) of whoever stands for this member."""
    number = books.policies.currency("stamps").number
    canonical = customers.canonicals([books.customer(who)])[books.customer(who)]
    held = statements.balances_by_currency([canonical], at=books.now)[canonical].get(number, statements.NOTHING)
    return held.spendable, held.held, held.owed


def command(books: World, kind: ItemKind, amount: int, key: str, **more: Any) -> Any:
    number = books.policies.currency("stamps").number
    return books.command(kind, "anna", amount, key, currency=number, **more)


def test_nine_stamps_buy_a_coffee_and_come_back_when_it_is_cancelled(books: World) -> None:
    rewards.create(code="coffee", terms=COFFEE, actor="test", at=books.now)
    books.tell(cups("A", 4), cups("B", 4, days=-1))
    ask = Ask("coffee", books.customer("anna"), "k1", "")
    names = claim_rewards.names(policies=books.policies, at=books.now)

    def claim(ask: Ask) -> Any:
        return claim_rewards.claim(ask=ask, policies=books.policies, zone=SHANGHAI, at=books.now)

    choices = claim_rewards.choices(customer_id=books.customer("anna"), policies=books.policies, at=books.now)
    assert (choices.spendable, choices.balances) == (160, {"points": 160, "stamps": 8})
    assert choices.rewards[0].refused is not None
    assert refusal_said(choices.rewards[0].refused, names) == Text("还差 1 个印花。", "1 more stamp needed.")
    with pytest.raises(InsufficientPoints, match="Only 8 stamps"):
        claim(ask)
    books.now += timedelta(days=1)
    books.tell(cups("C", 2, days=1))
    made = claim(replace(ask, key="k2"))
    assert (made.points, made.currency, made.spendable) == (9, "stamps", 1)
    assert (stamps(books), books.wallet("anna")["available"]) == ((1, 0, 0), 200), "no point is touched"
    back = claim_rewards.cancel(claim_id=made.id, policies=books.policies, zone=SHANGHAI, actor="test", at=books.now)
    assert (back.state, stamps(books)) == (ClaimState.CANCELLED, (10, 0, 0))
    books.assert_clean()


def test_a_hold_is_captured_in_part_and_the_rest_released_whatever_currency_is_named(books: World) -> None:
    books.tell(cups("A", 4))
    held = command(books, ItemKind.HOLD, 3, "h")
    assert (held.currency, held.spendable, stamps(books)) == (books.policies.currency("stamps").number, 1, (1, 3, 0))
    taken = books.command(ItemKind.CAPTURE, "anna", 1, "c", refers_to=held.command_id)
    given = books.command(ItemKind.RELEASE, "anna", 2, "r", refers_to=held.command_id)
    assert taken.currency == given.currency == held.currency, "what goes on is in the currency of what it goes on from"
    assert stamps(books) == (3, 0, 0)
    assert command(books, ItemKind.HOLD, 3, "h") == replace(held, left=0, spendable=3)
    books.assert_clean()


def test_a_refund_after_they_were_spent_leaves_a_debt_that_only_stamps_repay(books: World) -> None:
    books.tell(cups("A", 4))
    command(books, ItemKind.REDEEM, 4, "r")
    books.tell(refund("R", "A", DAY + timedelta(hours=1), lines=[(1, 20_00)]))
    assert (stamps(books), books.wallet("anna")["debt"]) == ((0, 0, 1), 0)
    books.now += timedelta(days=2)
    books.tell(cups("B", 3, days=2))
    assert stamps(books) == (2, 0, 0)
    books.assert_clean()


def test_merged_members_have_them_together_and_apart_again(books: World) -> None:
    books.tell(cups("A", 4), cups("B", 3, days=-1, who="bo"))
    merge = books.merge("bo", "anna")
    command(books, ItemKind.REDEEM, 6, "r")
    assert stamps(books) == (1, 0, 0)
    books.undo(merge)
    # What was spent together was anna's command: what she had not herself is owed by her again.
    assert (stamps(books), stamps(books, "bo")) == ((0, 0, 2), (3, 0, 0))
    books.assert_clean()


def test_they_expire_by_their_own_terms_also_when_nobody_looks(books: World) -> None:
    books.tell(cups("A", 4))
    books.now = when("2026-06-03 00:00")
    assert (stamps(books), books.wallet("anna")["available"]) == ((0, 0, 0), 80)
    books.settle()
    assert statements.expiries(books.customer("anna"), most=5) == [
        (when("2026-06-03 00:00"), {books.policies.currency("stamps").number: 4})
    ]
    books.assert_clean()


def test_every_currency_has_a_trial_balance_that_closes_by_itself(books: World) -> None:
    number = books.policies.currency("stamps").number
    for day in range(5):
        books.now = DAY + timedelta(days=day, hours=2)
        books.tell(cups(f"A{day}", 1 + day % 4, days=day))
        if day == 2:
            books.tell(cancel("X", "A1", books.now))
        if day in (1, 2, 4):
            close_day(day=books.now.date())
            close_day(day=books.now.date())
        for currency in (1, number):
            trial = statements.trial_balance(currency)
            assert trial.balanced
            moved = query(
                """SELECT coalesce(sum(CASE WHEN target = 2 THEN amount WHEN source = 2 THEN -amount END), 0)::bigint
                   FROM ledger_transfer WHERE currency = %s""",
                [currency],
            )
            assert trial.accounts[2] == moved[0][0]
    assert list(statements.trial_balances()) == [1, number]


def test_a_code_keeps_its_number_when_it_is_dropped_and_brought_back(books: World) -> None:
    books.tell(cups("A", 4))

    def live(day: str, terms: dict[str, Any]) -> None:
        launch(terms=terms, live_from=when(day), time_zone="Asia/Shanghai", actor="test", at=when(day))
        books.learn()

    stars = {"code": "stars", "names": {"zh": "星星"}}
    live("2026-03-03 00:00", {**preset_terms(2), "currencies": [stars]})
    books.now = when("2026-03-04 12:00")
    assert command(books, ItemKind.REDEEM, 1, "still").spendable == 3
    with pytest.raises(InvalidCurrency, match="not give stamps any more"):
        command(books, ItemKind.GRANT, 1, "no")
    live("2026-03-05 00:00", {**STAMPS, "currencies": [stars, *STAMPS["currencies"]]})
    books.now = when("2026-03-06 12:00")
    books.tell(cups("B", 2, days=4))
    assert stamps(books) == (5, 0, 0)
    assert programme_view.currency_codes() == {1: "points", 2: "growth", 11: "stamps", 12: "stars"}
    with pytest.raises(UnknownCurrency):
        books.policies.currency("miles")
    books.assert_clean()


def test_webhooks_tell_of_each_currency_by_itself(books: World) -> None:
    books.tell(cups("A", 4))
    ids = [row[0] for row in query("SELECT id FROM ledger_transfer WHERE currency <> 2")]
    told = {event.data["currency"]: event.data for event in changed(ids)}
    assert {code: (data["amount"], data["balance"]["spendable"]) for code, data in told.items()} == {
        "points": (80, 80), "stamps": (4, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["“买一杯集一个”多得 6 个印花。", "会员计划规定每人每天最多 4 个印花，所以这次实得 4 个印花。"]),
        ("en", ["“A stamp a cup” gave 6 stamps more.", "The programme gives at most 4 stamps a day each"]),
    ],
)
def test_every_entry_says_why_in_its_own_words(books: World, language: str, said: list[str]) -> None:
    books.tell(cups("A", 6))
    who, number = books.customer("anna"), books.policies.currency("stamps").number
    books.tell(refund("R", "A", DAY + timedelta(hours=1)))
    wording = reasons.Wording(language, "CNY", SHANGHAI)
    entries = [one for one in statements.statement(who, most=50) if one.currency == number]
    facts = figures.by_ids([one.origin_id for one in entries])
    trace = traces.earnings([who], books.policies, [books.now])

    def why(one: Any) -> str:
        fact = facts[one.origin_id]
        told = reasons.why(one, fact, policies=books.policies, wording=wording, earning=trace.get(fact.id))
        return reasons.title(one, fact, wording, books.policies) + " " + " ".join(told)

    clawed, earned = (why(one) for one in entries)
    for part in said:
        assert part in earned
    assert ("4 个印花" if language == "zh" else "4 stamps") in clawed
    assert not [word for word in ("积分", "points") if word in earned + clawed]


def test_the_simulator_tells_what_a_draft_would_give_of_them(books: World) -> None:
    books.tell(cups("A", 3), cups("B", 2, days=-1))
    command(books, ItemKind.REDEEM, 2, "r")
    twice = {**STAMPS, "rules": [{**STAMPS["rules"][0], "then": {**STAMPS["rules"][0]["then"], "amount": 2}}]}
    question = Question(twice, None, thousand_cost=10_00)
    asked = simulate_programme.ask_simulation(question=question, by=SYSTEM, key="user:1", at=books.now)
    jobs.simulate_programme(context(), simulation_id=asked)
    found = simulations.run(asked).result
    assert found is not None
    assert found.today.others == (OtherPoints("stamps", 5, 2, 0),)
    assert found.draft.others == (OtherPoints("stamps", 8, 2, 0),), "six are cut to four a day"
    assert (found.today.issued, found.draft.issued) == (100, 100)


def test_commands_are_told_with_their_currency(books: World) -> None:
    books.tell(cups("A", 4))
    command(books, ItemKind.GRANT, 2, "g")
    [view] = queries.commands_of(books.customer("anna"), most=5)
    assert (view.amount, view.currency) == (2, books.policies.currency("stamps").number)
