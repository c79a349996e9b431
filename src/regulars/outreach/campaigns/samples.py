"""Messages of a draft as some of its customers would read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from regulars.core.calendar import zone
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.rules import end_of, last_day
from regulars.loyalty.coupons.words import terms_said
from regulars.outreach import personal
from regulars.outreach.campaigns import content
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.rules import CampaignView, Message
from regulars.staff import queries as staff
from regulars.staff.rules import BusinessProfile

SAMPLE_CODE = "XXXX-XXXX-XXXX"
"""Codes are issued when a message leaves, never before."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A message to a real customer, with a code that nobody can use."""

    customer_id: int
    name: str
    language: str
    message: Message


def samples(campaign: CampaignView, preview: Preview) -> tuple[Sample, ...]:
    """The messages of the dry run's samples, some in each language that somebody would be written to in."""
    business = staff.business()
    languages = {who: language for language, some in preview.samples.items() for who in some}
    known = personal.values(languages, business=business, at=preview.at)
    return tuple(
        _sample(campaign, who, language, known.get(who, {}), _coupon(campaign, language, business, preview.at))
        for who, language in languages.items()
    )


def _sample(
    campaign: CampaignView, who: int, language: str, known: Mapping[str, str], coupon: Mapping[str, str]
) -> Sample:
    message = content.fill(campaign.plan.content[language], {**known, **coupon})
    return Sample(who, known.get("name", ""), language, message)


def _coupon(campaign: CampaignView, language: str, business: BusinessProfile, at: datetime) -> dict[str, str]:
    if campaign.plan.offer_id is None:
        return {}
    terms, in_zone = (
        offers.offer(campaign.plan.offer_id, version=campaign.offer_version).terms,
        zone(business.time_zone),
    )
    until = last_day(end_of(at, terms.days_valid, in_zone), in_zone)
    said = terms_said(terms, business.currency)
    return personal.coupon_values(language, offer=said, code=SAMPLE_CODE, last_day=until)
