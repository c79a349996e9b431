"""Claim rewards: what a customer can have, the claim, handing it over, giving it back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.catalogue.actions import ensure_stores
from regulars.catalogue.queries import store_codes
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments.queries import memberships, segments
from regulars.loyalty.coupons.offers import name_of
from regulars.loyalty.coupons.rules import Guesser
from regulars.loyalty.rewards import actions, choosing
from regulars.loyalty.rewards.rules import Ask, Claim
from regulars.loyalty.rewards.words import Names
from regulars.loyalty.rules import Policies


def choices(*, customer_id: int, policies: Policies, at: datetime, store: str | None = None) -> choosing.Choices:
    """Every reward in use for a customer (who stands for the group), with why not where they cannot have it."""
    return choosing.choices(customer_id, segments=_segments(customer_id), policies=policies, at=at, store=store)


def claim(*, ask: Ask, policies: Policies, zone: ZoneInfo, at: datetime) -> Claim:
    """Claim a reward for points; the same key and request again gives the same answer."""
    among, stores = _segments(ask.customer_id), ensure_stores([ask.store] if ask.store else [])
    return again_if_contended(
        lambda: actions.claim(
            ask=ask, segments=among, store_id=stores.get(ask.store), policies=policies, zone=zone, at=at
        )
    )


def cancel(*, claim_id: int, policies: Policies, zone: ZoneInfo, actor: str, at: datetime) -> Claim:
    """Give the points back; cancelled once, however often it is asked."""
    return again_if_contended(
        lambda: actions.cancel(claim_id=claim_id, policies=policies, zone=zone, actor=actor, at=at)
    )


def collect(
    *, code: str, guesser: Guesser, key: str, store: str, zone: ZoneInfo, actor: str, at: datetime
) -> Claim:  # fmt: skip
    """Hand over what a code stands for, once: it is looked up where guesses are counted."""
    claim_id = actions.look_up(code=code, guesser=guesser, at=at)
    return collect_claim(claim_id=claim_id, key=key, store=store, zone=zone, actor=actor, at=at)


def collect_claim(
    *, claim_id: int, key: str, store: str, zone: ZoneInfo, actor: str, at: datetime
) -> Claim:  # fmt: skip
    """Hand over what somebody sees in a list; the same key again gives the same answer."""
    stores = ensure_stores([store] if store else [])
    return again_if_contended(
        lambda: actions.collect(
            claim_id=claim_id, key=key, store=store, store_id=stores.get(store), zone=zone, actor=actor, at=at
        )
    )


def put_back(*, claim_id: int) -> Claim:
    """Undo a handing over that did not happen; the claim waits again."""
    return again_if_contended(lambda: actions.put_back(claim_id=claim_id))


def names(*, policies: Policies, at: datetime) -> Names:
    """What tiers, segments and stores are called, for the words about rewards."""
    tiers = {tier.code: name_of((tier.names.get("zh"), tier.names.get("en"))) for tier in policies.at(at).tiers}
    among = {one.id: one.name for one in segments(archived=True)}
    return Names(tiers, among, store_codes(), policies.counted)


def _segments(customer_id: int) -> frozenset[int]:
    """Ids of the segments that a customer's group is in, as of the last picture."""
    return frozenset(one.segment_id for one in memberships(customer_id))
