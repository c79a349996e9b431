"""A tea shop in Shanghai whose members claim rewards for their points."""

from datetime import datetime
from typing import Any

from regulars.core.bilingual import Text
from regulars.flows import claim_rewards
from regulars.loyalty.rewards import actions, catalogue, queries
from regulars.loyalty.rewards.rules import Ask, Claim, Reward, RewardKind, Terms
from tests.flows.world import SHANGHAI, World, order, when

AT = when("2024-03-01 10:00")
MUG = Terms(Text("马克杯", "A mug"), RewardKind.ITEM, 300, worth_minor=25_00, stock=2)


class Shop(World):
    """Anna has 1,000 points, Bo 500; claims are made now."""

    def __init__(self, now: str = "2024-06-01 10:00") -> None:
        super().__init__(now)
        self.tell(order("A", "anna", AT, 1000_00), order("B", "bo", AT, 500_00))

    def reward(self, code: str = "mug", **more: Any) -> int:
        terms = Terms(**{name: getattr(MUG, name) for name in Terms.__slots__} | more)
        return actions.create(code=code, terms=terms, actor="kim", at=AT)

    def claim(
        self, who: str | int = "anna", key: str = "k", *, code: str = "mug", store: str = "S1",
        at: datetime | None = None,
    ) -> Claim:  # fmt: skip
        ask = Ask(code, who if isinstance(who, int) else self.customer(who), key, store, "till")
        return claim_rewards.claim(ask=ask, policies=self.policies, zone=SHANGHAI, at=at or self.now)

    def cancel(self, claim: Claim, at: datetime | None = None) -> Claim:
        return claim_rewards.cancel(
            claim_id=claim.id, policies=self.policies, zone=SHANGHAI, actor="kim", at=at or self.now
        )

    def collect(self, claim: Claim, key: str = "c", *, store: str = "S1", at: datetime | None = None) -> Claim:
        return claim_rewards.collect_claim(
            claim_id=claim.id, key=key, store=store, zone=SHANGHAI, actor="till", at=at or self.now
        )

    def now_is(self, code: str = "mug") -> Reward:
        return catalogue.reward_with_code(code, at=self.now)

    def assert_agrees(self) -> None:
        """Claims, stock and points agree, and so do all the books."""
        assert queries.differences()[0] == []
        self.assert_clean()
