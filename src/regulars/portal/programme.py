"""The programme in plain words: the tier and its way up, benefits and what is left of them, and every rule."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.customers.enrolling import queries as members
from regulars.flows.earning_fields import product_names
from regulars.flows.use_benefits import benefits_of
from regulars.loyalty import programme_view
from regulars.loyalty.benefits.rules import AppliedBenefit
from regulars.loyalty.benefits.telling import Held
from regulars.loyalty.benefits.words import left_said, name_of, refusal_said
from regulars.loyalty.benefits.words import said as benefit_said
from regulars.loyalty.promises import words as promises
from regulars.loyalty.promises.speech import Speech
from regulars.portal.access import Visit, asked_language, member_reads, public_because
from regulars.portal.shown import open_page, shown
from regulars.portal.signing_in import asked
from regulars.portal.standing import day_said, tier_of, wording_of


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """A benefit of their tier: what it is, how often it can still be used, and why not now ('' if it can)."""

    name: str
    sentence: str
    left: str
    refused: str


@member_reads
def tier(visit: Visit) -> HttpResponse:
    """Where they stand, how they get on, and what their tier gives."""
    policies = visit.policies()
    context: dict[str, object] = {"benefits": [], "steps": []}
    if policies is not None:
        held = benefits_of(
            customer_id=visit.customer_id, policies=policies, currency=visit.business.currency, at=visit.now
        )  # fmt: skip
        version = programme_view.current()
        context |= {
            "tier": tier_of(visit, policies),
            "benefits": [_benefit(visit, one, held) for one in held.benefits] if held else [],
            "steps": promises.tiers(version.terms) if version else [],
        }
    return shown(visit, "tier", context, tab="card")


@member_reads
def rules(visit: Visit) -> HttpResponse:
    """What is promised now, in sentences."""
    version, wording = programme_view.current(), wording_of(visit)
    context: dict[str, object] = {"sentences": [], "rules": [], "benefits": [], "steps": []}
    if version is not None:
        speech = Speech(visit.business.currency, wording.money, products=product_names)
        context = {
            "sentences": promises.sentences(version.terms, speech),
            "rules": promises.rules(version.terms, speech),
            "benefits": promises.benefits(version.terms, speech),
            "steps": promises.tiers(version.terms),
        }
    return shown(visit, "rules", context, tab="card")


@public_because("whoever joins reads first what they agree to")
@require_safe
def text(request: HttpRequest, kind: str, version: int | None = None) -> HttpResponse:
    """The charter or the privacy text, as it is or as it was."""
    with translation.override(asked(request)):
        found = members.text(kind, version)
        if found is None:
            return open_page(request, "missing", {}, status=404)
        zh, en = found.words
        words = (en or zh) if asked_language().startswith("en") else (zh or en)
        return open_page(request, "text", {"text": found, "paragraphs": words.split("\n"), "kind": kind})


def _benefit(visit: Visit, one: AppliedBenefit, held: Held) -> BenefitLine:
    benefit = one.benefit
    left = left_said(one.left, day_said(one.again) if one.again else None).said(visit.words)
    refused = refusal_said(one.refused, held.names) if one.refused and one.left != 0 else None
    return BenefitLine(
        name_of(benefit).said(visit.words), benefit_said(benefit, held.names, with_tiers=False).said(visit.words),
        left if benefit.effect.is_used else _("Holds by itself"), refused.said(visit.words) if refused else "",
    )  # fmt: skip
