"""Command points: redeem, hold, capture, release, reverse, grant or deduct, decided under the customer's lock."""

from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.loyalty import actions as loyalty
from regulars.loyalty.currencies import POINTS
from regulars.loyalty.rules import ItemKind, Policies


def command_points(
    *,
    kind: ItemKind,
    customer_id: int,
    amount: int,
    key: str,
    at: datetime,
    policies: Policies,
    refers_to: int | None = None,
    actor: str = "",
    note: str = "",
    currency: int = POINTS,
) -> loyalty.Receipt:
    """Decide one command and post it; the same key and command again gives the same receipt."""
    return again_if_contended(
        lambda: loyalty.decide(
            kind=kind, customer_id=customer_id, amount=amount, key=key, at=at, policies=policies,
            refers_to=refers_to, actor=actor, note=note, currency=currency,
        )
    )  # fmt: skip
