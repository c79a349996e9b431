"""Reading claims of rewards, and what the claims of each came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons.offers import name_of
from regulars.loyalty.rewards.refusals import NoClaim
from regulars.loyalty.rewards.rules import Claim, RewardKind
from regulars.loyalty.rules import ItemKind

CLAIM = """
SELECT k.id, k.reward_id, r.code, v.names ->> 'zh', v.names ->> 'en', v.kind, k.customer_id, k.points, v.worth_minor,
       k.command_id, k.spendable, coalesce(k.code, ''), k.coupon_id, coalesce(c.code, ''), coalesce(s.code, ''),
       v.stores, k.at, k.collect_by, k.actor, k.collected_at, k.collected_by, coalesce(t.code, ''), k.ended_at,
       k.ended_by, k.ended_why, v.currency, k.digest, k.collected_key
FROM loyalty_rewardclaim k JOIN loyalty_reward r ON r.id = k.reward_id
JOIN loyalty_rewardversion v ON v.id = k.version_id
LEFT JOIN loyalty_coupon c ON c.id = k.coupon_id LEFT JOIN catalogue_store s ON s.id = k.store_id
LEFT JOIN catalogue_store t ON t.id = k.collected_store_id
"""
WAITING = "k.ended_at IS NULL AND k.collected_at IS NULL AND k.code IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Kept:
    """A claim with what tells its request from others, and the key with which it was collected, '' if it was not."""

    claim: Claim
    digest: bytes
    collected_key: str


def of_key(key: str) -> Kept | None:
    """The claim that was made with this key."""
    found = _kept("WHERE k.key = %s", [key])
    return found[0] if found else None


def of_id(claim_id: int) -> Kept:
    """One claim.

    Raises:
        NoClaim: There is none.
    """
    found = _kept("WHERE k.id = %s", [claim_id])
    if not found:
        raise NoClaim("There is no such claim of a reward.")
    return found[0]


def collected_with(key: str) -> int | None:
    """Id of the claim that was collected with this key."""
    rows = bulk.run(
        connection, "SELECT id FROM loyalty_rewardclaim WHERE collected_key = %s AND collected_key <> ''", [key]
    )
    return rows[0][0] if rows else None


def of_customers(customer_ids: Sequence[int], *, most: int = 100) -> list[Claim]:
    """A customer's claims, the latest first.

    Args:
        customer_ids: Everybody in the customer's group, since claims stay with whom they were made by.
    """
    where = "WHERE k.customer_id = ANY(%b::bigint[]) ORDER BY k.at DESC, k.id DESC LIMIT %s"
    return [one.claim for one in _kept(where, [bulk.Column("bigint", list(customer_ids)), most])]


def page(*, most: int, before: int | None = None, reward_id: int | None = None, waiting: bool = False) -> list[Claim]:
    """A page of claims, the latest first: of all rewards or of one, all or those that wait to be collected.

    Args:
        before: Id of the last one shown.
    """
    where = f"""WHERE (%s::bigint IS NULL OR k.id < %s) AND (%s::bigint IS NULL OR k.reward_id = %s)
                {"AND " + WAITING if waiting else ""} ORDER BY k.id DESC LIMIT %s"""
    return [one.claim for one in _kept(where, [before, before, reward_id, reward_id, most])]


def collected_by(actor: str, *, since: datetime, most: int) -> list[Claim]:
    """What somebody handed over since then, the latest first."""
    where = "WHERE k.collected_by = %s AND k.collected_at >= %s ORDER BY k.collected_at DESC, k.id DESC LIMIT %s"
    return [one.claim for one in _kept(where, [actor, since, most])]


def had(customer_ids: Sequence[int]) -> dict[int, list[date]]:
    """reward id → business days of the claims of these customers that stand."""
    rows = bulk.run(
        connection,
        """SELECT reward_id, business_date FROM loyalty_rewardclaim
           WHERE customer_id = ANY(%b::bigint[]) AND ended_at IS NULL""",
        [bulk.Column("bigint", list(customer_ids))],
    )
    found: dict[int, list[date]] = {}
    for reward_id, day in rows:
        found.setdefault(reward_id, []).append(day)
    return found


def over(*, at: datetime, most: int, customer_ids: Sequence[int] | None = None) -> list[int]:
    """Ids of claims that were not collected in time, the first to be over first; of all, or of these customers."""
    rows = bulk.run(
        connection,
        f"""SELECT k.id FROM loyalty_rewardclaim k WHERE k.collect_by <= %s AND {WAITING}
            AND (%s OR k.customer_id = ANY(%b::bigint[])) ORDER BY k.collect_by, k.id LIMIT %s""",
        [at, customer_ids is None, bulk.Column("bigint", list(customer_ids or ())), most],
    )
    return [row[0] for row in rows]


def rewards_of(claim_ids: Sequence[int]) -> set[int]:
    """Ids of the rewards that these claims are of."""
    rows = bulk.run(
        connection,
        "SELECT DISTINCT reward_id FROM loyalty_rewardclaim WHERE id = ANY(%b::bigint[])",
        [bulk.Column("bigint", list(claim_ids))],
    )
    return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a reward's claims: how many stand, wait, were collected, gave a coupon, or ended.

    `points` were spent on those that stand, what was paid in other currencies left out; `cost_minor` is what these cost
    the shop, at the worth of their time.
    """

    standing: int = 0
    waiting: int = 0
    collected: int = 0
    issued: int = 0
    ended: int = 0
    points: int = 0
    cost_minor: int = 0


TALLIES = f"""
SELECT k.reward_id, count(*) FILTER (WHERE k.ended_at IS NULL), count(*) FILTER (WHERE {WAITING}),
       count(k.collected_at), count(*) FILTER (WHERE k.ended_at IS NULL AND k.code IS NULL), count(k.ended_at),
       coalesce(sum(k.points) FILTER (WHERE k.ended_at IS NULL AND v.currency = 'points'), 0)::bigint,
       coalesce(sum(v.worth_minor) FILTER (WHERE k.ended_at IS NULL), 0)::bigint
FROM loyalty_rewardclaim k JOIN loyalty_rewardversion v ON v.id = k.version_id
WHERE %s::timestamptz IS NULL OR k.at >= %s GROUP BY 1
"""


def tallies(*, since: datetime | None = None) -> dict[int, Tally]:
    """reward id → what came of its claims, of all or of those made since then; one without claims is left out."""
    return {row[0]: Tally(*row[1:]) for row in bulk.run(connection, TALLIES, [since, since])}


STOCK = """
SELECT r.id, r.code, v.stock, count(k.id) FILTER (WHERE k.ended_at IS NULL) FROM loyalty_reward r
JOIN loyalty_rewardversion v ON v.reward_id = r.id
  AND v.number = (SELECT max(w.number) FROM loyalty_rewardversion w WHERE w.reward_id = r.id)
LEFT JOIN loyalty_rewardclaim k ON k.reward_id = r.id GROUP BY 1, 2, 3 ORDER BY 1
"""
# What was given back of a redemption is the sum of its reversals: all of it once the claim ended, and nothing before.
POINTS = f"""
SELECT k.id, k.points, c.kind, c.amount, k.ended_at IS NOT NULL, coalesce(b.amount, 0)::bigint
FROM loyalty_rewardclaim k JOIN loyalty_command c ON c.id = k.command_id
LEFT JOIN (SELECT refers_to_id, sum(amount) AS amount FROM loyalty_command WHERE kind = {ItemKind.REVERSE}
           GROUP BY 1) b ON b.refers_to_id = k.command_id
WHERE c.kind <> {ItemKind.REDEEM} OR c.amount <> k.points
   OR coalesce(b.amount, 0) <> CASE WHEN k.ended_at IS NULL THEN 0 ELSE k.points END ORDER BY k.id
"""


def differences() -> tuple[list[str], Mapping[str, int]]:
    """Where claims disagree with their count or with their points, in words, and how much was checked.

    As many claims stand as `limits` counts, never more than there are, and each took its price once: a claim that
    ended gave all of it back, and one that stands nothing.
    """
    counted, found, claims = limits.kept(Kind.REWARD_STOCK), [], 0
    rows = bulk.run(connection, STOCK)
    for reward_id, code, stock, stand in rows:
        claims += stand
        if stock is not None and stand > stock:
            found.append(f"reward {code}: {stand} claims stand, and there are {stock}")
        if (kept := counted.pop(reward_id, 0)) != stand:
            found.append(f"reward {code}: {stand} claims stand, and {kept} are counted")
    found += [f"reward {one}: it is not there, and {kept} are counted" for one, kept in sorted(counted.items()) if kept]
    for claim_id, points, _kind, amount, ended, back in bulk.run(connection, POINTS):
        state = "it ended" if ended else "it stands"
        found.append(f"claim {claim_id}: {amount} points were taken for {points}, {back} given back, and {state}")
    return found, {"rewards": len(rows), "claims": claims}


def _kept(where: str, parameters: Sequence[Any]) -> list[Kept]:
    rows = bulk.run(connection, f"{CLAIM} {where}", parameters)
    return [Kept(_claim(row), bytes(row[26]), row[27]) for row in rows]


def _claim(row: Sequence[Any]) -> Claim:
    values = [*row[:3], name_of(row[3:5]), RewardKind(row[5]), *row[6:15], tuple(row[15]), *row[16:26]]
    return Claim(*values)
