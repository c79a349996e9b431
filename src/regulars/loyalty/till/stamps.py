"""Stamp cards 集点卡: what staff confirm at the till, how far a card is, and what a stamp would come to now.

A card is a currency of the programme's own; a rule gives it for the event that is one paid cup, and a reward is priced
in it. Nothing else knows of stamps.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.facts.kinds import custom
from regulars.loyalty import queries as loyalty
from regulars.loyalty.earning.rules import Earns
from regulars.loyalty.rate import Fold
from regulars.loyalty.rewards.rules import Reward
from regulars.loyalty.rules import COMMAND_SOURCE, POINTS, Policies, Policy
from regulars.loyalty.till.rules import is_stamp

MOST_SHOWN: Final = 12
"""A card with more fields than this is shown as a figure."""


@dataclass(frozen=True, slots=True)
class StampCard:
    """A card: the event that fills it, its currency, what is on it, and how many one reward takes (0: no reward).

    `rewards` so many are full; `on_card` the stamps on the card that is being filled.
    """

    event: str
    currency: str
    balance: int
    goal: int = 0
    reward: Reward | None = None

    @property
    def rewards(self) -> int:
        """How many rewards the stamps are good for."""
        return self.balance // self.goal if self.goal else 0

    @property
    def on_card(self) -> int:
        """Stamps on the card that is being filled; a full one is shown full."""
        rest = self.balance % self.goal if self.goal else 0
        return self.goal if self.goal and not rest and self.balance else rest

    @property
    def fields(self) -> list[bool]:
        """The fields of the card, True where a stamp is; none where a figure says more."""
        return [place < self.on_card for place in range(self.goal)] if 0 < self.goal <= MOST_SHOWN else []


def cards(policy: Policy, balances: Mapping[str, int], rewards: Iterable[Reward]) -> list[StampCard]:
    """The cards of a programme with one member's stamps, and the cheapest reward of each.

    Args:
        balances: What the member can spend, by the currency's code.
        rewards: Rewards in use.
    """
    cheapest: dict[str, Reward] = {}
    for one in rewards:
        kept = cheapest.get(one.terms.currency)
        if kept is None or one.terms.points < kept.terms.points:
            cheapest[one.terms.currency] = one
    found = []
    for event, rules in policy.earning.items():
        currency = next(
            (str(rule.earns) for rule in rules if rule.earns not in (Earns.GROWTH, Earns.COUPON, Earns.BADGE)), ""
        )
        if not is_stamp(event) or not currency:
            continue
        prize = cheapest.get(currency) if currency != POINTS else None
        goal = prize.terms.points if prize else 0
        found.append(StampCard(event, currency, balances.get(currency, 0), goal, prize))
    return found


@dataclass(frozen=True, slots=True)
class Worth:
    """What stamps would come to, by the currency's code; `cut` where a limit leaves less than they would give."""

    given: Mapping[str, int]
    cut: bool


def worth(
    customer_id: int, stamps: Mapping[str, int], *, policies: Policies, zone: ZoneInfo, at: datetime
) -> Worth:  # fmt: skip
    """What these stamps would give this member now; nothing is written.

    Args:
        customer_id: Who stands for the group.
    """
    _, histories = loyalty.histories([customer_id], policies)
    fold = Fold(policies)
    for item in histories.get(customer_id, []):
        fold.apply(item)
    given: Counter[str] = Counter()
    cut, day, number = False, business_date(at, zone), 0
    for event, times in sorted(stamps.items()):
        for _ in range(times):
            number -= 1
            item = loyalty.event_item(
                number, customer_id, at, day, COMMAND_SOURCE - 1, str(number), custom.CODE, {"event": event}
            )  # fmt: skip
            fold.apply(item)
            for award in fold.earnings[number].awards:
                if award.earns is Earns.BADGE:
                    continue  # whoever has it already gets no other
                given[str(award.earns)] += award.given
                cut = cut or award.cut_by is not None
    return Worth({code: amount for code, amount in given.items() if amount}, cut)
