"""The statement: each entry with the sentences that say why, in the member's language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpResponse
from django.utils.dateparse import parse_datetime

from regulars.customers import consents
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Currency
from regulars.ledger.statements import Entry
from regulars.loyalty import explaining, reasons
from regulars.loyalty.explaining import Origins
from regulars.loyalty.rules import Policies
from regulars.loyalty.wording import Wording
from regulars.portal.access import Visit, member_reads
from regulars.portal.shown import shown

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """An entry: when, what, how much it changed, and why. `unit` is '' for points; `id` is what one can ask about."""

    id: int
    at: datetime
    title: str
    change: int
    unit: str
    why: list[str]


@member_reads
def statement(visit: Visit) -> HttpResponse:
    """A page of it, the newest first."""
    policies = visit.policies()
    entries = ledger.statement(
        visit.customer_id, most=PER_PAGE + 1, before=_read(visit.request.GET.get("before", ""))
    )  # fmt: skip
    page = entries[:PER_PAGE]
    context = {
        "lines": lines(visit, page, policies) if policies else [],
        "earlier": f"{page[-1].at.isoformat()}~{page[-1].id}" if len(entries) > PER_PAGE else "",
        "first": not visit.request.GET.get("before"),
    }
    return shown(visit, "statement", context, tab="card")


def lines(visit: Visit, entries: Sequence[Entry], policies: Policies) -> list[Line]:
    """Entries in words. What staff noted for one another stays with them."""
    origins = explaining.origins_of(entries)
    origins.commands.update({number: replace(one, note="") for number, one in origins.commands.items()})
    origins.find_orders()
    origins.trace([visit.customer_id], policies)
    words = explaining.full_wording(visit.words, visit.business.currency, visit.zone, origins)
    regrouped = explaining.regrouped_at(consents.group(visit.customer_id))
    return [_line(one, origins, policies, words, regrouped) for one in entries]


def _line(entry: Entry, origins: Origins, policies: Policies, words: Wording, regrouped: set[datetime]) -> Line:
    return Line(
        entry.id, entry.at, reasons.title(entry, origins.of(entry), words, policies), entry.change,
        _unit(entry, policies, words), explaining.explain(entry, origins, policies, words, regrouped),
    )  # fmt: skip


def _unit(entry: Entry, policies: Policies, words: Wording) -> str:
    if entry.currency == Currency.POINTS:
        return ""
    return (
        reasons.meant(entry, words, policies).unit.name.said(words.language)
        if entry.currency != Currency.GROWTH
        else "growth"
    )


def _read(told: str) -> tuple[datetime, int] | None:
    at, _, number = told.partition("~")
    try:
        moment = parse_datetime(at.replace(" ", "+"))
    except ValueError:
        return None
    return (moment, int(number)) if moment and moment.tzinfo and number.isdecimal() and len(number) < 19 else None
