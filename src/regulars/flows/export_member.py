"""Export a member: all that is kept about one person, for them to read and to take along."""

from datetime import datetime

from regulars.customers import consents
from regulars.customers import queries as customers
from regulars.customers.cards import actions as cards
from regulars.customers.cards import queries as scans
from regulars.customers.enrolling import queries as members
from regulars.customers.signing_in import queries as sessions
from regulars.customers.told import Told, section
from regulars.facts import figures as facts
from regulars.insight.segments.queries import memberships
from regulars.insight.tags.queries import tags_of
from regulars.ledger import statements as ledger
from regulars.loyalty import queries as loyalty
from regulars.loyalty import tier_grants_view
from regulars.loyalty.benefits import queries as benefits
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards import queries as rewards
from regulars.outreach.deliveries import queries as messages

MOST = 100_000
"""More rows of one kind than anybody has."""


def export_member(*, customer_id: int, at: datetime) -> Told:
    """Everything about a customer's whole group, section by section.

    Args:
        customer_id: Who stands for the group.
    """
    group = consents.group(customer_id)
    card_ids = [cards.open_card(customer_id=customer_id, at=at)]
    return Told(
        number_of(customer_id),
        at,
        (
            section("profile", [customers.profile(customer_id)]),
            section("membership", [members.joined(customer_id)]),
            section("consents", consents.history(customer_id, most=MOST)),
            section("unreachable_addresses", consents.troubles(customer_id)),
            section("devices", sessions.devices(customer_id, at=at)),
            section("card_scans", [{"at": when, "by": by} for when, by in scans.uses(card_ids, most=MOST)]),
            section("orders_and_events", facts.of_customer(customer_id, most=MOST)),
            section("balances", [{"currency": number, "balance": balance} for number, balance in
                                 ledger.balances_by_currency([customer_id], at=at)[customer_id].items()]),
            section("entries", ledger.statement(customer_id, most=MOST)),
            section("corrections_by_hand_and_redemptions", loyalty.commands_of(customer_id, most=MOST)),
            section("tiers", loyalty.tier_intervals([customer_id]).get(customer_id, [])),
            section("given_tiers", tier_grants_view.grants_of(customer_id)),
            section("coupons", coupons.of_customer(group, most=MOST)),
            section("rewards", rewards.of_customers(group, most=MOST)),
            section("benefits_used", benefits.uses_of(customer_id, most=MOST)),
            section("messages", messages.of_customer(group, most=MOST)),
            section("segments", memberships(customer_id, past=True)),
            section("tags", tags_of(customer_id, at=at)),
        ),
    )  # fmt: skip
