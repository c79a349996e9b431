"""Entries of the ledger with what they come from, so that each can be explained in sentences."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue import queries as catalogue
from regulars.customers import queries as customers
from regulars.facts import figures as facts
from regulars.facts.figures import FactView
from regulars.ledger.rules import OriginKind
from regulars.ledger.statements import Entry
from regulars.loyalty import queries, reasons, traces
from regulars.loyalty.earning.rules import Earning
from regulars.loyalty.queries import CommandView
from regulars.loyalty.reasons import Wording
from regulars.loyalty.rules import Policies


@dataclass(slots=True)
class Origins:
    """What entries come from, by id, with the orders that refunds are about and the traces of what was earned."""

    facts: dict[int, FactView]
    commands: dict[int, CommandView]
    orders: dict[tuple[str, str], FactView] = field(default_factory=dict)
    earnings: dict[int, Earning] = field(default_factory=dict)

    def find_orders(self) -> None:
        """Look up the orders that refunds are about."""
        self.orders = facts.orders_of(self.facts.values())

    def trace(self, customer_ids: Iterable[int], policies: Policies | None) -> None:
        """Find out which rules gave what for these customers' facts, where there were rules."""
        if policies is not None:
            self.earnings = traces.earnings(customer_ids, policies, [f.occurred_at for f in self.facts.values()])

    def of(self, entry: Entry) -> FactView | CommandView | None:
        """Where an entry comes from."""
        return (self.facts if entry.origin_kind == OriginKind.FACT else self.commands).get(entry.origin_id)


def origins_of(entries: Collection[Entry]) -> Origins:
    """What these entries come from, without orders and traces yet."""
    fact_ids, command_ids = reasons.origins_of(entries)
    return Origins(facts.by_ids(sorted(fact_ids)), queries.commands_by_ids(sorted(command_ids)))


def full_wording(
    language: str, currency: str, zone: ZoneInfo, origins: Origins, people: Mapping[str, str] | None = None
) -> Wording:
    """How reasons are written, with the names of stores and goods that these origins mention; people are brought."""
    bodies = [fact.body for fact in (*origins.facts.values(), *origins.orders.values())]
    skus = {str(line[1]) for body in bodies for line in body.get("lines", ()) if len(line) == 4}
    products = catalogue.product_names(skus) if skus else {}
    return Wording(language, currency, zone, catalogue.store_names(), products, people or {})


def explain(
    entry: Entry, origins: Origins, policies: Policies | None, words: Wording, regrouped: set[datetime]
) -> list[str]:
    """Why an entry is there, in sentences."""
    if policies is None:
        return []
    origin = origins.of(entry)
    order = None
    if isinstance(origin, FactView) and origin.subject:
        order = origins.orders.get((origin.source, origin.subject))
    earning = origins.earnings.get(origin.id) if isinstance(origin, FactView) else None
    return reasons.why(
        entry, origin, policies=policies, wording=words, order=order, regrouped_at=regrouped, earning=earning
    )


def regrouped_at(customer_ids: Iterable[int]) -> set[datetime]:
    """When any of these customers were merged or parted."""
    merges = customers.merges_of(customer_ids)
    return {at for merge in merges for at in (merge.merged_at, merge.undone_at) if at is not None}
