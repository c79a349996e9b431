"""Post a checked import in batches that can resume; undo one, customer by customer, by reversals."""

from collections import Counter
from collections.abc import Generator
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue import actions as catalogue
from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts import actions as facts
from regulars.facts import queries as fact_queries
from regulars.flows.record_facts import record_facts
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty import queries as loyalty_queries
from regulars.loyalty.rules import Policies

BATCH = 5000
UNDO_BATCH = 500


def post_import(*, import_id: int, policies: Policies, zone: ZoneInfo, at: datetime) -> Generator[int, None, None]:
    """Post the staged facts of an import, from where it stopped; yields how many are posted so far."""
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="posting", allowed=["ready", "posting"]))
    catalogue.describe_products(facts.staged_products(import_id))
    position = fact_queries.import_progress(import_id).posted
    while batch := facts.staged_batch(import_id=import_id, position=position, most=BATCH):
        position += len(batch)

        def also(answers: list[facts.Answer], posted: int = position) -> None:
            outcome = Counter(answer.outcome.name.lower() for answer in answers)
            facts.advance(import_id=import_id, posted=posted, outcome=outcome)

        record_facts(facts=batch, policies=policies, zone=zone, at=at, import_id=import_id, also=also)
        yield position
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="done", allowed=["posting"], at=at))


def undo_import(*, import_id: int, policies: Policies, actor: str, at: datetime) -> Generator[int, None, None]:
    """Take back everything an import told; yields how many facts are taken back so far. Can resume."""
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="undoing", allowed=["done", "undoing"]))
    done = 0
    while identities := fact_queries.identities_of_import(import_id, most=UNDO_BATCH):

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
    again_if_contended(
        lambda: facts.move_to(import_id=import_id, status="undone", allowed=["undoing"], at=at, actor=actor)
    )
