"""A list of customers of the picture: whom a selection means, in some order, a page at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console import figures
from regulars.console.behind import Selection
from regulars.console.condition_words import Speaker
from regulars.console.kept import kept
from regulars.console.lines import customer_url, shown_phone
from regulars.core.conditions import EVERYBODY, as_json, used_fields
from regulars.customers import queries as customers
from regulars.insight.compute import listing
from regulars.insight.compute.churn.words import sentence as reason_words
from regulars.insight.compute.listing import Chosen, Summary
from regulars.insight.compute.pictures import LIVE, Picture
from regulars.insight.segments.live import tagged_for
from regulars.loyalty.membership import number_of

PER_PAGE = 50
STAGE, LAST, ORDERS, SPENT = "stage", "last_purchase_day", "orders", "spent_minor"
RFM = {"zh": "rfm_eight", "en": "rfm_ten"}
"""Each language has its own usual names for RFM groups; a page uses one system."""

RISK, LEVEL, REASONS, VALUE = "churn_risk", "churn_level", "churn_reasons", "value_minor"
COLUMNS = (STAGE, *RFM.values(), LAST, ORDERS, SPENT, RISK, LEVEL, REASONS, VALUE)
SORTABLE = (LAST, ORDERS, SPENT, RISK, VALUE)
USUAL_SORT = f"-{VALUE}"
STAGE_TONES = {
    "new": "info", "growing": "pri", "active": "ok", "won_back": "ok", "at_risk": "warn", "churned": "err",
}  # fmt: skip
TONES = {"low": "success", "medium": "warning", "high": "error", "lost": "mute"}


@dataclass(frozen=True, slots=True)
class Person:
    """A customer in a list. What is not known is empty or None; `risk` is a percentage."""

    url: str
    number: str
    name: str
    phone: str
    stage: str
    stage_tone: str
    rfm: str
    last_day: date | None
    orders: int | None
    spent: int | None
    risk: float | None
    tone: str
    level: str
    reason: str
    value: int | None


def chosen_of(selected: Selection, words: Speaker) -> Chosen:
    """The selection as the picture is asked for it; tags and birthdays count as they are at this moment."""
    told = tagged_for([selected.tree], at=timezone.now())
    among = None
    for one in selected.named:
        ids = np.unique(np.asarray(one.customers(), dtype=np.int64))
        among = ids if among is None else np.intersect1d(among, ids, assume_unique=True)
    return Chosen(selected.tree, words.fields, told, among)


def title_of(selected: Selection, words: Speaker) -> str:
    """Whom a selection means, in words."""
    said = [words.text(one.title) for one in selected.named]
    if selected.tree != EVERYBODY or not said:
        said.append(words.say(selected.tree))
    return (" · ").join(said)


def summary(picture: Picture, chosen: Chosen) -> Summary:
    """How many there are, what they spent, and the median of what they are worth."""

    def count() -> Summary:
        return listing.summary(picture, chosen, sums=(SPENT, VALUE), medians=(VALUE,))

    asked = _asked(picture, chosen)
    return kept("people", asked, make=count, version=()) if asked else count()


def _asked(picture: Picture, chosen: Chosen) -> tuple[object, ...]:
    """What an answer depends on that does not change any more; nothing where what may change is asked about."""
    if LIVE & used_fields(chosen.tree):
        return ()
    some = None if chosen.among is None else blake2b(chosen.among.tobytes(), digest_size=16).hexdigest()
    return str(picture.file), as_json(chosen.tree), some


def sort_of(asked: str) -> str:
    """The order that an address asks for, or the usual one."""
    return asked if asked.removeprefix("-") in SORTABLE else USUAL_SORT


def page(picture: Picture, chosen: Chosen, words: Speaker, *, sort: str, number: int) -> list[Person]:
    """A page of the list; names are looked up for its rows alone."""
    order = [sort, f"-{SPENT}"] if sort == USUAL_SORT else [sort]
    asked = _asked(picture, chosen)

    def look() -> list[dict[str, Any]]:
        offset = (number - 1) * PER_PAGE
        return listing.page(picture, chosen, columns=COLUMNS, order=order, limit=PER_PAGE, offset=offset)

    return people(kept("people-rows", asked, sort, number, make=look, version=()) if asked else look(), words)


def everybody(picture: Picture, chosen: Chosen, words: Speaker, *, whole: bool) -> Iterator[list[Person]]:
    """The whole list by member number, for a file; phones are whole if `whole`."""
    for rows in listing.portions(picture, chosen, columns=COLUMNS):
        yield people(rows, words, whole=whole)


def people(rows: Sequence[Mapping[str, Any]], words: Speaker, *, whole: bool = False) -> list[Person]:
    """Rows of the picture with the names and phones of their customers."""
    ids = [row["customer_id"] for row in rows]
    names, phones = customers.names(ids), customers.phones(ids)
    return [_person(row, names, phones, words, whole) for row in rows]


def _person(
    row: Mapping[str, Any], names: Mapping[int, tuple[int, str]], phones: Mapping[int, str], words: Speaker, whole: bool
) -> Person:
    who = row["customer_id"]
    risk, rfm = row.get(RISK), RFM[words.language]
    return Person(
        url=customer_url(who),
        number=number_of(who),
        name=names.get(who, (who, ""))[1] or _("No name yet"),
        phone=shown_phone(phones.get(who, ""), whole=whole),
        stage=words.choice(STAGE, row.get(STAGE)),
        stage_tone=STAGE_TONES.get(row.get(STAGE) or "", "mute"),
        rfm=words.choice(rfm, row.get(rfm)),
        last_day=row.get(LAST),
        orders=row.get(ORDERS),
        spent=row.get(SPENT),
        risk=None if risk is None else 100 * risk,
        tone=TONES.get(row.get(LEVEL) or "", "mute"),
        level=words.choice(LEVEL, row.get(LEVEL)),
        reason=_reason(row.get(REASONS) or (), words),
        value=row.get(VALUE),
    )


def _reason(reasons: Sequence[Mapping[str, Any]], words: Speaker) -> str:
    """The strongest reason, with an arrow that says whether it raises the risk."""
    if not reasons:
        return ""
    return words.text(reason_words(reasons[0], money=lambda minor: figures.money(minor, words.currency)))


@dataclass(frozen=True, slots=True)
class Column:
    """A heading that sorts the list: the order that it leads to, and whether it is that of now."""

    name: str
    sort: str
    direction: str


def sort_links(sort: str) -> dict[str, Column]:
    """The headings by column: largest first at first, the other way round when that is how it is."""
    found = {}
    for name in SORTABLE:
        down, up = f"-{name}", name
        direction = {down: "descending", up: "ascending"}.get(sort, "")
        found[name] = Column(name, up if sort == down else down, direction)
    return found
