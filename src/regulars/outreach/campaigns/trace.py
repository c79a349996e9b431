"""Why did, or didn't, this customer get this campaign? Answered for everybody, also where it was never meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Formatter, Tree, sentence
from regulars.core.conditions.fields import Field
from regulars.customers import consents
from regulars.decisions import queries as decisions
from regulars.decisions.queries import DecisionView
from regulars.decisions.rules import AboutKind
from regulars.insight.compute.fields import formatter
from regulars.insight.compute.pictures import Picture, holding
from regulars.insight.segments.live import tagged_for
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
    customer_ids: Sequence[int],
    *,
    picture: Picture | None,
    fields: Mapping[str, Field],
    written: Formatter | None = None,
) -> dict[int, Answer]:
    """customer id → why they (the whole group) did or did not get a campaign; one look for all of them.

    Args:
        picture: The one that the campaign started with, if it is still kept.
        written: Writes the numbers of conditions that did not hold.
    Raises:
        NoSegment, InvalidCondition: Whom the campaign meant cannot be read any more.
    """
    groups = consents.groups(customer_ids)
    found = decisions.found(about(campaign.id), sorted({who for group in groups.values() for who in group}))
    answers = {}
    for who in customer_ids:
        of_group = [found[one] for one in groups.get(who, ()) if one in found]
        if of_group:
            # After a merge several were decided about; the one who stands for the group now goes first.
            decision = found.get(who) or min(of_group, key=lambda one: one.id)
            answers[who] = Answer(campaign.id, who, decision, said(decision, campaign))
    rest = [who for who in customer_ids if who not in answers]
    common = _of_everybody(campaign)
    if common is not None:
        return answers | {who: Answer(campaign.id, who, None, common) for who in rest}
    return answers | (_outside(campaign, rest, picture, fields, written or _plainly()) if rest else {})


def _of_everybody(campaign: CampaignView) -> Text | None:
    """Why nobody else was considered, where it is the same for all of them."""
    if campaign.started_at is None:
        return words.NOT_STARTED
    if campaign.queued_at is None:
        return words.BEING_DECIDED
    return None if campaign.plan.customers is None else words.NOT_ON_LIST


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
    campaign: CampaignView,
    customer_ids: Sequence[int],
    picture: Picture | None,
    fields: Mapping[str, Field],
    written: Formatter,
) -> dict[int, Answer]:
    """Which conditions of the segment did not hold for customers who were not in it when the campaign started."""
    first = words.filled(words.NOT_IN_SEGMENT, {"day": campaign.picture_day})
    if picture is None:
        gone = words.together([first, words.PICTURE_GONE])
        return {who: Answer(campaign.id, who, None, gone) for who in customer_ids}
    assert campaign.started_at is not None
    tree = tree_of(campaign, fields)
    parts: Sequence[Tree] = (tree.parts if isinstance(tree, AllOf) else ()) or (tree,)
    tagged = tagged_for(parts, at=campaign.started_at)
    known, holds = holding(picture, parts, fields, np.array(customer_ids, dtype=np.int64), tagged)
    missed = {
        who: [part for part, held in zip(parts, row, strict=True) if not held]
        for who, row in zip(known.tolist(), holds.tolist(), strict=True)
    }
    return {who: _missed(campaign, who, missed.get(who), fields, written, first) for who in customer_ids}


def _missed(
    campaign: CampaignView,
    customer_id: int,
    missed: Sequence[Tree] | None,
    fields: Mapping[str, Field],
    written: Formatter,
    first: Text,
) -> Answer:
    """The answer for one of them; `missed` is None for somebody whom the picture does not know."""
    if missed is None:
        return Answer(campaign.id, customer_id, None, words.together([first, words.NOT_IN_PICTURE]))
    if not missed:
        return Answer(campaign.id, customer_id, None, words.FITS_NOW)
    failed = tuple(
        Text(sentence(part, fields, "zh", written), sentence(part, fields, "en", written)) for part in missed
    )
    listed = {"zh": "；".join(one.zh for one in failed), "en": "; ".join(one.en for one in failed)}
    second = Text(words.FAILED.zh.format(conditions=listed["zh"]), words.FAILED.en.format(conditions=listed["en"]))
    return Answer(campaign.id, customer_id, None, words.together([first, second]), failed)
