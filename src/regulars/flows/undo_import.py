"""Undo an import, customer by customer, by reversals."""

from collections.abc import Generator
from datetime import datetime

from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts import actions as facts
from regulars.facts import queries as fact_queries
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty import queries as loyalty_queries
from regulars.loyalty.benefits import actions as benefits
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.rules import Policies

BATCH = 500


def undo_import(*, import_id: int, policies: Policies, actor: str, at: datetime) -> Generator[int, None, None]:
    """Take back everything an import told; yields how many facts are taken back so far. Can resume."""
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="undoing", allowed=["done", "undoing"]))
    done = 0
    while identities := fact_queries.identities_of_import(import_id, most=BATCH):

        def once(batch: list[int | None] = identities) -> int:
            who = customers.lock([identity for identity in batch if identity is not None])
            taken = facts.retract(import_id=import_id, identity_ids=batch, at=at)
            groups = {canonical for _, canonical in who.values()}
            loyalty.fold_again(canonical_ids=groups, policies=policies, at=at)
            left = fact_queries.without_facts(list(customer_queries.members(groups)))
            customers.hide(customer_ids=loyalty_queries.without_commands(left))
            return taken

        done += again_if_contended(once)
        yield done

    def finish() -> None:
        coupons.undo_import(import_id=import_id, at=at)
        benefits.undo_import(import_id=import_id, policies=policies, at=at)
        facts.move_to(import_id=import_id, status="undone", allowed=["undoing"], at=at, actor=actor)

    again_if_contended(finish)
