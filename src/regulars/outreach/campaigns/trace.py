"""Why did, or didn't, this customer get this campaign? Answered for everybody, also where it was never meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Formatter, Tree, sentence
from regulars.core.conditions.fields import Field
from regulars.customers import consents
from regulars.decisions import queries as decisions
from regulars.decisions.queries import DecisionView
from regulars.decisions.rules import AboutKind
from regulars.insight.compute.fields import formatter
from regulars.insight.compute.pictures import Picture, truths
from regulars.insight.segments.queries import tagged_for
from regulars.loyalty.coupons.words import money_en
from regulars.outreach.campaigns import words
from regulars.outreach.campaigns.audience import tree_of
from regulars.outreach.campaigns.rules import CampaignView, about
from regulars.staff import queries as staff


@dataclass(frozen=True, slots=True)
class Answer:
    """Why, in a sentence or two. `decision` is None for somebody who was never considered."""

    campaign_id: int
    customer_id: int
    decision: DecisionView | None
    why: Text
    failed: tuple[Text, ...] = ()


def why(
    campaign: CampaignView,
    customer_id: int,
    *,
    picture: Picture | None,
    fields: Mapping[str, Field],
    written: Formatter | None = None,
) -> Answer:
    """Why a customer (the whole group) did or did not get a campaign.

    Args:
        picture: The one that the campaign started with, if it is still kept.
        written: Writes the numbers of conditions that did not hold.
    Raises:
        NoSegment, InvalidCondition: Whom the campaign meant cannot be read any more.
    """
    found = decisions.found(about(campaign.id), consents.group(customer_id))
    if found:
        # After a merge several were decided about; the one who stands for the group now goes first.
        decision = found.get(customer_id) or min(found.values(), key=lambda one: one.id)
        return Answer(campaign.id, customer_id, decision, said(decision, campaign))
    if campaign.started_at is None:
        return Answer(campaign.id, customer_id, None, words.NOT_STARTED)
    if campaign.queued_at is None:
        return Answer(campaign.id, customer_id, None, words.BEING_DECIDED)
    if campaign.plan.customers is not None:
        return Answer(campaign.id, customer_id, None, words.NOT_ON_LIST)
    return _outside(campaign, customer_id, picture, fields, written or _plainly())


def said(decision: DecisionView, campaign: CampaignView) -> Text:
    """A decision of a campaign as a sentence."""
    percent = f"{campaign.plan.held_out_percent.normalize():f}"
    return words.sentence_of(decision.reason, {"percent": percent, **decision.numbers})


def of_customer(customer_id: int, *, most: int = 100) -> list[DecisionView]:
    """Every campaign that considered a customer's group, the latest first."""
    found = decisions.of_customer(consents.group(customer_id), most=most)
    return [one for one in found if one.about.kind is AboutKind.CAMPAIGN]


def _plainly() -> Formatter:
    currency = staff.business().currency
    return formatter(lambda minor: money_en(minor, currency))


def _outside(
    campaign: CampaignView, customer_id: int, picture: Picture | None, fields: Mapping[str, Field], written: Formatter
) -> Answer:
    first = words.filled(words.NOT_IN_SEGMENT, {"day": campaign.picture_day})
    if picture is None:
        return Answer(campaign.id, customer_id, None, words.together([first, words.PICTURE_GONE]))
    tree, at = tree_of(campaign, fields), campaign.started_at
    parts: Sequence[Tree] = tree.parts if isinstance(tree, AllOf) else (tree,)
    assert at is not None
    held = [_holds(part, customer_id, picture, fields, at) for part in parts or (tree,)]
    if None in held:
        return Answer(campaign.id, customer_id, None, words.together([first, words.NOT_IN_PICTURE]))
    missed = [part for part, holds in zip(parts, held, strict=False) if not holds]
    if not missed:
        return Answer(campaign.id, customer_id, None, words.FITS_NOW)
    failed = tuple(
        Text(sentence(part, fields, "zh", written), sentence(part, fields, "en", written)) for part in missed
    )
    listed = {"zh": "；".join(one.zh for one in failed), "en": "; ".join(one.en for one in failed)}
    second = Text(words.FAILED.zh.format(conditions=listed["zh"]), words.FAILED.en.format(conditions=listed["en"]))
    return Answer(campaign.id, customer_id, None, words.together([first, second]), failed)


def _holds(part: Tree, customer_id: int, picture: Picture, fields: Mapping[str, Field], at: datetime) -> bool | None:
    """Whether a condition held for a customer then; None where the picture does not know them."""
    who = np.array([customer_id], dtype=np.int64)
    found = truths(picture, part, fields, who, tagged_for([part], at=at))
    return bool(found.whole[0]) if len(found.customers) else None
