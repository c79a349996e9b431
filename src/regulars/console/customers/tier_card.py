"""The card about a customer's tier: where they stand, what lies ahead, and the tiers that were given."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from regulars.console import actors, lines, reader, sight
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.lines import TierName
from regulars.console.programme.words import name_of
from regulars.loyalty import growth_words, tier_words
from regulars.loyalty.rules import Policies
from regulars.loyalty.tier_grants_view import GrantView
from regulars.loyalty.tier_view import tier_view
from regulars.loyalty.wording import Wording


@dataclass(frozen=True, slots=True)
class GivenTier:
    """A given tier that counts or will: its name and look, the sentence about it, and who gave it when."""

    id: int
    tier: TierName
    said: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TierCard:
    """A customer's tier: `counted` says the growth that counts today, `rise` and `falls` what lies ahead.

    `growth` of `threshold` are on the bar towards `next`, None in the highest tier.
    """

    tier: TierName
    since: date | None
    counted: str
    growth_name: str
    growth: int
    next: TierName | None
    threshold: int
    rise: str
    falls: list[str]
    given: list[GivenTier]


def tier_card(
    request: StaffRequest, customer_id: int, policies: Policies | None, today: date, at: datetime
) -> TierCard | None:
    """The card; None before there is a programme."""
    if policies is None:
        return None
    view, wording = tier_view(customer_id, policies, today, at), wording_of(request)
    names, ahead = lines.tier_names(policies, today), view.ahead
    given = view.given_now(today)
    people = actors.names_of(one.actor for one in given if one.actor)
    return TierCard(
        tier=lines.tier_at(names, view.tier),
        since=view.since,
        counted=growth_words.counted(view.growth, view.growth_from, wording.language),
        growth_name=growth_words.growth_name(view.growth_from).said(wording.language),
        growth=view.growth,
        next=names[view.tier + 1] if view.threshold is not None else None,
        threshold=view.threshold or 0,
        rise=tier_words.rise_said(ahead.rise, policies, today, wording) if ahead.rise else "",
        falls=tier_words.fall_said(ahead.fall, ahead.tier, policies, today, wording) if ahead.fall else [],
        given=[_given(one, names, policies, today, wording, people) for one in given],
    )


def wording_of(request: StaffRequest) -> Wording:
    """How sentences are written for whoever looks."""
    return Wording(reader.language(), business_of(request).currency, sight.zone_of(request))


def given_said(grant: GrantView, policies: Policies | None, wording: Wording, today: date) -> str:
    """'Gold through 29 Jun 2027, given by hand: she waited an hour', in the reader's language."""
    tiers = policies.on(max(grant.from_day, today)).tiers if policies is not None else ()
    name = next((name_of(one.names) for one in tiers if one.code == grant.tier), grant.tier)
    until = grant.grant.until_day
    return tier_words.given_said(
        name, last=until - timedelta(days=1) if until else None,
        starts=grant.from_day if grant.from_day > today else None,
        source=grant.source, reason=grant.reason, wording=wording,
    )  # fmt: skip


def _given(
    grant: GrantView, names: list[TierName], policies: Policies, today: date, wording: Wording, people: dict[str, str]
) -> GivenTier:
    codes = [tier.code for tier in policies.on(today).tiers]
    place = codes.index(grant.tier) if grant.tier in codes else 0
    return GivenTier(
        grant.id, names[place], given_said(grant, policies, wording, today), people.get(grant.actor, grant.actor),
        grant.at,
    )  # fmt: skip
