"""The steps of the random walk that somebody commands: with points, tiers, accounts and coupons."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from regulars.facts.rules import KeyReused
from regulars.flows.give_tiers import end_given_tier, give_tier
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions.commands import AccountFrozen, NothingLeft, NothingToRelease, UnknownCommand
from regulars.loyalty.coupons.actions import Issued
from regulars.loyalty.coupons.rules import CouponUsedUp
from regulars.loyalty.currencies import InvalidCurrency
from regulars.loyalty.rules import ItemKind
from regulars.loyalty.tier_grants_view import grants_of
from tests.flows.witness import Witness
from tests.flows.world import World, query
from tests.loyalty.coupons import shop

REFUSALS = (InsufficientPoints, NothingLeft, UnknownCommand, AccountFrozen, NothingToRelease, InvalidCurrency)
SPENDS = (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT)
COUPON_USES = 3


class Commands:
    """A part of `walk.Walk`; `touched` are the members whom the step is about."""

    world: World
    random: Random
    witness: Witness
    touched: set[str]
    number: int

    def begin_commands(self) -> None:
        """Nothing was commanded yet."""
        self.commands: list[tuple[ItemKind, int, str]] = []
        offer = shop.offer(replace(shop.TEN_OFF, uses_most=COUPON_USES))
        self.coupon: Issued = shop.issue(offer, f"walk:{offer}")
        self.used: list[str] = []

    def do_spend(self, often: int = 6) -> None:
        """A part, all, or more than there is: served exactly when the model says that there is enough."""
        who = self._name()
        model = self.witness.look(who)
        what = self._what()
        spendable = model.have(what).spendable
        points = self.random.choice((1, spendable // 3, spendable, spendable + 1))
        kind = self.random.choice(SPENDS)
        served = 0 < points <= spendable and not (model.frozen and kind != ItemKind.DEDUCT)
        done = self._command(kind, who, points, what=what)
        assert done == served, (kind, what, points, spendable, model.frozen)

    def do_grant(self, often: int = 1) -> None:
        what, who = self._what(), self._name()
        self._command(ItemKind.GRANT, who, self.random.choice((1, 50, 3000) if what == "points" else (1, 7)), what=what)

    def do_continue(self, often: int = 5) -> None:
        """Capture, release or reverse a part of what an earlier command took; never more than is left of it."""
        if not self.commands:
            return
        earlier, command_id, who = self.random.choice(self.commands)
        kind = ItemKind.REVERSE
        if earlier == ItemKind.HOLD:
            kind = self.random.choice((ItemKind.CAPTURE, ItemKind.RELEASE))
        left = self.witness.model(who).left_of(command_id)
        points = self.random.choice((1, 10, 60, left, left + 1))
        assert self._command(kind, who, points, command_id) == (0 < points <= left), (kind, points, left)

    def do_freeze(self, often: int = 1) -> None:
        assert self._command(ItemKind.FREEZE, self._name(), 0)

    def do_unfreeze(self, often: int = 3) -> None:
        who = self._name()
        frozen = bool(self.witness.model(who).frozen)
        assert self._command(ItemKind.UNFREEZE, who, 0) == frozen

    def do_tier(self, often: int = 2) -> None:
        """A tier is given for some time, or one that still counts is ended."""
        who, now = self._name(), self.world.now
        customer_id, key = self.witness.ids[who], self._key()
        group = query("SELECT canonical_id FROM customers_customer WHERE id = %s", [customer_id])[0][0]
        open_ones = [one for one in grants_of(group) if one.ended is None and one.is_open(now.date())]
        self.touched.add(who)
        if open_ones and self.random.random() < 0.5:
            ended = end_given_tier(
                customer_id=customer_id, grant_id=open_ones[0].id, key=key, at=now, policies=self.world.policies
            )
            assert ended.ended is not None
            self.witness.tier(ended.ended.command_id)
            return
        starts = now.date() + timedelta(days=self.random.choice((0, 0, 40)))
        until = self.random.choice((None, starts + timedelta(days=1), starts + timedelta(days=200)))
        given = give_tier(
            customer_id=customer_id, tier=self.random.choice(("silver", "gold")), until=until, key=key, at=now,
            policies=self.world.policies, starts=starts,
        )  # fmt: skip
        self.witness.tier(given.id, (given.tier, given.from_day, given.until_day))

    def do_command_again(self, often: int = 1) -> None:
        """The same key: the same command changes nothing, another one is refused."""
        rows = query(
            """SELECT key, kind, amount, refers_to_id, currency FROM loyalty_command WHERE kind <> ALL(%s)
               ORDER BY random() LIMIT 1""",
            [[int(ItemKind.TIER), int(ItemKind.TIER_END)]],
        )
        for key, kind, amount, refers_to, currency in rows:
            self.touched.add(who := self._name())
            try:
                self.world.command(
                    ItemKind(kind), self.witness.ids[who], amount, key, refers_to=refers_to, currency=currency
                )
            except KeyReused:
                continue

    def do_coupon(self, often: int = 2) -> None:
        """A shared code is good so often and no oftener; what is given back is free again."""
        if self.used and self.random.random() < 0.4:
            redeemed = shop.redeem(self.coupon, self.used.pop(self.random.randrange(len(self.used))))
            shop.undo(redeemed)
            return
        key = f"{self.coupon.coupon_id}:{self._key()}"
        try:
            left = shop.redeem(self.coupon, key).uses_left
        except CouponUsedUp:
            assert len(self.used) == COUPON_USES
            return
        self.used.append(key)
        assert left == COUPON_USES - len(self.used) >= 0

    def _what(self) -> str:
        return self.random.choice(("points", "points", "stars"))

    def _command(
        self, kind: ItemKind, who: str, points: int, refers_to: int | None = None, what: str = "points"
    ) -> bool:
        self.touched.add(who)
        try:
            receipt = self.world.command(
                kind, self.witness.ids[who], points, self._key(), refers_to=refers_to,
                currency=self.world.policies.currency(what).number,
            )  # fmt: skip
        except REFUSALS:
            return False
        self.witness.commanded(receipt, refers_to)
        if kind in (*SPENDS, ItemKind.CAPTURE):
            self.commands.append((kind, receipt.command_id, who))
        return True

    def _key(self) -> str:
        self.number += 1
        return f"k{self.number}"

    def _name(self) -> str:
        raise NotImplementedError
