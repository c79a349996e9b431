"""Currencies beside points: what is true of points is true of them, and nothing passes from one to the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from regulars.core.bilingual import Text
from regulars.ledger.rules import Account, LotKey, OriginKind, Transfer
from regulars.loyalty.benefits.telling import names_of
from regulars.loyalty.currencies import FIRST_OWN, UnknownCurrency, numbered, numbers_of, unnumbered
from regulars.loyalty.earning.words import said
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import InvalidPolicy, Item, ItemKind, Policies, Policy, preset_terms
from tests.loyalty.histories import SHANGHAI, Life, check, moved, when
from tests.loyalty.test_rate_laws import Random, steps

STARS: dict[str, Any] = {
    "code": "stars", "names": {"zh": "星星", "en": "stars", "one": "star"}, "pending_days": {"online": 5},
    "expiry": "rolling", "expiry_months": 2, "restore_days": 4,
}  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"code": "money", "earns": "stars", "then": {"kind": "per_amount", "minor": 10_00}},
    {"code": "first", "earns": "stars", "if": {"field": "first_order", "op": "is", "value": True},
     "then": {"kind": "fixed", "amount": 3}},
]  # fmt: skip
TERMS: dict[str, Any] = {**preset_terms(2), "currencies": [STARS], "rules": RULES}


def programme(**changed: Any) -> Policies:
    return Policies([(when("2000-01-01"), Policy.from_terms(1, {**TERMS, **changed}, SHANGHAI))])


ONE = programme()
NUMBER = ONE.currency("stars").number


class TestTerms:
    def test_a_currency_lasts_as_it_says_and_points_as_before(self) -> None:
        life = Life(policies=ONE, start="2024-03-01 10:00")
        order = life.order("A", 100_00, channel="online")
        stars, points = (life.fold.lots[LotKey(OriginKind.FACT, order.origin_id, one)] for one in (NUMBER, 1))
        assert (stars.issued, points.issued) == (13, 100)
        assert stars.effective_at == when("2024-03-06 00:00")
        assert points.effective_at == when("2024-03-08 00:00")
        assert stars.expires_at == when("2024-05-02 00:00")
        assert points.expires_at == when("2026-01-01 00:00")

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"currencies": [{**STARS, "code": "points"}]}, "code of its own"),
            ({"currencies": [{**STARS, "code": "Stars!"}]}, "code of its own"),
            ({"currencies": [STARS, STARS]}, "same code"),
            ({"currencies": [{**STARS, "number": 2}]}, "its number"),
            ({"currencies": [{**STARS, "names": {}}]}, "no name"),
            ({"currencies": [{**STARS, "names": {"en": "x" * 21}}]}, "at most 20"),
            ({"currencies": [{**STARS, "expiry": "soon"}]}, "not a way to expire"),
            ({"currencies": [{**STARS, "expiry_months": 0}]}, "between 1 and 120"),
            ({"currencies": [{**STARS, "pending_days": {"store": 366}}]}, "pending days"),
            ({"currencies": [{**STARS, "restore_days": 0}]}, "at least a day"),
            ({"currencies": [{**STARS, "worth": 1}]}, "is an object with"),
            ({"currencies": [{**STARS, "caps": [{"period": "day", "most": 1, "counts": "times"}]}]}, "stars: .*count"),
            ({"currencies": "stars"}, "a list"),
            ({"currencies": []}, "currency of this version"),
            ({"rules": [{"code": "x", "earns": "stars", "then": {"kind": "multiply", "percent": 200}}]}, "multiply"),
        ],
    )
    def test_nonsense_is_refused_with_a_word(self, changed: dict[str, Any], why: str) -> None:
        with pytest.raises(InvalidPolicy, match=why):
            programme(**changed)

    def test_a_code_keeps_its_number_for_ever(self) -> None:
        stamps = {**STARS, "code": "stamps"}
        first = numbered({"currencies": [STARS]}, {})
        dropped = numbered({"currencies": [stamps]}, numbers_of([first]))
        again = numbered({"currencies": [stamps, {**STARS, "number": 99}]}, numbers_of([first, dropped]))
        assert numbers_of([first, dropped, again]) == {"stars": FIRST_OWN, "stamps": FIRST_OWN + 1}
        assert [one["number"] for one in again["currencies"]] == [FIRST_OWN + 1, FIRST_OWN]
        assert unnumbered(again) == {"currencies": [stamps, STARS]}

    def test_two_versions_cannot_mean_different_currencies_by_one_number(self) -> None:
        other = Policy.from_terms(2, {**preset_terms(2), "currencies": [{**STARS, "code": "stamps"}]}, SHANGHAI)
        with pytest.raises(InvalidPolicy, match="another currency's"):
            Policies([*ONE.versions, (when("2024-01-01"), other)])

    def test_what_a_version_drops_is_spent_and_comes_back_as_it_last_was(self) -> None:
        longer = Policy.from_terms(2, {**TERMS, "currencies": [{**STARS, "restore_days": 9}]}, SHANGHAI)
        none = Policy.from_terms(3, preset_terms(2), SHANGHAI)
        versions = [*ONE.versions, (when("2024-02-01"), longer), (when("2024-03-10"), none)]
        life = Life(policies=Policies(versions), start="2024-03-01 10:00")
        life.order("A", 100_00)
        spent = life.on("2024-04-01").command(ItemKind.REDEEM, 13, currency=NUMBER)
        life.order("B", 100_00)
        assert life.has(NUMBER) == (0, 0, 0), "it is not given any more"
        life.on("2024-06-01").command(ItemKind.REVERSE, 13, spent, currency=NUMBER)
        [restored] = [lot for lot in life.fold.lots.values() if lot.key.currency == NUMBER and lot.key.ordinal]
        assert (restored.issued, restored.expires_at) == (13, when("2024-06-11 00:00"))
        with pytest.raises(UnknownCurrency):
            life.policies.lasting(77, life.now)


class TestRefundsAndDebts:
    def test_a_refund_takes_back_by_line(self) -> None:
        """Three for being first belong to the order as a whole; ten for the money to its lines."""
        life = Life(policies=ONE)
        life.order("A", 100_00, lines=[30_00, 70_00])
        life.refund("A", lines=[(1, 30_00)])
        assert life.has(NUMBER) == (13 - 4, 0, 0)
        life.refund("A")
        assert life.has(NUMBER) == (0, 0, 0)
        check(life.fold, life.now)

    def test_a_debt_is_repaid_in_its_own_currency_alone(self) -> None:
        life = Life(policies=ONE)
        life.order("A", 100_00)
        life.command(ItemKind.REDEEM, 13, currency=NUMBER)
        life.cancel("A")
        assert (life.has(NUMBER), life.has(1)) == ((0, 0, 13), (0, 0, 0))
        life.command(ItemKind.GRANT, 500)
        assert (life.has(NUMBER), life.has(1)) == ((0, 0, 13), (500, 0, 0)), "points repay no stars"
        life.command(ItemKind.GRANT, 20, currency=NUMBER)
        assert (life.has(NUMBER), life.has(1)) == ((7, 0, 0), (500, 0, 0))
        check(life.fold, life.now)

    def test_what_was_held_and_expired_is_gone_when_it_is_released(self) -> None:
        life = Life(policies=ONE)
        life.order("A", 100_00)
        hold = life.command(ItemKind.HOLD, 10, currency=NUMBER)
        life.on("2024-05-02")
        assert moved(life.fold.transfers, Account.BREAKAGE, NUMBER) == 3
        life.command(ItemKind.RELEASE, 10, hold, currency=NUMBER)
        assert moved(life.fold.transfers, Account.BREAKAGE, NUMBER) == 13
        assert moved(life.fold.transfers, Account.BREAKAGE) == 0

    def test_a_cap_of_the_currency_and_the_limit_of_a_rule_cut_it_and_a_cancelled_order_frees_both(self) -> None:
        limited = {**RULES[0], "limits": [{"period": "day", "most": 6}]}
        capped = {**STARS, "caps": [{"period": "week", "most": 8}]}
        life = Life(policies=programme(currencies=[capped], rules=[limited]), start="2024-03-04 10:00")
        life.order("A", 100_00)
        assert life.has(NUMBER)[0] == 6
        life.on("2024-03-05").order("B", 100_00)
        assert life.has(NUMBER)[0] == 8
        trace = life.fold.earnings[life.items[-1].origin_id]
        assert [(one.wished, one.given) for one in trace.awards if one.earns == "stars"] == [(10, 6), (6, 2)]
        assert trace.points == 100, "points are not cut by it"
        life.cancel("A")
        life.on("2024-03-06").order("C", 100_00)
        assert life.has(NUMBER)[0] == 2 + 6
        check(life.fold, life.now)


class Mixed(Random):
    """Commands about stars as well as about points."""

    def _spend(self, kind: ItemKind, choice: int) -> None:
        currency = NUMBER if choice % 2 else 1
        available, _, owed = self.life.has(currency)
        if points := max(0, available - owed) * (1 + choice % 10) // 10:
            self.commands[kind].append(self.life.command(kind, points, currency=currency))

    def _grant(self, choice: int, amount: int) -> None:
        self.life.command(ItemKind.GRANT, amount, currency=NUMBER if choice % 2 else 1)

    def _continue(self, kind: ItemKind, before: tuple[ItemKind, ...], choice: int) -> None:
        known = [command for one in before for command in self.commands[one]]
        earlier = known[choice % len(known)] if known else 0
        if left := self.life.fold.left_of(earlier):
            currency = self.life.fold.currency_of(earlier)
            amount = max(1, left * (1 + choice % 3) // 3)
            self.commands[kind].append(self.life.command(kind, amount, earlier, currency))


WITHOUT_STARS = programme(currencies=[], rules=[])
WITHOUT_POINTS = Policies([(at, replace(one, minor_per_point=0, minor_per_growth=0)) for at, one in ONE.versions])


def alone(items: list[Item], policies: Policies, currency: int, until: Any) -> list[Transfer]:
    """What the same history comes to, had there never been another currency."""
    fold = Fold(policies)
    for item in items:
        if item.kind < ItemKind.REDEEM or item.currency == currency:
            fold.apply(item)
    fold.settle(until)
    return [t for t in fold.transfers if t.currency == currency]


@settings(max_examples=150, deadline=None)
@given(steps)
def test_currencies_never_mix(steps: list[tuple[str, int, int, int]]) -> None:
    """Each is conserved by itself, and moves exactly as it would if the other had never been thought of."""
    life = Life(policies=ONE)
    random = Mixed(life)
    for step in steps:
        if random.step(*step):
            check(life.fold, life.now)
    until = life.now + timedelta(days=100)
    life.fold.settle(until)
    for currency, policies in ((1, WITHOUT_STARS), (NUMBER, WITHOUT_POINTS)):
        mine = [t for t in life.fold.transfers if t.currency == currency]
        assert mine == alone(life.items, policies, currency, until)
        assert sum(moved(mine, account, currency) for account in Account) == 0


def test_a_rule_says_what_it_gives_by_its_name() -> None:
    policy = ONE.at(when("2024-03-01"))
    (first, by_money) = sorted((rule for rules in policy.earning.values() for rule in rules), key=lambda one: one.code)

    def words(rule: Any, language: str) -> str:
        return said(rule, language, money=lambda minor: f"¥{minor // 100}", tiers={}, currencies=policy.counted)

    assert words(by_money, "en") == "1 star more for each ¥10."
    assert words(by_money, "zh") == "每 ¥10 多得 1 个星星。"
    assert "3 stars more" in words(first, "en")
    assert policy.counted["stars"].of(2) == Text("2 个星星", "2 stars")


def test_a_benefit_that_a_rule_gives_is_told_in_its_currency(db: None) -> None:
    told = {"code": "more", "names": {"en": "More"}, "tiers": ["gold"], "kind": "points", "rule": "money"}
    policy = programme(benefits=[told]).at(when("2024-03-01"))
    assert names_of(policy, "CNY").rules["money"].en == "1 star more for each ¥10."
