"""The parts of a draft: what it begins with, how they are put in their places, what may be chosen now. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from regulars.core.conditions import Field
from regulars.core.errors import DomainError
from regulars.loyalty.benefits import reading as benefits
from regulars.loyalty.currencies import codes_of
from regulars.loyalty.earning import reading as earning
from regulars.loyalty.presets import PRESETS
from regulars.loyalty.rules import preset_terms

LIVE: Final = "live"
EMPTY: Final = "empty"
STARTS: Final = (LIVE, EMPTY, *PRESETS)
"""What a draft can begin with: the version that is live, nothing, or a programme to begin with."""


class NoStart(DomainError):
    """There is no such programme to begin with."""

    code = "no_start"


def beginning(start: str, *, live: Mapping[str, Any] | None, digits: int) -> tuple[dict[str, Any], dict[str, str]]:
    """The terms and the names that a new draft begins with.

    Args:
        start: One of `STARTS`.
        live: Terms of the version that is live, if there is one.
        digits: Of the currency's minor units.
    Raises:
        NoStart: Another word.
    """
    if start == LIVE:
        return dict(live) if live is not None else preset_terms(digits), {}
    if start == EMPTY:
        return _empty(), {}
    if (preset := PRESETS.get(start)) is None:
        raise NoStart(f"A draft begins with one of {', '.join(STARTS)}.", field="from")
    return preset.terms(digits), preset.name._asdict()


def _empty() -> dict[str, Any]:
    """One tier, and nothing that earns."""
    return {
        "minor_per_point": 0,
        "minor_per_growth": 0,
        "pending_days": {"store": 0, "online": 7},
        "tiers": [{"code": "basic", "threshold": 0, "names": {"zh": "会员", "en": "Member"}}],
        "window_months": 12,
        "expiry": "end_of_next_year",
        "restore_days": 14,
    }


def placed(terms: Mapping[str, Any], kind: str, code: str, told: Mapping[str, Any] | None) -> list[Any]:
    """A part in the place of the one with this code, at the end where there is none; None takes it out.

    Args:
        kind: 'rules', 'benefits' or 'currencies', as terms call them.
    Returns:
        All parts of this kind.
    """
    found = [told if one["code"] == code else one for one in terms.get(kind, ())]
    if told is not None and not code:
        found.append(told)
    return [one for one in found if one is not None]


def put(terms: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """The terms with some parts whole in the place of theirs; a part that is None is left out of them."""
    return {name: value for name, value in {**terms, **parts}.items() if value is not None}


def named(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The terms whose names there are when somebody writes: the tiers as they will be, the rest as it was named before.

    What rules and benefits name already can be named again, though it is gone; what they name only now cannot.
    """
    return {**after, "rules": before.get("rules", ()), "benefits": before.get("benefits", ())}


def check_chosen(before: Mapping[str, Any], after: Mapping[str, Any], *, fields: Mapping[str, Field]) -> None:
    """What somebody chooses now must be there now: stores, products, segments. What was chosen long ago may be gone.

    Args:
        before, after: Terms; after with the shape that `shape.check` asks for.
        fields: What rules can ask about, with the choices that exist now.
    Raises:
        InvalidRule, InvalidBenefit: As they say.
    """
    tiers = [tier["code"] for tier in after["tiers"]]
    rules, own = after.get("rules", ()), codes_of(after) if _have_codes(after) else ()
    if written := _written("rules", before, after):
        earning.rules(written, tiers=tiers, fields=fields, currencies=own)
    if written := _written("benefits", before, after):
        codes = [str(rule.get("code", "")) for rule in rules]
        asked = {name: fields[name] for name in benefits.FIELDS}
        benefits.benefits(written, tiers=tiers, rules=codes, fields=asked)


def _written(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    kept = before.get(kind, ())
    return [one for one in after.get(kind, ()) if one not in kept]


def _have_codes(terms: Mapping[str, Any]) -> bool:
    return all("code" in one for one in terms.get("currencies", ()))
