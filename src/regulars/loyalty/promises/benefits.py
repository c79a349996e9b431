"""Benefits of a version as its reader sees them: what each is called, and the sentence that says all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.benefits import reading
from regulars.loyalty.benefits.rules import Benefit, Names
from regulars.loyalty.benefits.words import KINDS, name_of, said
from regulars.loyalty.coupons.offers import offers
from regulars.loyalty.promises.speech import Speech
from regulars.loyalty.promises.speech import said as in_language


@dataclass(frozen=True, slots=True)
class BenefitWords:
    """A benefit: its name, what its kind is called ('' where that is the name), and its sentence."""

    code: str
    name: str
    kind: str
    sentence: str


def benefits(terms: Mapping[str, Any], speech: Speech, *, rules: Mapping[str, str]) -> list[BenefitWords]:
    """The benefits of these terms, in the order in which they are shown.

    Args:
        rules: The sentences of the earning rules, by code.
    """
    found = read(terms)
    if not found:
        return []
    names = _names(terms, speech.currency, rules, found)
    return [
        _words(one, names, in_language(said(one, names, fields=speech.fields, written=speech.written))) for one in found
    ]


def read(terms: Mapping[str, Any]) -> tuple[Benefit, ...]:
    """The benefits of terms that were agreed."""
    return reading.benefits(
        terms.get("benefits", ()),
        tiers=[tier["code"] for tier in terms["tiers"]],
        rules=[rule["code"] for rule in terms.get("rules", ())],
    )


def _words(benefit: Benefit, names: Names, sentence: str) -> BenefitWords:
    name, kind = in_language(name_of(benefit)), in_language(KINDS[benefit.kind])
    return BenefitWords(benefit.code, name, "" if name == kind else kind, sentence)


def _names(
    terms: Mapping[str, Any], currency: str, rules: Mapping[str, str], found: Sequence[Benefit]
) -> Names:  # fmt: skip
    tiers = {
        tier["code"]: Text(*(tier["names"].get(one) or tier["code"] for one in ("zh", "en"))) for tier in terms["tiers"]
    }
    given = any(getattr(one.effect, "offer", None) for one in found)
    called = {one.id: one.name for one in offers(archived=True)} if given else {}
    return Names(currency, called, {code: Text(words, words) for code, words in rules.items()}, tiers)
