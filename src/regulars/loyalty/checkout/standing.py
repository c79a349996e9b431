"""Where somebody stands before a basket, asked in one journey to the database."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.ledger import queries as ledger
from regulars.loyalty import queries as loyalty
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.coupons.rules import Promise
from regulars.loyalty.earning.rules import Used
from regulars.loyalty.queries import Standing


@dataclass(frozen=True, slots=True)
class Stand:
    """The fold's standing with what was used of earning limits, points to spend and held, coupons that can be used."""

    standing: Standing
    used: Used
    spendable: int
    held: int
    promises: list[Promise]


def stand_of(customer_id: int, *, at: datetime) -> Stand | None:
    """Where a customer stands by what is kept; None where nothing is, or others are merged with them."""
    with bulk.pipeline(connection):
        standing = loyalty.ask_stands_alone(customer_id)
        points = ledger.ask_spendable(customer_id, at=at)
        promises = coupons.ask_usable([customer_id], at=at)
    if (stood := standing()) is None:
        return None
    return Stand(*stood, *points(), promises())
