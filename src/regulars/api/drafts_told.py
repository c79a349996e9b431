"""Drafts and versions of the programme as the API tells them: terms as they are kept, and the same in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from django.utils import translation

from regulars.api.asked import Asked
from regulars.flows import jobs
from regulars.flows.earning_fields import earning_fields, product_names
from regulars.insight.compute.fields import formatter
from regulars.loyalty import programme_view
from regulars.loyalty.coupons.words import money_en
from regulars.loyalty.currencies import unnumbered
from regulars.loyalty.drafts_view import DraftState, DraftView, Step
from regulars.loyalty.programme_view import Version
from regulars.loyalty.promises import words
from regulars.loyalty.promises.speech import Speech
from regulars.staff import queries

Terms = Mapping[str, Any]
Found = TypeVar("Found")
LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}


def in_both(make: Callable[[], Found]) -> dict[str, Found]:
    """What words come to in each language."""
    found = {}
    for language, code in LANGUAGES.items():
        with translation.override(code):
            found[language] = make()
    return found


@dataclass(frozen=True, slots=True)
class Around:
    """What is told of a draft besides itself: the version that is live, what is planned, and what the settings ask."""

    live: Version | None
    planned: Mapping[int, datetime]
    needs_approval: bool


def around() -> Around:
    """As it is now; read once for all drafts."""
    planned = jobs.planned(jobs.launch_draft)
    return Around(programme_view.current(), planned, queries.business().programme_by_another)


def draft(one: DraftView, now: Around, asked: Asked) -> dict[str, Any]:
    """A draft for a list: where it stands, who wrote it, and what keeps it from going live."""
    launches_at = now.planned.get(one.id) if one.is_open else None
    return {
        "draft_id": one.id,
        "name": {language: one.names.get(language, "") for language in LANGUAGES},
        "state": one.state.value,
        "revision": one.revision,
        "based_on": one.based_on,
        "needs_approval": now.needs_approval,
        "waits_for": _waits_for(one, now),
        "authors": list(one.authors),
        **{name: _step(getattr(one, name), asked) for name in ("begun", "changed", "simulated", "approved", "ended")},
        "launched": one.launched,
        "launches_at": launches_at.astimezone(asked.situation.zone) if launches_at else None,
    }


def whole(one: DraftView, asked: Asked) -> dict[str, Any]:
    """A draft with its terms, and what they say otherwise than the version that is live."""
    now = around()
    earlier = {**now.live.terms, "time_zone": None} if now.live else None
    return {
        **draft(one, now, asked),
        "terms": one.terms,
        "live": now.live.number if now.live else None,
        "differences": _differences(earlier, one.terms, speech_of([one.terms, earlier or {}], asked)),
    }


def versions(found: Sequence[tuple[Version, Version | None, datetime | None]], asked: Asked) -> list[dict[str, Any]]:
    """Versions for a list, each with the one before it and until when it was live: what it says otherwise."""
    speech = speech_of([one.terms for one, _, _ in found], asked)
    return [
        {
            "number": one.number,
            "live_from": one.live_from.astimezone(asked.situation.zone),
            "live_until": until.astimezone(asked.situation.zone) if until else None,
            "created_at": one.created_at.astimezone(asked.situation.zone),
            "created_by": one.created_by or None,
            "differences": _differences(before.terms if before else None, one.terms, speech),
        }
        for one, before, until in found
    ]


def terms_of(one: Version, asked: Asked) -> dict[str, Any]:
    """The terms of a version as it keeps them, and all of them in sentences."""
    speech = speech_of([one.terms], asked)
    return {"terms": unnumbered(one.terms), "said": in_both(lambda: words.everything(one.terms, speech))}


def speech_of(several: Sequence[Terms], asked: Asked) -> Speech:
    """How these terms are spoken of to whoever may write them: with the shop's own names, looked up once for all."""
    together = {
        part: [one for terms in several for one in terms.get(part, ())] for part in ("rules", "benefits", "badges")
    }
    tiers = {tier["code"]: tier for terms in reversed(several) for tier in terms.get("tiers", ())}
    fields = earning_fields({**together, "tiers": list(tiers.values())})
    products = {language: product_names(together, language) for language in LANGUAGES}
    money = partial(money_en, currency=asked.situation.currency)
    return Speech(
        asked.situation.currency, money, fields, lambda terms, language: products[language], formatter(money)
    )  # fmt: skip


def _waits_for(one: DraftView, now: Around) -> str | None:
    """What keeps it from going live: 'rebase', 'approval' by a person, or nothing."""
    if not one.is_open:
        return None
    if (now.live.id if now.live else None) != one.after:
        return "rebase"
    by_another = one.state is DraftState.APPROVED and one.approved and one.approved.by not in one.authors
    return "approval" if now.needs_approval and not by_another else None


def _differences(earlier: Terms | None, later: Terms, speech: Speech) -> dict[str, dict[str, list[str]]] | None:
    if earlier is None:
        return None
    found = in_both(lambda: words.differences(earlier, later, speech))
    return {
        name: {language: [one.sentence for one in some if one.is_new is is_new] for language, some in found.items()}
        for name, is_new in (("new", True), ("gone", False))
    }


def _step(step: Step | None, asked: Asked) -> dict[str, Any] | None:
    return None if step is None else {"at": step.at.astimezone(asked.situation.zone), "by": step.by or None}
