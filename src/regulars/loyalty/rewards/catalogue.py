"""Reading rewards: the catalogue as it stands, one reward, and what its terms were before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.limits import queries as limits
from regulars.limits.rules import Kind, Limit
from regulars.loyalty.coupons.offers import name_of
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards.refusals import NoReward
from regulars.loyalty.rewards.rules import Reward, RewardKind, Terms

EVERY_CLAIM: Final = Limit(Kind.REWARD_STOCK, 0)
TERMS = """
v.names ->> 'zh', v.names ->> 'en', v.kind, v.points, v.descriptions ->> 'zh', v.descriptions ->> 'en', v.offer_id,
v.worth_minor, v.stock, v.each_most, v.each_period, v.tiers, v.segments, v.stores, v.starts_on, v.ends_on,
v.collect_days, v.currency
"""
LATEST = "v.number = (SELECT max(w.number) FROM loyalty_rewardversion w WHERE w.reward_id = r.id)"
REWARD = f"""
SELECT r.id, r.code, v.id, v.number, r.paused_at, {TERMS}
FROM loyalty_reward r JOIN loyalty_rewardversion v ON v.reward_id = r.id AND {LATEST}
"""


@dataclass(frozen=True, slots=True)
class VersionView:
    """The terms of a reward from a moment on, and who wrote them."""

    number: int
    terms: Terms
    created_at: datetime
    created_by: str


def rewards(*, at: datetime, paused: bool = True) -> list[Reward]:
    """Every reward on its latest terms, in the order in which they were made; those in use alone if not `paused`."""
    return _rewards(f"{REWARD} WHERE %s OR r.paused_at IS NULL ORDER BY r.id", [paused], at)


def reward(reward_id: int, *, at: datetime) -> Reward:
    """One reward on its latest terms.

    Raises:
        NoReward: There is none.
    """
    return _only(_rewards(f"{REWARD} WHERE r.id = %s", [reward_id], at))


def reward_with_code(code: str, *, at: datetime) -> Reward:
    """The same by its code."""
    return _only(_rewards(f"{REWARD} WHERE r.code = %s", [code], at))


def latest(reward_id: int) -> tuple[int, datetime | None]:
    """Id of the version that holds now, and since when the reward is paused; of one that is there."""
    statement = f"""SELECT v.id, r.paused_at FROM loyalty_reward r
                    JOIN loyalty_rewardversion v ON v.reward_id = r.id AND {LATEST} WHERE r.id = %s"""
    [(version_id, paused_at)] = bulk.run(connection, statement, [reward_id])
    return version_id, paused_at


def versions(reward_id: int) -> list[VersionView]:
    """Every version of a reward, the latest first."""
    rows = bulk.run(
        connection,
        f"""SELECT v.number, v.created_at, v.created_by, {TERMS} FROM loyalty_rewardversion v
            WHERE v.reward_id = %s ORDER BY v.number DESC""",
        [reward_id],
    )
    return [VersionView(row[0], terms_of(row[3:]), row[1], row[2]) for row in rows]


def terms_of(row: Sequence[Any]) -> Terms:
    """The columns TERMS as terms."""
    name, description = (Text(zh or "", en or "") for zh, en in (row[0:2], row[4:6]))
    lists = [tuple(listed) for listed in row[11:14]]
    values = [name, RewardKind(row[2]), row[3], description, *row[6:10], Period(row[10]), *lists, *row[14:18]]
    return Terms(*values)


def said_name(terms: Terms) -> Text:
    """A reward's name in both languages; where one is missing, the other stands in for it."""
    return name_of(terms.name)


def _rewards(statement: str, parameters: Sequence[Any], at: datetime) -> list[Reward]:
    if not (rows := bulk.run(connection, statement, parameters)):
        return []
    taken = limits.used(EVERY_CLAIM, [row[0] for row in rows], at=at)
    found = ([*row[:4], terms_of(row[5:]), row[4], taken.get(row[0], 0)] for row in rows)
    return [Reward(*values) for values in found]


def _only(found: list[Reward]) -> Reward:
    if not found:
        raise NoReward("There is no such reward.")
    return found[0]
