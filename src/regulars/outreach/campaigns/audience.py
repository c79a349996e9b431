"""Whom a campaign is for, in portions, and what a decision has to know about each of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from regulars.core.conditions import Tree, read
from regulars.core.conditions.fields import Field
from regulars.customers import consents
from regulars.customers.queries import canonicals
from regulars.customers.stable_names import stable_names
from regulars.experiments import queries as experiments
from regulars.experiments.assignment import arms_of, places_of
from regulars.experiments.queries import ExperimentView
from regulars.insight import queries as insight
from regulars.insight.compute.audience import audience
from regulars.insight.compute.listing import Chosen
from regulars.insight.compute.pictures import Picture
from regulars.insight.queries import NoPicture
from regulars.insight.segments import queries as segments
from regulars.insight.segments.live import tagged_for
from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.outreach.campaigns.rules import CampaignView, Considered, Terms, language_for, most_chosen
from regulars.outreach.queries import settings
from regulars.outreach.rules import OutreachSettings
from regulars.staff import queries as staff

PORTION = 20_000
"""As many as the limits look up by key; some hundred milliseconds of work in one transaction."""


class People(NamedTuple):
    """Customers with the names that decide who is held out."""

    ids: list[int]
    whos: list[str]

    def only(self, flags: Sequence[bool]) -> "People":
        """Those whose flag is set."""
        return People(list(compress(self.ids, flags)), list(compress(self.whos, flags)))


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for everybody in a campaign at the moment of deciding."""

    campaign: CampaignView
    settings: OutreachSettings
    standing: ExperimentView | None
    language: str

    @property
    def terms(self) -> Terms:
        """What the decision needs of it."""
        return Terms(self.settings.cap_most, self.settings.cap_days, most_chosen(self.campaign.plan))


def situation(campaign: CampaignView) -> Situation:
    """What holds for everybody in a campaign now."""
    return Situation(campaign, settings(), experiments.standing(), staff.business().language)


def picture_of(campaign: CampaignView) -> Picture | None:
    """The picture that a campaign started with, or for one that did not start the latest; None if it is gone."""
    if not campaign.set_name or campaign.picture_day is None or campaign.started_at is None:
        return insight.picture()
    found = insight.picture_in(campaign.set_name, day=campaign.picture_day, made_at=campaign.started_at)
    return found if found.file.exists() else None


def check_readable(campaign: CampaignView, *, picture: Picture | None, fields: Mapping[str, Field]) -> None:
    """Refuse a campaign whose audience could not be read when its turn comes.

    Raises:
        NoPicture, NoSegment, InvalidCondition: It is for a segment, which cannot be looked up.
    """
    if campaign.plan.segment_id is not None:
        if picture is None:
            raise NoPicture("Make the picture first: it knows who is in the segment.")
        tree_of(campaign, fields)


def tree_of(campaign: CampaignView, fields: Mapping[str, Field]) -> Tree:
    """Whom the segment of a campaign means: the frozen version, or for a draft the latest.

    Raises:
        InvalidCondition: It cannot be understood any more.
        NoSegment: There is no such segment.
    """
    assert campaign.plan.segment_id is not None
    known = segments.versions(campaign.plan.segment_id)
    if not known:
        raise segments.NoSegment("There is no such segment.")
    wanted = campaign.segment_version or known[0].number
    return read(next(one.tree for one in known if one.number == wanted), fields)


def portions(
    campaign: CampaignView, *, picture: Picture | None, fields: Mapping[str, Field], at: datetime
) -> Iterator[People]:
    """Everybody in the segment, or on the list, each once.

    By id, so that rows are written in order; but in an order that says nothing about them where a budget may end before
    the customers do, or the oldest members would take it all.

    Args:
        picture: Tells who is in the segment; a list needs none. Tags count as they hang at `at`.
    Raises:
        NoPicture: There is a segment and no picture.
    """
    ids, whos = _everybody(campaign, picture, fields, at)
    order = np.arange(len(ids))
    if most_chosen(campaign.plan) is not None:
        order = np.lexsort((ids, places_of(whos.to_pylist(), salt=f"{campaign.salt} order")))
    for start in range(0, len(ids), PORTION):
        some = order[start : start + PORTION]
        yield People(ids[some].tolist(), whos.take(some).to_pylist())


def consider(people: People, situation: Situation, *, at: datetime) -> list[Considered]:
    """What is known at this moment of those of them who still stand for themselves, in the order given."""
    campaign, plan = situation.campaign, situation.campaign.plan
    reach = consents.reach(people.ids, channel=plan.channel, at=at)
    had = limits.had(Kind.MESSAGES, people.ids, at=at, window=situation.settings.cap_window)
    held_out = arms_of(people.whos, salt=campaign.salt, share_percent=plan.held_out_percent).tolist()
    alone = _standing(people, situation.standing)
    languages = {told: _language(told, situation) for told in {one.language for one in reach.values()}}
    return [
        Considered(who, standing, reach[who].refused, had.get(who, 0), out, languages[reach[who].language])
        for who, standing, out in zip(people.ids, alone, held_out, strict=True)
        if who in reach
    ]


def _standing(people: People, group: ExperimentView | None) -> list[bool]:
    if group is None:
        return [False] * len(people.ids)
    drawn: list[bool] = arms_of(people.whos, salt=group.salt, share_percent=group.share_percent).tolist()
    return drawn


def _language(told: str, situation: Situation) -> str:
    return language_for(told, business=situation.language, content=situation.campaign.plan.content)


def _everybody(
    campaign: CampaignView, picture: Picture | None, fields: Mapping[str, Field], at: datetime
) -> tuple[Any, Any]:
    """Ids as numbers, names as an Arrow array in the same order."""
    if campaign.plan.customers is not None:
        names = _listed(campaign.plan.customers)
        return np.array(list(names), dtype=np.int64), pa.array(list(names.values()), pa.string())
    if picture is None:
        raise NoPicture("Make the picture first: it knows who is in the segment.")
    tree = tree_of(campaign, fields)
    found = audience(picture, Chosen(tree, fields, tagged_for([tree], at=at)))
    return found["customer_id"].to_numpy(), found["who"].fill_null("").combine_chunks()


def _listed(customers: Sequence[int]) -> dict[int, str]:
    """The customers of a list with their names, each under who stands for the group now."""
    return stable_names(sorted(set(canonicals(customers).values())))
