"""Verbs of offers: make, change, name, put away."""

from datetime import datetime

from django.db import transaction

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.loyalty.coupons.offers import NoOffer, offer
from regulars.loyalty.coupons.rules import LONGEST_NAME, InvalidOffer, Terms, checked
from regulars.loyalty.models import Offer, OfferVersion


class OfferChanged(DomainError):
    """Somebody saved other terms since those that this change was written upon."""

    code = "offer_changed"


@transaction.atomic
def create(*, name: Text, terms: Terms, actor: str, at: datetime) -> int:
    """A new offer; returns its id.

    Raises:
        InvalidOffer: It has no name, or the terms contradict themselves.
    """
    made = Offer.objects.create(names=_names(name), created_at=at, created_by=actor)
    _version(made.pk, 1, checked(terms), actor, at)
    return made.pk


@transaction.atomic
def change(*, offer_id: int, terms: Terms, after: int, actor: str, at: datetime) -> int:
    """Put an offer on other terms; returns the version's number, the old one if nothing is different.

    Coupons that were issued keep the terms that they were issued on.

    Args:
        after: Number of the version that the change was written upon.
    Raises:
        NoOffer: There is none.
        OfferChanged: There is a later version by now, with other terms than these.
        InvalidOffer: The terms contradict themselves.
    """
    _lock(offer_id)
    last, wanted = offer(offer_id), checked(terms)
    if last.version not in (after, after + 1) or (last.version == after + 1 and wanted != last.terms):
        raise OfferChanged("Somebody changed this offer meanwhile.")
    if wanted == last.terms:
        return last.version  # nothing is different, or this very change was made a moment ago
    _version(offer_id, last.version + 1, wanted, actor, at)
    return last.version + 1


def rename(*, offer_id: int, name: Text) -> None:
    """Call an offer something else, also on coupons that were issued.

    Raises:
        InvalidOffer: It has no name.
        NoOffer: There is no such offer.
    """
    if not Offer.objects.filter(pk=offer_id).update(names=_names(name)):
        raise NoOffer("There is no such offer.")


def archive(*, offer_id: int, at: datetime) -> None:
    """Put an offer away: nothing is issued on it any more, and what was issued stays good.

    Raises:
        NoOffer: There is none.
    """
    if not Offer.objects.filter(pk=offer_id).update(archived_at=at):
        raise NoOffer("There is no such offer.")


def bring_back(*, offer_id: int) -> None:
    """Issue coupons again on an offer that was put away.

    Raises:
        NoOffer: There is none.
    """
    if not Offer.objects.filter(pk=offer_id).update(archived_at=None):
        raise NoOffer("There is no such offer.")


def _version(offer_id: int, number: int, terms: Terms, actor: str, at: datetime) -> None:
    OfferVersion.objects.create(
        offer_id=offer_id, number=number, kind=terms.kind, value=terms.value, gift=_kept(terms.gift),
        min_spend_minor=terms.min_spend_minor, unit_cost_minor=terms.unit_cost_minor, days_valid=terms.days_valid,
        uses_most=terms.uses_most, created_at=at, created_by=actor,
    )  # fmt: skip


def _names(name: Text) -> dict[str, str]:
    kept = _kept(Text(*(" ".join(words.split()) for words in name)))
    if not kept or max(map(len, kept.values())) > LONGEST_NAME:
        raise InvalidOffer(f"A name has 1 to {LONGEST_NAME} letters, in Chinese, in English, or both.", field="name")
    return kept


def _kept(words: Text) -> dict[str, str]:
    return {language: told for language, told in words._asdict().items() if told}


def _lock(offer_id: int) -> None:
    if not Offer.objects.select_for_update(no_key=True).filter(pk=offer_id).exists():
        raise NoOffer("There is no such offer.")
