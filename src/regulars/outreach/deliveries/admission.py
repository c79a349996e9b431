"""The last look before a message leaves: consent, address, frequency cap, coupon. Whole batches in one transaction.

The lock of a customer is taken before anything is read about them, and everybody who merges customers takes it too: two
messages of one campaign to one person, known by two names until today, cannot pass each other here.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import zone
from regulars.customers import actions as customers
from regulars.customers import consents
from regulars.customers import queries as customer_queries
from regulars.limits import actions as limits
from regulars.limits import queries as limit_queries
from regulars.limits.rules import Kind, Limit, Take
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.actions import NewCoupon, OfferArchived
from regulars.outreach.campaigns.rules import coupon_prefix
from regulars.outreach.deliveries.filling import Wanted, fill_many
from regulars.outreach.deliveries.rules import Claimed, Ready, Suppressed, chosen_language, links_in
from regulars.outreach.queries import settings
from regulars.outreach.rules import OutreachSettings
from regulars.staff.rules import BusinessProfile

# Another message of the campaign for the same group: one that went, or may have, or waits and came first. First whom it
# is about, then what they got: the other way round every message of the campaign would be looked at.
SAME_PERSON = f"""
WITH people AS MATERIALIZED (
  SELECT n.id, n.campaign, m.id AS member
  FROM {bulk.unnest("bigint", "bigint", "bigint")} AS n (id, campaign, canonical)
  JOIN customers_customer m ON m.canonical_id = n.canonical
)
SELECT DISTINCT p.id FROM people p
JOIN outreach_delivery d ON (d.campaign_id, d.customer_id) = (p.campaign, p.member) AND d.id <> p.id
WHERE d.state IN ('sending', 'shown', 'sent', 'unknown') OR (d.state = 'queued' AND d.id < p.id)
"""
ADMIT = f"""
UPDATE outreach_delivery d SET admitted_at = n.at, token = coalesce(d.token, gen_random_uuid()),
  language = n.language, identity_id = n.identity, coupon_id = n.coupon, state = %s, not_before = NULL,
  claim = CASE WHEN %s = 'queued' THEN d.claim END
FROM {bulk.unnest("bigint", "timestamptz", "text", "bigint", "bigint")} AS n (id, at, language, identity, coupon)
WHERE d.id = n.id RETURNING d.id, d.token
"""
SUPPRESS = f"""
UPDATE outreach_delivery d SET state = 'suppressed', reason = n.reason, numbers = n.numbers::jsonb, ended_at = %s,
  claim = NULL, not_before = NULL
FROM {bulk.unnest("bigint", "text", "text")} AS n (id, reason, numbers) WHERE d.id = n.id
"""


class Held(NamedTuple):
    """What an admitted delivery holds: a place under the cap since `admitted_at`, and perhaps a coupon."""

    customer_id: int
    purpose: str
    admitted_at: datetime
    coupon_id: int | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a batch came to."""

    ready: tuple[Ready, ...]
    suppressed: int


@dataclass(slots=True)
class _Batch:
    """What is known while a batch is looked at: who stands for whose group, and who else belongs to it."""

    claimed: Sequence[Claimed]
    owners: Mapping[int, int]
    others: Mapping[int, list[int]]
    business: BusinessProfile
    rules: OutreachSettings
    at: datetime
    refused: dict[int, Suppressed] = field(default_factory=dict)
    addresses: dict[int, consents.Address] = field(default_factory=dict)
    languages: dict[int, str] = field(default_factory=dict)

    def left(self) -> list[Claimed]:
        """Those that nothing speaks against yet."""
        return [one for one in self.claimed if one.id not in self.refused]

    def owner(self, one: Claimed) -> int:
        """Who stands for the customer's group."""
        return self.owners.get(one.customer_id, one.customer_id)


def admit(
    claimed: Sequence[Claimed], *, channel: str, business: BusinessProfile, at: datetime, state: str = "queued"
) -> Admitted:
    """Look at deliveries for the last time; in the transaction that claimed them.

    Args:
        state: 'shown' for a channel that people work by hand, where a message counts as out once somebody sees it.
    Raises:
        Contended: Customers were merged at this moment; the whole transaction may run again.
    """
    if not claimed:
        return Admitted((), 0)
    owners = customers.lock_groups(sorted({one.customer_id for one in claimed}))
    batch = _Batch(claimed, owners, _others(owners), business, settings(), at)
    _look_at_people(batch, channel)
    _look_for_twins(batch)
    held = {one.id: _held(batch, one) for one in claimed if one.admitted_at is not None}
    _take_caps(batch, held)
    coupon_ids = _issue(batch)
    ready = _fill(batch, coupon_ids, held)
    rows = [(key, why.reason, json.dumps(why.numbers) if why.numbers else None) for key, why in batch.refused.items()]
    if rows:
        bulk.run(connection, SUPPRESS, [at, *bulk.columns(sorted(rows), ("bigint", "text", "text"))])
        give_back([held[key] for key in batch.refused if key in held], at=at)
    return Admitted(_written(ready, coupon_ids, state), len(batch.refused))


def give_back(held: Sequence[Held], *, at: datetime) -> None:
    """Free places under the cap, and take back coupons, of messages that did not go out after all."""
    if not held:
        return
    cap = _cap(settings(), 0)
    by_moment: dict[datetime, list[Take]] = {}
    for one in held:
        if one.purpose == consents.PROMOTION:
            by_moment.setdefault(one.admitted_at, []).append(Take(cap, one.customer_id))
    for moment, takes in by_moment.items():
        limits.give_back(takes, taken_at=moment)
    if issued := [one.coupon_id for one in held if one.coupon_id is not None]:
        coupons.void(coupon_ids=issued, actor="", at=at)


def _others(owners: Mapping[int, int]) -> dict[int, list[int]]:
    """Who stands for a group → the others in it; most people are known by one name only."""
    found: dict[int, list[int]] = {}
    for member, owner in customer_queries.members(set(owners.values())).items():
        if member != owner:
            found.setdefault(owner, []).append(member)
    return found


def _look_at_people(batch: _Batch, channel: str) -> None:
    """Whether somebody is still there, has an address and allows it; a promotion asks for more than a notice."""
    who = sorted(set(batch.owners.values()))
    there = consents.present(who)
    batch.addresses = consents.addresses(who, channel)
    chosen = consents.languages(who)
    # Whatever was said last, also if its date lies ahead of our clock: it is asked in the same way before the call.
    refused = {purpose: consents.refusals(who, purpose, channel) for purpose in {one.purpose for one in batch.claimed}}
    for one in batch.claimed:
        owner = batch.owner(one)
        language = chosen_language(one.content, chosen.get(owner, ""), one.language, batch.business.language)
        batch.languages[one.id] = language
        if owner not in there:
            batch.refused[one.id] = Suppressed("gone")
        elif owner not in batch.addresses:
            batch.refused[one.id] = Suppressed("no_address")
        elif reason := refused[one.purpose].get(owner) or ("" if language else "no_words"):
            batch.refused[one.id] = Suppressed(reason)


def _look_for_twins(batch: _Batch) -> None:
    rows = [
        (one.id, one.campaign_id, owner)
        for one in batch.left()
        if one.campaign_id is not None and (owner := batch.owner(one)) in batch.others
    ]
    if rows:
        for (found,) in bulk.run(connection, SAME_PERSON, bulk.columns(rows, ("bigint", "bigint", "bigint"))):
            batch.refused[found] = Suppressed("same_person")


def _take_caps(batch: _Batch, held: dict[int, Held]) -> None:
    """Take a place under the frequency cap for each promotion that holds none yet.

    What other names of the same person had counts as well, so it lowers how much there is for the group.
    """
    rules = batch.rules
    asking = [one for one in batch.left() if one.purpose == consents.PROMOTION and one.id not in held]
    who = {member: owner for owner in map(batch.owner, asking) for member in batch.others.get(owner, ())}
    had = limit_queries.had(Kind.MESSAGES, list(who), at=batch.at, window=rules.cap_window) if who else {}
    before = Counter[int]()
    for member, messages in had.items():
        before[who[member]] += messages
    takes = [Take(_cap(rules, max(0, rules.cap_most - before[owner])), owner) for owner in map(batch.owner, asking)]
    for one, fits in zip(asking, limits.take(takes, at=batch.at), strict=True):
        if fits:
            held[one.id] = Held(batch.owner(one), one.purpose, batch.at, None)
        else:
            numbers = {"most": rules.cap_most, "days": rules.cap_days, "had": rules.cap_most}
            batch.refused[one.id] = Suppressed("frequency_cap", numbers)


def _issue(batch: _Batch) -> dict[int, int | None]:
    """The coupon of each delivery; its key is the delivery, so that however often this runs there is one."""
    in_zone = zone(batch.business.time_zone)
    found: dict[int, int | None] = {one.id: one.coupon_id for one in batch.left()}
    wanted: dict[tuple[int, int | None], list[Claimed]] = {}
    for one in batch.left():
        if one.offer_id is not None and one.coupon_id is None:
            wanted.setdefault((one.offer_id, one.offer_version), []).append(one)
    for (offer_id, version), some in wanted.items():
        keys = {one.id: _coupon_key(one) for one in some}
        asked = [NewCoupon(keys[one.id], batch.owner(one)) for one in some]
        try:
            issued = coupons.issue_many(offer_id=offer_id, version=version, wanted=asked, zone=in_zone, at=batch.at)
        except OfferArchived:
            batch.refused |= {one.id: Suppressed("offer_archived") for one in some}
            continue
        found |= {key: issued[keys[key]].coupon_id for key in keys}
    return found


def _coupon_key(one: Claimed) -> str:
    """What a delivery's coupon is issued for; those of a campaign are found by how their keys begin."""
    return f"delivery:{one.id}" if one.campaign_id is None else f"{coupon_prefix(one.campaign_id)}{one.id}"


def _fill(batch: _Batch, coupon_ids: Mapping[int, int | None], held: dict[int, Held]) -> list[Ready]:
    left = batch.left()
    filled = fill_many(
        [Wanted(one.id, batch.owner(one), batch.languages[one.id], one.content, coupon_ids[one.id]) for one in left],
        business=batch.business,
        at=batch.at,
    )
    ready = []
    for one in left:
        if one.id not in filled:
            batch.refused[one.id] = Suppressed("no_words")
            continue
        said, owner, language = filled[one.id], batch.owner(one), batch.languages[one.id]
        address = batch.addresses[owner]
        admitted_at = held[one.id].admitted_at if one.id in held else batch.at
        ready.append(
            Ready(
                one.id, one.campaign_id, owner, one.purpose, language, one.tries, admitted_at, None,
                address.identity_id, address.value, said.subject, said.body, said.code,
                links_in(one.content[language]["body"]), coupon_ids[one.id],
            )
        )  # fmt: skip
    return ready


def _written(ready: Sequence[Ready], coupon_ids: Mapping[int, int | None], state: str) -> tuple[Ready, ...]:
    rows = sorted((one.id, one.admitted_at, one.language, one.identity_id, coupon_ids[one.id]) for one in ready)
    columns = bulk.columns(rows, ("bigint", "timestamptz", "text", "bigint", "bigint"))
    tokens = dict(bulk.run(connection, ADMIT, [state, state, *columns])) if rows else {}
    return tuple(replace(one, token=tokens[one.id]) for one in ready)


def _held(batch: _Batch, one: Claimed) -> Held:
    assert one.admitted_at is not None
    return Held(batch.owner(one), one.purpose, one.admitted_at, one.coupon_id)


def _cap(rules: OutreachSettings, most: int) -> Limit:
    return Limit(Kind.MESSAGES, most, rules.cap_window)
