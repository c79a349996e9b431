"""Ten thousand attempts over 64 connections on one thing of which there is little: a balance, a coupon's last use, the
last piece of a reward, a rule's budget, the quota of a benefit. None is ever exceeded.

Beside each stands its control: eight at once with the lock taken away, which shows that there is something to exceed.
BENCH_ATTEMPTS says how many attempts.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

from bench.crowd import at_once, meeting
from bench.instance import instance

ATTEMPTS, CONNECTIONS, AT_ONCE = int(os.environ.get("BENCH_ATTEMPTS", "10000")), 64, 8
EACH = 10
"""Points that an attempt at a balance or a budget takes."""


def main() -> None:
    """Measure, and print one line of JSON."""
    with instance():
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """What was taken of what there was; `…_without_lock` is what the control took, or tables refused at the last."""
    from tests.flows.world import World

    budgets = [_budget("races", 1005, "store"), _budget("control", 25, "online")]
    world = World(terms=[("2000-01-02 00:00", {"rules": budgets, "benefits": [LOUNGE]})])
    found: dict[str, object] = {"bench": "races", "attempts": ATTEMPTS, "connections": CONNECTIONS}
    for kind in (Balance, Coupon, Piece, Budget, Quota):
        race, begun = kind(world, "races", kind.room), time.perf_counter()
        served, failed = at_once(race.attempt, ATTEMPTS, CONNECTIONS)
        if failed:
            raise SystemExit(f"{kind.name}: {failed[0]!r}, and {len(failed) - 1} more")
        if not served or race.taken() > kind.room:
            raise SystemExit(f"{kind.name}: {race.taken()} of {kind.room} were taken, {served} attempts served")
        seconds = round(time.perf_counter() - begun, 1)
        found |= {kind.name: f"{race.taken()} of {kind.room}", f"{kind.name}_seconds": seconds}
        print(f"{kind.name}: {race.taken()} of {kind.room}, {served} served, {seconds} s", file=sys.stderr)
    world.assert_clean()
    for kind in (Balance, Coupon, Piece, Budget, Quota):
        race = kind(world, "control", kind.little)
        with kind.without_lock():
            served, failed = at_once(race.attempt, AT_ONCE, AT_ONCE)
        found[f"{kind.name}_without_lock"] = (
            f"{served * kind.takes} of {kind.little}, {len(failed)} stopped by the tables"
        )
        if served * kind.takes <= kind.little and not failed:
            raise SystemExit(f"{kind.name}: the control shows no race")
    return found


LOUNGE = {"code": "lounge", "kind": "dedicated_service", "about": {"zh": "贵宾室", "en": "The lounge"},
          "quota": {"period": "year", "times": 2}}  # fmt: skip


def _budget(code: str, most: int, channel: str) -> dict[str, Any]:
    """A rule that gives nothing for what was bought before the races."""
    return {
        "code": code, "starts": str(_day().date()), "if": {"field": "channel", "op": "in", "value": [channel]},
        "then": {"kind": "fixed", "amount": EACH}, "limits": [{"period": "budget", "most": most}],
    }  # fmt: skip


class Race:
    """One thing of which there is `room`; the control has `little` of it, and each attempt takes `takes`."""

    name: ClassVar[str]
    room: ClassVar[int]
    little: ClassVar[int]
    takes: ClassVar[int] = 1

    def __init__(self, world: Any, label: str, room: int) -> None:
        self.world = world
        self.label = label
        self.begin(room)

    def begin(self, room: int) -> None:
        """Put it there."""

    def attempt(self, number: int) -> None:
        """Take some; a named error if there is none."""
        raise NotImplementedError

    def taken(self) -> int:
        """How much of it is gone, as the books say."""
        raise NotImplementedError

    @classmethod
    @contextmanager
    def without_lock(cls) -> Iterator[None]:
        """Nobody waits for the customer's lock; all come together where it would be taken."""
        from regulars.customers.actions import arrivals

        locking, together = arrivals.lock_customers, meeting(AT_ONCE)
        arrivals.lock_customers = lambda ids: together()  # type: ignore[assignment]
        try:
            yield
        finally:
            arrivals.lock_customers = locking


class Counted(Race):
    """What `limits` counts over all members."""

    kind: ClassVar[str]

    @classmethod
    @contextmanager
    def without_lock(cls) -> Iterator[None]:
        """Nobody waits for the counter."""
        from regulars.limits import actions as limits

        holding, together = limits.hold, meeting(AT_ONCE)

        def hold(subjects: Any) -> None:
            wanted = list(subjects)
            if wanted and wanted[0][0].name == cls.kind:
                together()
            else:
                holding(wanted)

        limits.hold = hold
        try:
            yield
        finally:
            limits.hold = holding


class Balance(Race):
    """One member's points at many tills."""

    name, room, little, takes = "balance", 1017, 25, EACH

    def begin(self, room: int) -> None:
        from tests.flows.world import order

        self.world.tell(order(f"balance {self.label}", self.label, _before(), room * 100))
        self.who = self.world.customer(self.label)

    def attempt(self, number: int) -> None:
        from regulars.loyalty.rules import ItemKind

        kind = (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT)[number % 3]
        self.world.command(kind, self.who, EACH, f"{self.label} {number}")

    def taken(self) -> int:
        return self.room - int(self.world.wallet(self.label)["available"])


class Coupon(Counted):
    """The last use of a coupon."""

    name, room, little, kind = "coupon", 1, 1, "COUPON_USES"

    def begin(self, room: int) -> None:
        from tests.loyalty.coupons import shop

        self.coupon = shop.issue(shop.offer(), f"race:{self.label}")

    def attempt(self, number: int) -> None:
        from tests.loyalty.coupons import shop

        shop.redeem(self.coupon, f"{self.label}:{number}")

    def taken(self) -> int:
        return _count("SELECT count(*) FROM loyalty_couponuse WHERE coupon_id = %s AND undone_at IS NULL",
                      self.coupon.coupon_id)  # fmt: skip


class Piece(Counted):
    """The last piece of a reward, for which 64 members have the points."""

    name, room, little, kind = "piece", 1, 1, "REWARD_STOCK"

    def begin(self, room: int) -> None:
        from regulars.core.bilingual import Text
        from regulars.loyalty.rewards import actions
        from regulars.loyalty.rewards.rules import RewardKind, Terms
        from tests.flows.world import order

        self.world.tell(*(order(f"piece {self.label} {n}", f"p{n}", _before(), 100_00) for n in range(CONNECTIONS)))
        self.who = [self.world.customer(f"p{n}") for n in range(CONNECTIONS)]
        terms = Terms(Text("马克杯", "A mug"), RewardKind.ITEM, EACH, worth_minor=25_00, stock=room)
        actions.create(code=self.label, terms=terms, actor="bench", at=_before())

    def attempt(self, number: int) -> None:
        from regulars.flows import claim_rewards
        from regulars.loyalty.rewards.rules import Ask
        from tests.flows.world import SHANGHAI

        ask = Ask(self.label, self.who[number % CONNECTIONS], f"{self.label}:{number}", "S1", "till")
        claim_rewards.claim(ask=ask, policies=self.world.policies, zone=SHANGHAI, at=self.world.now)

    def taken(self) -> int:
        return _count("SELECT count(*) FROM loyalty_rewardclaim k JOIN loyalty_reward r ON r.id = k.reward_id "
                      "WHERE r.code = %s", self.label)  # fmt: skip


class Budget(Counted):
    """What a rule gives to all members together; each attempt is the order of another one, which is never refused."""

    name, room, little, takes, kind = "budget", 1005, 25, EACH, "RULE_BUDGET"

    def attempt(self, number: int) -> None:
        from regulars.core.errors import DomainError
        from tests.flows.world import order

        channel = "store" if self.label == "races" else "online"
        [answer] = self.world.tell(
            order(f"budget {self.label} {number}", f"{self.label} {number}", _day(), 1_00, channel=channel)
        )
        if not _count("SELECT coalesce(sum(amount), 0) FROM loyalty_budgetshare WHERE fact_id = %s", answer.fact_id):
            raise DomainError("Nothing is left of the budget.")

    def taken(self) -> int:
        from regulars.loyalty import budgets

        return budgets.used().get(self.label, 0)


class Quota(Race):
    """A benefit that a member may use twice a year."""

    name, room, little = "quota", 2, 2

    def begin(self, room: int) -> None:
        from tests.flows.world import order

        self.world.tell(order(f"quota {self.label}", f"quota {self.label}", _before(), 1_00))
        self.who = self.world.customer(f"quota {self.label}")

    def attempt(self, number: int) -> None:
        from regulars.flows.use_benefits import use_benefit
        from regulars.loyalty.benefits.rules import Bill

        bill = Bill(100_00, None, {}, "store")
        use_benefit(
            customer_id=self.who, code="lounge", key=f"{self.label}:{number}", bill=bill,
            policies=self.world.policies, at=self.world.now,
        )  # fmt: skip

    def taken(self) -> int:
        return _count("SELECT count(*) FROM loyalty_benefituse WHERE customer_id = %s AND undone_at IS NULL", self.who)


def _day() -> datetime:
    from tests.flows.world import when

    return when("2026-03-01 10:00")


def _before() -> datetime:
    from tests.flows.world import when

    return when("2026-02-01 10:00")


def _count(statement: str, value: object) -> int:
    from tests.flows.world import query

    return int(query(statement, [value])[0][0])


if __name__ == "__main__":
    main()
