"""What the events of a timeline are called, and what is said about them at a glance."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import reader
from regulars.facts.figures import FactView
from regulars.facts.kinds import (
    balance_taken_over,
    contract_ended,
    contract_started,
    contract_updated,
    custom,
    member_enrolled,
    order_cancelled,
    order_completed,
    order_refunded,
    product_reviewed,
    product_viewed,
)
from regulars.ledger.rules import Currency, Purpose
from regulars.ledger.statements import Entry
from regulars.loyalty import growth_words, reasons
from regulars.loyalty.earning.rules import Counted
from regulars.loyalty.earning.words import EVENTS
from regulars.loyalty.queries import CommandView
from regulars.loyalty.reason_words import TITLES
from regulars.loyalty.reasons import Wording
from regulars.loyalty.rules import ItemKind, Policies

MOST_GOODS = 4
FACTS: dict[int, tuple[str, str, Promise]] = {
    order_completed.CODE: ("shopping-bag", "pri", gettext_lazy("Order %(number)s")),
    order_refunded.CODE: ("undo-2", "warn", gettext_lazy("Refund for order %(number)s")),
    order_cancelled.CODE: ("circle-x", "err", gettext_lazy("Order %(number)s cancelled")),
    product_viewed.CODE: ("eye", "mute", gettext_lazy("Looked at a product")),
    product_reviewed.CODE: ("star", "info", gettext_lazy("Reviewed a product")),
    contract_started.CODE: ("file-check", "ok", gettext_lazy("Contract %(number)s began")),
    contract_updated.CODE: ("file-pen", "mute", gettext_lazy("Contract %(number)s as it stood")),
    contract_ended.CODE: ("file-x", "err", gettext_lazy("Contract %(number)s ended")),
    balance_taken_over.CODE: ("import", "info", gettext_lazy("Taken over from the old programme")),
    member_enrolled.CODE: ("id-card", "ok", gettext_lazy("Joined the programme")),
    custom.CODE: ("activity", "mute", gettext_lazy("Event")),
}
COMMANDS: dict[int, tuple[str, Promise]] = {
    ItemKind.REDEEM: ("gift", gettext_lazy("Points redeemed")),
    ItemKind.REVERSE: ("undo-2", gettext_lazy("Redemption undone")),
    ItemKind.HOLD: ("lock", gettext_lazy("Points held for a checkout")),
    ItemKind.CAPTURE: ("gift", gettext_lazy("Held points redeemed")),
    ItemKind.RELEASE: ("lock-open", gettext_lazy("Held points released")),
    ItemKind.GRANT: ("plus", gettext_lazy("Points granted by hand")),
    ItemKind.DEDUCT: ("minus", gettext_lazy("Points deducted by hand")),
    ItemKind.FREEZE: ("lock", gettext_lazy("Account frozen")),
    ItemKind.UNFREEZE: ("lock-open", gettext_lazy("Account released")),
    ItemKind.TIER: ("crown", gettext_lazy("Tier given")),
    ItemKind.TIER_END: ("crown", gettext_lazy("Given tier ended")),
}

PURPOSES: dict[int, Purpose] = {
    ItemKind.REDEEM: Purpose.REDEEM,
    ItemKind.REVERSE: Purpose.RESTORE,
    ItemKind.HOLD: Purpose.HOLD,
    ItemKind.CAPTURE: Purpose.REDEEM,
    ItemKind.RELEASE: Purpose.RELEASE,
    ItemKind.GRANT: Purpose.GRANT,
    ItemKind.DEDUCT: Purpose.DEDUCT,
}
FLAGS: dict[str, Promise] = {
    "refund_above_order": gettext_lazy("More was given back than was paid. The surplus takes no points back."),
}
"""What a person should see about an event, by the code of its flag."""


def fact_title(fact: FactView) -> tuple[str, str, str]:
    """The icon, the tone and the name of something that happened."""
    icon, tone, label = FACTS.get(fact.kind, FACTS[custom.CODE])
    if fact.kind == custom.CODE and fact.body.get("event"):
        event = str(fact.body["event"])
        if (known := EVENTS.get(event)) is not None:
            said = known.said(reader.language())
            return icon, tone, said[:1].upper() + said[1:]
        return icon, tone, event
    number = fact.key if fact.kind == order_completed.CODE else fact.subject or fact.body.get("contract", "")
    return icon, tone, str(label) % {"number": number}


def fact_details(fact: FactView, order: FactView | None, words: Wording) -> list[str]:
    """Where it happened and what it was about."""
    found = []
    if store := words.stores.get(fact.store_id or 0):
        found.append(store)
    if fact.kind == order_completed.CODE:
        if fact.body.get("channel") == "online":
            found.append(_("online"))
        found += _goods([(str(line[1]), line[2]) for line in fact.body["lines"]], words)
    elif fact.kind == order_refunded.CODE and order is not None:
        skus = {str(line[0]): str(line[1]) for line in order.body["lines"]}
        found += _goods([(skus.get(str(line[0]), ""), 1) for line in fact.body.get("lines", ())], words)
    elif fact.kind in (product_viewed.CODE, product_reviewed.CODE):
        sku = str(fact.body.get("product") or "")
        found += [words.products.get(sku) or sku] if sku else []
        if stars := fact.body.get("stars"):
            found.append("★" * int(stars))
    return [one for one in found if one]


def command_title(command: CommandView, unit: Counted | None = None) -> tuple[str, str]:
    """The icon and the name of a command; `unit` is the currency of the programme's own that it moved."""
    if command.reward is not None:
        return ("gift", _("Reward claimed")) if command.kind == ItemKind.REDEEM else ("undo-2", _("Reward given back"))
    icon, label = COMMANDS[command.kind]
    if unit is not None and command.kind in PURPOSES:
        # The same two or three words as the entry under it has, and not 'points'.
        words = TITLES[PURPOSES[command.kind]][not reader.is_zh()]
        return icon, f"{words} · {unit.name.said(reader.language())}"
    return icon, str(label)


def command_details(command: CommandView, words: Wording) -> list[str]:
    """What it was for and who did it."""
    reward = command.reward.said(reader.language()) if command.reward else ""
    return [one for one in (reward, command.note, words.people.get(command.actor, "")) if one]


def entry_title(entry: Entry, words: Wording, policies: Policies | None) -> str:
    """What an entry is, without the order or command above it; growth and other currencies than points are named."""
    told = reasons.name(entry, words, policies)
    if entry.currency == Currency.POINTS:
        return told
    if entry.currency == Currency.GROWTH:
        growth_from = policies.at(entry.at).growth_from if policies is not None else growth_words.SPEND
        return f"{told} · {growth_words.growth_name(growth_from).said(words.language)}"
    return f"{told} · {reasons.meant(entry, words, policies).unit.name.said(words.language)}"


def _goods(goods: list[tuple[str, object]], words: Wording) -> list[str]:
    """The first few goods by name, with how many; goods that nobody named are left out."""
    named = [(words.products.get(sku) or sku, how_many) for sku, how_many in goods if sku]
    shown = [name if str(how_many) == "1" else f"{name} × {how_many}" for name, how_many in named[:MOST_GOODS]]
    if len(named) > MOST_GOODS:
        shown.append(_("and %(n)s more") % {"n": len(named) - MOST_GOODS})
    return [", ".join(shown) if not reader.is_zh() else "、".join(shown)] if shown else []
