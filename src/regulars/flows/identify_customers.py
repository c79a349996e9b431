"""Identify customers: what an app or a till says about people, linked to whoever they already are."""

from collections.abc import Sequence
from datetime import datetime

from regulars.customers import actions as customers
from regulars.flows.transactions import again_if_contended


def identify_customers(*, arrivals: Sequence[customers.Arrival], at: datetime) -> None:
    """Link identities and fill empty profile fields, all of them or none; what is known already writes nothing."""
    again_if_contended(lambda: customers.identify(arrivals=arrivals, at=at))
