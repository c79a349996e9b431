"""Entries of the ledger as the API tells them: what they did, to which lot, and why in both languages; no names."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from regulars.api.asked import Asked
from regulars.core.bilingual import Text
from regulars.core.calendar import business_date
from regulars.facts.figures import FactView
from regulars.ledger.rules import Account, Currency, Purpose
from regulars.ledger.statements import Entry
from regulars.loyalty import explaining, growth_words, reasons
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.explaining import Origins
from regulars.loyalty.reasons import Wording

LANGUAGES = ("zh", "en")


def told_entries(entries: Sequence[Entry], asked: Asked) -> list[dict[str, Any]]:
    """A page of one member's entries.

    What staff wrote stands apart as `note`, and in no sentence: those may be shown to the member as they are.
    """
    policies, who = asked.situation.policies, {entry.customer_id for entry in entries}
    origins = explaining.origins_of(entries)
    notes = {one.id: one.note for one in origins.commands.values()}
    origins.commands = {one.id: replace(one, note="") for one in origins.commands.values()}
    origins.find_orders()
    origins.trace(who, policies)
    regrouped = explaining.regrouped_at(who)
    words = [
        explaining.full_wording(language, asked.situation.currency, asked.situation.zone, origins)
        for language in LANGUAGES
    ]
    found = []
    for entry in entries:
        origin = origins.of(entry)
        title = Text(*(reasons.title(entry, origin, one, policies) for one in words))
        zh, en = (explaining.explain(entry, origins, policies, one, regrouped) for one in words)
        said = [{"zh": one, "en": other} for one, other in zip(zh, en, strict=True)]
        note = "" if origin is None or isinstance(origin, FactView) else notes[origin.id]
        found.append(
            {
                **_moved(entry, words, asked),
                "title": title._asdict(),
                "said": said,
                "origin": _origin(entry, origins),
                "note": note or None,
            }
        )
    return found


def _moved(entry: Entry, words: Sequence[Wording], asked: Asked) -> dict[str, Any]:
    zone = asked.situation.zone
    return {
        "entry_id": entry.id,
        "at": entry.at.astimezone(zone),
        "recorded_at": entry.recorded_at.astimezone(zone),
        "kind": Purpose(entry.purpose).name.lower(),
        **_currency(entry, words, asked),
        "amount": entry.amount,
        "change": entry.change,
        "from": Account(entry.source).name.lower(),
        "to": Account(entry.target).name.lower(),
        "spendable_from": business_date(entry.effective_at, zone) if entry.effective_at else None,
        "last_day": last_day(entry.expires_at, zone) if entry.expires_at else None,
        "corrects": entry.corrects_id,
    }


def _currency(entry: Entry, words: Sequence[Wording], asked: Asked) -> dict[str, Any]:
    policies = asked.situation.policies
    if entry.currency == Currency.GROWTH:
        name = growth_words.growth_name(policies.at(entry.at).growth_from)
        return {"currency": "growth", "currency_name": name._asdict()}
    names = Text(*(reasons.meant(entry, one, policies).unit.name.said(one.language) for one in words))
    return {"currency": policies.code_of(entry.currency), "currency_name": names._asdict()}


def _origin(entry: Entry, origins: Origins) -> dict[str, Any] | None:
    """The fact or the command behind an entry, by the numbers that the API answered for it."""
    origin = origins.of(entry)
    if isinstance(origin, FactView):
        return {"kind": "fact", "fact_id": origin.id, "source": origin.source, "key": origin.key, "command_id": None}
    if origin is None:
        return None
    return {"kind": "command", "fact_id": None, "source": None, "key": None, "command_id": origin.id}
