"""Whether a reward's terms can be so: by themselves, and with what the business has. Pure."""

from dataclasses import replace

from regulars.core.bilingual import Text
from regulars.core.money import LARGEST_MINOR
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards.refusals import InvalidReward
from regulars.loyalty.rewards.rules import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    MOST_DAYS,
    MOST_EACH,
    MOST_LISTED,
    MOST_POINTS,
    MOST_STOCK,
    PERIODS,
    Known,
    RewardKind,
    Terms,
)


def checked(terms: Terms) -> Terms:
    """The terms, with words trimmed and lists in order.

    Raises:
        InvalidReward: They contradict themselves; `field` in the context names what to correct.
    """
    name, description = _trimmed(terms.name), _trimmed(terms.description)
    _demand(any(name) and max(map(len, name)) <= LONGEST_NAME, "name", f"A name has 1 to {LONGEST_NAME} letters.")
    _demand(max(map(len, description)) <= LONGEST_DESCRIPTION, "description", "The description is too long.")
    _demand(1 <= terms.points <= MOST_POINTS, "points", f"It costs 1 to {MOST_POINTS:,} points.")
    _demand(0 <= terms.worth_minor <= LARGEST_MINOR, "worth_minor", "This amount is below zero or too large.")
    _demand(terms.stock is None or 0 <= terms.stock <= MOST_STOCK, "stock", f"There are 0 to {MOST_STOCK:,} of it.")
    _demand(
        terms.each_most is None or 1 <= terms.each_most <= MOST_EACH, "each_most",
        f"A member takes it 1 to {MOST_EACH:,} times.",
    )  # fmt: skip
    _demand(terms.each_period in PERIODS, "each_period", f"The period is one of {', '.join(PERIODS)}.")
    is_coupon = terms.kind is RewardKind.COUPON
    _demand(is_coupon == (terms.offer_id is not None), "offer_id", "A coupon names its offer, an item names none.")
    _demand(not is_coupon or terms.collect_days is None, "collect_days", "A coupon is not collected.")
    _demand(
        terms.collect_days is None or 1 <= terms.collect_days <= MOST_DAYS, "collect_days",
        f"It is kept for 1 to {MOST_DAYS} days.",
    )  # fmt: skip
    backwards = None not in (terms.starts_on, terms.ends_on) and str(terms.ends_on) < str(terms.starts_on)
    _demand(not backwards, "ends_on", "The last day lies before the first.")
    for named in ("tiers", "segments", "stores"):
        _demand(len(getattr(terms, named)) <= MOST_LISTED, named, f"Name {MOST_LISTED} of them at most.")
    return replace(
        terms, name=name, description=description, tiers=tuple(sorted(set(terms.tiers))),
        segments=tuple(sorted(set(terms.segments))), stores=tuple(sorted(set(terms.stores))),
        each_period=Period.EVER if terms.each_most is None else terms.each_period,
    )  # fmt: skip


def check_there(terms: Terms, known: Known, *, before: Terms | None = None) -> None:
    """Whether there is all that somebody writes now; what the terms said before may be gone meanwhile.

    Raises:
        InvalidReward: Something is not there; `field` in the context names what to correct.
    """
    is_priced = terms.currency in known.currencies or (before is not None and terms.currency == before.currency)
    _demand(is_priced, "currency", "The programme has no such currency.")
    for named, there in (("tiers", known.tiers), ("segments", known.segments), ("stores", known.stores)):
        kept = getattr(before, named) if before is not None else ()
        _demand(set(getattr(terms, named)) <= there | set(kept), named, f"One of these {named} is not there.")


def _trimmed(words: Text) -> Text:
    return Text(*(" ".join(part.split()) for part in words))


def _demand(holds: bool, field_name: str, why: str) -> None:
    if not holds:
        raise InvalidReward(why, field=field_name)
