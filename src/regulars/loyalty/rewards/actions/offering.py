"""Making rewards, changing their terms, pausing them."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from regulars.core.bilingual import Text
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.actions.issuing import OfferArchived
from regulars.loyalty.models import Reward, RewardVersion
from regulars.loyalty.rewards import catalogue
from regulars.loyalty.rewards.refusals import InvalidReward, NoReward, RewardChanged, RewardCodeTaken
from regulars.loyalty.rewards.rules import LONGEST_CODE, Terms
from regulars.loyalty.rewards.terms import checked

CODE = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_CODE - 1}}}")


@transaction.atomic
def create(*, code: str, terms: Terms, actor: str, at: datetime) -> int:
    """A new reward, to be claimed at once if its terms allow; returns its id.

    Args:
        code: What programs call it: small letters, digits and dashes.
    Raises:
        InvalidReward: The code cannot be one, or the terms contradict themselves.
        RewardCodeTaken: Another reward has this code.
        NoOffer, OfferArchived: It gives a coupon of an offer that is not there or was put away.
    """
    wanted = _checked(terms)
    if not CODE.fullmatch(code):
        raise InvalidReward(f"A code has 1 to {LONGEST_CODE} small letters, digits and dashes.", field="code")
    try:
        with transaction.atomic():
            made = Reward.objects.create(code=code, created_at=at, created_by=actor)
    except IntegrityError as error:
        raise RewardCodeTaken(f"There is a reward {code} already.", field="code") from error
    _version(made.pk, 1, wanted, actor, at)
    return made.pk


@transaction.atomic
def change(*, reward_id: int, terms: Terms, after: int, actor: str, at: datetime) -> int:
    """Offer a reward on other terms; returns the version's number, the old one if nothing is different.

    What was claimed before keeps its price and its terms.

    Args:
        after: Number of the version that the change was written upon.
    Raises:
        NoReward: There is none.
        RewardChanged: There is a later version by now.
        InvalidReward: The terms contradict themselves, or fewer are there than were claimed.
        NoOffer, OfferArchived: It gives a coupon of an offer that is not there or was put away.
    """
    _lock(reward_id)
    # Who claims checks under this lock that the terms are still the same.
    limits.hold([(Kind.REWARD_STOCK, reward_id)])
    last = catalogue.reward(reward_id, at=at)
    if last.version != after:
        raise RewardChanged("Somebody changed this reward meanwhile.")
    if (wanted := _checked(terms)) == last.terms:
        return last.version
    if wanted.stock is not None and wanted.stock < last.taken:
        raise InvalidReward(f"{last.taken} were claimed, so there are at least as many.", field="stock")
    _version(reward_id, last.version + 1, wanted, actor, at)
    return last.version + 1


@transaction.atomic
def pause(*, reward_id: int, at: datetime) -> None:
    """Stop a reward from being claimed for now; what was claimed can be collected.

    Raises:
        NoReward: There is none.
    """
    _pause(reward_id, at)


@transaction.atomic
def resume(*, reward_id: int) -> None:
    """Let a reward be claimed again.

    Raises:
        NoReward: There is none.
    """
    _pause(reward_id, None)


def _pause(reward_id: int, at: datetime | None) -> None:
    limits.hold([(Kind.REWARD_STOCK, reward_id)])
    if not Reward.objects.filter(pk=reward_id).update(paused_at=at):
        raise NoReward("There is no such reward.")


def _checked(terms: Terms) -> Terms:
    wanted = checked(terms)
    if wanted.offer_id is not None and offers.offer(wanted.offer_id).archived_at is not None:
        raise OfferArchived("This offer was put away; bring it back to give coupons of it.")
    return wanted


def _version(reward_id: int, number: int, terms: Terms, actor: str, at: datetime) -> None:
    RewardVersion.objects.create(
        reward_id=reward_id, number=number, names=_kept(terms.name), descriptions=_kept(terms.description),
        kind=terms.kind, offer_id=terms.offer_id, points=terms.points, worth_minor=terms.worth_minor,
        stock=terms.stock, each_most=terms.each_most, each_period=terms.each_period, tiers=list(terms.tiers),
        segments=list(terms.segments), stores=list(terms.stores), starts_on=terms.starts_on, ends_on=terms.ends_on,
        collect_days=terms.collect_days, currency=terms.currency, created_at=at, created_by=actor,
    )  # fmt: skip


def _kept(words: Text) -> dict[str, str]:
    return {language: told for language, told in words._asdict().items() if told}


def _lock(reward_id: int) -> None:
    if not Reward.objects.select_for_update(no_key=True).filter(pk=reward_id).exists():
        raise NoReward("There is no such reward.")
