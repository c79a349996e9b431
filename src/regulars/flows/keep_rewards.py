"""Keep the catalogue of rewards: make one, offer it on other terms, retire it, bring it back. Each is in the audit."""

from datetime import datetime

from regulars.catalogue.queries import store_codes
from regulars.flows.settings import programme
from regulars.flows.transactions import again_if_contended
from regulars.insight.segments.queries import segments
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rewards import actions, catalogue
from regulars.loyalty.rewards.rules import Known, Terms
from regulars.loyalty.rewards.terms import check_there
from regulars.loyalty.rules import POINTS
from regulars.staff import actions as staff
from regulars.staff.rules import Actor, Once


def create_reward(*, code: str, terms: Terms, by: Actor, key: str, at: datetime, once: Once | None = None) -> int:
    """A new reward; returns its id, that of the same one for the same `once`. `key` is who does it, as rewards keep it.

    Raises:
        InvalidReward, RewardCodeTaken, NoOffer, OfferArchived: As they say.
    """
    check_there(terms, _known(at))

    def step() -> int:
        if once and (made := staff.done_before(by=by, action="rewards.create", once=once)):
            return int(made)
        made_id = actions.create(code=code, terms=terms, actor=key, at=at)
        detail = {"points": terms.points, **(once.detail if once else {})}
        _record("rewards.create", made_id, by, at, detail)
        return made_id

    return again_if_contended(step)


def change_reward(*, reward_id: int, terms: Terms, after: int, by: Actor, key: str, at: datetime) -> int:
    """Offer a reward on other terms; returns the version's number."""
    check_there(terms, _known(at), before=catalogue.reward(reward_id, at=at).terms)

    def step() -> int:
        version = actions.change(reward_id=reward_id, terms=terms, after=after, actor=key, at=at)
        _record("rewards.change", reward_id, by, at, {"version": version, "points": terms.points})
        return version

    return again_if_contended(step)


def retire_reward(*, reward_id: int, by: Actor, at: datetime) -> None:
    """Nobody can claim it for now; what was claimed can be collected."""

    def step() -> None:
        actions.pause(reward_id=reward_id, at=at)
        _record("rewards.pause", reward_id, by, at, {})

    again_if_contended(step)


def bring_back_reward(*, reward_id: int, by: Actor, at: datetime) -> None:
    """It can be claimed again."""

    def step() -> None:
        actions.resume(reward_id=reward_id)
        _record("rewards.resume", reward_id, by, at, {})

    again_if_contended(step)


def _known(at: datetime) -> Known:
    among, stores = frozenset(one.id for one in segments()), frozenset(store_codes())
    if not loyalty.has_programme():
        return Known(frozenset({POINTS}), frozenset(), among, stores)
    policy = programme()[0].at(at)
    return Known(frozenset({POINTS, *policy.currencies}), frozenset(t.code for t in policy.tiers), among, stores)


def _record(action: str, reward_id: int, by: Actor, at: datetime, detail: dict[str, object]) -> None:
    staff.record(by=by, action=action, at=at, subject_kind="reward", subject_id=reward_id, detail=detail)
