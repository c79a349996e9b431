"""Which badges a history comes to: out of the fold's trace, so that late, doubled and undone facts agree. Pure."""

from collections.abc import Mapping, Sequence

from regulars.loyalty.badges.rules import Held
from regulars.loyalty.earning.badge import GivesBadge
from regulars.loyalty.earning.rules import Earns
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, ItemKind

Holder = tuple[int, str]
"""Whose fact gave it, and the badge's code. A merged group has what any of its members has."""


def held(items: Sequence[Item], fold: Fold) -> dict[Holder, Held]:
    """The badges that these items give, each with the first item that gives it; an order that is undone gives none.

    Args:
        fold: After all of the items.
    """
    found: dict[Holder, Held] = {}
    for item in items:
        earning = fold.earnings.get(item.origin_id) if item.event or item.lines else None
        for award in earning.awards if earning is not None else ():
            if award.earns is Earns.BADGE and award.given:
                holder = (item.customer_id, _badges(fold, item)[award.code])
                if holder not in found and not (item.kind == ItemKind.ORDER and fold.is_undone(item)):
                    found[holder] = Held(item.origin_id, award.code, item.at)
    return found


def _badges(fold: Fold, item: Item) -> Mapping[str, str]:
    """Badges by the codes of the rules that give them."""
    rules = (rule for rules in fold.policies.at(item.at).earning.values() for rule in rules)
    return {rule.code: rule.effect.badge for rule in rules if isinstance(rule.effect, GivesBadge)}
