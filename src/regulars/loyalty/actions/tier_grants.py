"""Giving a member a tier for some time, by hand or for money, and ending that before its time. Each is decided once."""

from datetime import date, datetime
from hashlib import blake2b

from django.db import IntegrityError

from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.facts.rules import KeyReused
from regulars.loyalty import queries, tier_grants_view
from regulars.loyalty.actions import rating
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.models import Command, TierGrant
from regulars.loyalty.rules import ItemKind, Policies
from regulars.loyalty.tier_grants_view import GrantView

LONGEST_REASON = 300
LAST_DAY = date(9990, 1, 1)
SOURCES = ("manual", "paid", "taken_over")


class UnknownTier(DomainError):
    """The programme has no tier of this code above its first one; `tiers` in the context names those that it has."""

    code = "unknown_tier"


class InvalidTierGrant(DomainError):
    """The days contradict themselves: a tier is given from today or later, to before a later day."""

    code = "invalid_tier_grant"


class UnknownTierGrant(DomainError):
    """No such given tier of this customer."""

    code = "unknown_tier_grant"


class TierGrantOver(DomainError):
    """The given tier was ended, or its days are over."""

    code = "tier_grant_over"


def grant_tier(
    *, customer_id: int, tier: str, until: date | None, key: str, at: datetime, policies: Policies,
    starts: date | None = None, source: str = "manual", reason: str = "", actor: str = "",
) -> GrantView:  # fmt: skip
    """Give a customer a tier. To be called inside a transaction.

    What their growth reaches stays as it is; on each day the higher of the two counts.

    Args:
        tier: Its code in the version that is live.
        starts: The first day; None: today.
        until: The first day on which it no longer counts; None: it has no end.
        key: The caller's own key: the same key and wish gives the same answer.
    Raises:
        KeyReused, UnknownCustomer, UnknownTier, InvalidTierGrant: As they say.
    """
    canonical_id = _lock(customer_id)
    digest = _digest(ItemKind.TIER, customer_id, tier, starts, until, source, reason)
    if (earlier := _earlier(key, digest)) is not None:
        return tier_grants_view.by_ids([earlier.pk])[earlier.pk]
    policy = policies.at(at)
    today = business_date(at, policy.zone)
    first = starts or today
    above = [one.code for one in policy.tiers[1:]]
    if tier not in above:
        raise UnknownTier(f"There is no tier {tier!r} to give; there are: {', '.join(above)}.", tiers=above)
    if first < today or (until is not None and until <= first) or max(first, until or first) > LAST_DAY:
        raise InvalidTierGrant("A tier is given from today or a later day, to before a day that lies behind that.")
    if source not in SOURCES or len(reason) > LONGEST_REASON:
        raise InvalidTierGrant(f"A tier is manual, paid or taken over, for a reason of up to {LONGEST_REASON} letters.")
    command = _keep(ItemKind.TIER, canonical_id, customer_id, key, digest, policies, at, actor, reason)
    TierGrant.objects.create(
        command=command, tier=tier, from_date=first, until_date=until, source=source, reason=reason
    )
    rating.fold_again(canonical_ids=[canonical_id], policies=policies, at=at)
    return tier_grants_view.by_ids([command.pk])[command.pk]


def end_tier(
    *, customer_id: int, grant_id: int, key: str, at: datetime, policies: Policies, reason: str = "", actor: str = ""
) -> GrantView:
    """End a given tier today, before its time. To be called inside a transaction.

    What was earned in it stays earned; from today on only what growth reaches counts.

    Raises:
        KeyReused, UnknownCustomer, UnknownTierGrant, TierGrantOver: As they say.
    """
    canonical_id = _lock(customer_id)
    digest = _digest(ItemKind.TIER_END, customer_id, grant_id, reason)
    if _earlier(key, digest) is not None:
        return tier_grants_view.by_ids([grant_id])[grant_id]
    found = next((one for one in tier_grants_view.grants_of(canonical_id) if one.id == grant_id), None)
    if found is None:
        raise UnknownTierGrant("This customer has no such given tier.")
    if found.ended is not None or not found.is_open(business_date(at, policies.at(at).zone)):
        raise TierGrantOver("This given tier is over already.")
    # It belongs to whoever got the tier: when a merge is undone, both must stay in one history.
    _keep(ItemKind.TIER_END, canonical_id, found.customer_id, key, digest, policies, at, actor, reason, grant_id)
    rating.fold_again(canonical_ids=[canonical_id], policies=policies, at=at)
    return tier_grants_view.by_ids([grant_id])[grant_id]


def _lock(customer_id: int) -> int:
    groups = customers.lock_groups([customer_id])
    if not groups:
        raise UnknownCustomer("No such customer.")
    return groups[customer_id]


def _digest(*told: object) -> bytes:
    return blake2b("|".join(str(one) for one in told).encode(), digest_size=16).digest()


def _earlier(key: str, digest: bytes) -> Command | None:
    """The command that this key was used for before, if any."""
    earlier = Command.objects.filter(key=key).first()
    if earlier is not None and bytes(earlier.digest) != digest:
        raise KeyReused(f"The key {key} was used for another command.")
    return earlier


def _keep(
    kind: ItemKind, canonical_id: int, customer_id: int, key: str, digest: bytes, policies: Policies, at: datetime,
    actor: str, note: str, refers_to: int | None = None,
) -> Command:  # fmt: skip
    """Write the command; it never stands before one that is posted already."""
    _, histories = queries.histories([canonical_id], policies)
    items = histories.get(canonical_id, [])
    then = max(at, items[-1].at) if items else at
    command = Command(
        kind=kind, customer_id=customer_id, key=key, digest=digest, amount=0, refers_to_id=refers_to, note=note,
        actor=actor, at=then, business_date=business_date(then, policies.at(then).zone), recorded_at=at,
    )  # fmt: skip
    try:
        command.save(force_insert=True)
    except IntegrityError as error:
        raise customers.Contended("The key was used for another customer at the same moment.") from error
    return command
