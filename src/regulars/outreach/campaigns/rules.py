"""What a campaign is, how its state may move, and the one decision about each customer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.decisions.rules import About, AboutKind, NewDecision, Outcome
from regulars.experiments.rules import LARGEST_SHARE, InvalidShare, basis_points

LANGUAGES: Final = ("zh", "en")
MOST_LISTED: Final = 5_000
"""Customers of a list; more of them are a segment."""
LONGEST_NAME: Final = 80
MOST_COUNTED: Final = 100_000_000
GOALS: Final = ("win_back", "promotion", "welcome", "care", "other")


class State(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.APPROVED}),
    State.APPROVED: frozenset({State.DRAFT, State.RUNNING, State.STOPPED}),
    State.RUNNING: frozenset({State.PAUSED, State.STOPPED, State.DONE}),
    State.PAUSED: frozenset({State.RUNNING, State.STOPPED, State.DONE}),
    State.STOPPED: frozenset(),
    State.DONE: frozenset(),
}
"""Which state may follow which. An approval can be taken back, as long as nothing has started."""


class Reason(StrEnum):
    """Why somebody was chosen or not, besides the reasons for which a channel may not be used (consent knows those).

    The standing control group is looked at first, then the channel, the frequency cap, the budget, and the hold-out.
    """

    STANDING_CONTROL = "standing_control"
    FREQUENCY_CAP = "frequency_cap"
    BUDGET = "budget"
    HOLD_OUT = "hold_out"
    CHOSEN = "chosen"


class NotAllowed(DomainError):
    """A campaign in this state cannot do that."""

    code = "campaign_state"


class InvalidCampaign(DomainError):
    """Something about a campaign cannot be so; `context` has the `field` and a `problem`."""

    code = "invalid_campaign"


@dataclass(frozen=True, slots=True)
class Message:
    """What is said in one language: Liquid texts."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody writes about a campaign while it is a draft.

    Args:
        segment_id: Whom it is for, or else `customers`, a list of few.
        content: By language ('zh', 'en'); who reads neither gets the business's language, then any.
        held_out_percent: Left alone to measure by; 0 needs `no_hold_out_reason`.
        window_days: How long after the start orders count.
        pace_per_hour: None is as fast as the channel can.
    """

    name: Text
    goal: str
    channel: str
    content: Mapping[str, Message]
    segment_id: int | None = None
    customers: tuple[int, ...] | None = None
    offer_id: int | None = None
    held_out_percent: Decimal = Decimal(10)
    no_hold_out_reason: str = ""
    window_days: int = 30
    most_messages: int | None = None
    most_coupons: int | None = None
    pace_per_hour: int | None = None
    sends_from: time = time(8)
    sends_until: time = time(21)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as it is kept; see the table. The versions of segment and offer are None while it is a draft."""

    id: int
    plan: Plan
    state: State
    revision: int
    segment_version: int | None
    offer_version: int | None
    salt: str
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    copied_from: int | None
    started_at: datetime | None
    queued_at: datetime | None
    set_name: str
    picture_day: date | None

    @property
    def is_being_queued(self) -> bool:
        """Whether it runs and not everybody has been decided about."""
        return self.state is State.RUNNING and self.queued_at is None


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody brought a campaign into another state."""

    from_state: str
    to_state: str
    at: datetime
    by: str
    reason: str


class Considered(NamedTuple):
    """What a decision looks at; a tuple, since a campaign considers a million.

    `refused` is '' or the reason why the channel may not be used, `had` the messages that count against the cap,
    `language` the one in which the customer would be written to.
    """

    customer_id: int
    standing: bool
    refused: str
    had: int
    held_out: bool
    language: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for everybody in a campaign: at most `cap_most` messages in `cap_days` days."""

    cap_most: int
    cap_days: int
    most_chosen: int | None = None


def decide(batch: Iterable[Considered], terms: Terms, *, chosen_before: int = 0) -> list[NewDecision]:
    """The decision about each customer, in the order given: what a dry run shows and a start records.

    Whoever may not be reached is left out before the hold-out is drawn, so that both arms are alike. Once the budget is
    spent both arms end, for the same reason; so customers must come in an order that says nothing about them.

    Args:
        chosen_before: How many of this campaign were chosen already.
    """
    left = None if terms.most_chosen is None else max(0, terms.most_chosen - chosen_before)
    spent = {"most": terms.most_chosen}
    found = []
    for who, standing, refused, had, held_out, _ in batch:
        if standing:
            found.append(NewDecision(who, Outcome.SUPPRESSED, Reason.STANDING_CONTROL))
        elif refused:
            found.append(NewDecision(who, Outcome.SUPPRESSED, refused))
        elif had >= terms.cap_most:
            numbers = {"most": terms.cap_most, "days": terms.cap_days, "had": had}
            found.append(NewDecision(who, Outcome.SUPPRESSED, Reason.FREQUENCY_CAP, numbers))
        elif left == 0:
            found.append(NewDecision(who, Outcome.SUPPRESSED, Reason.BUDGET, spent))
        elif held_out:
            found.append(NewDecision(who, Outcome.HELD_OUT, Reason.HOLD_OUT))
        else:
            found.append(NewDecision(who, Outcome.CHOSEN, Reason.CHOSEN))
            left = None if left is None else left - 1
    return found


def about(campaign_id: int) -> About:
    """What the decisions of a campaign are about."""
    return About(AboutKind.CAMPAIGN, campaign_id)


def coupon_prefix(campaign_id: int) -> str:
    """How the keys of a campaign's coupons begin; the number of the message follows."""
    return f"campaign:{campaign_id}:"


def check_move(state: State, to: State) -> None:
    """Refuse a move that the state does not allow.

    Raises:
        NotAllowed: It does not.
    """
    if to not in MOVES[state]:
        raise NotAllowed(f"A campaign that is {state} cannot become {to}.", state=str(state), to=str(to))


def checked(plan: Plan, *, channels: Collection[str]) -> Plan:
    """The plan itself, when all of it can be so. What its messages say is checked by `content.check`.

    Raises:
        InvalidCampaign: Something cannot; its context names the field.
    """
    names = [words.strip() for words in plan.name]
    _require(any(names) and max(map(len, names)) <= LONGEST_NAME, "name", "name_length", most=LONGEST_NAME)
    _require(plan.goal in GOALS, "goal", "unknown_goal")
    _require(plan.channel in channels, "channel", "unknown_channel")
    _require((plan.segment_id is None) != (plan.customers is None), "for_whom", "segment_or_list")
    if plan.customers is not None:
        _require(1 <= len(set(plan.customers)) <= MOST_LISTED, "for_whom", "list_length", most=MOST_LISTED)
    _require(_is_share(plan.held_out_percent), "held_out_percent", "range", most=LARGEST_SHARE)
    reasoned = plan.held_out_percent > 0 or bool(plan.no_hold_out_reason.strip())
    _require(reasoned, "no_hold_out_reason", "reason_missing")
    _require(1 <= plan.window_days <= 365, "window_days", "range", most=365)
    for name in ("most_messages", "most_coupons", "pace_per_hour"):
        told = getattr(plan, name)
        _require(told is None or 1 <= told <= MOST_COUNTED, name, "range", most=MOST_COUNTED)
    _require(plan.sends_from < plan.sends_until, "sends_from", "hours")
    return plan


def most_chosen(plan: Plan) -> int | None:
    """How many customers may be chosen at most: the smaller budget; coupons count only where there is an offer."""
    told = [plan.most_messages, plan.most_coupons if plan.offer_id is not None else None]
    return min((most for most in told if most is not None), default=None)


def language_for(customer: str, *, business: str, content: Collection[str]) -> str:
    """In which of the content's languages a customer is written to: their own, the business's, or what there is."""
    for told in (customer, business):
        if (short := told[:2].lower()) in content:
            return short
    return next(language for language in LANGUAGES if language in content)


def _is_share(percent: Decimal) -> bool:
    try:
        return basis_points(percent) >= 0
    except InvalidShare:
        return False


def _require(holds: bool, field_name: str, problem: str, **numbers: Any) -> None:
    if not holds:
        raise InvalidCampaign(f"{field_name}: {problem}", field=field_name, problem=problem, **numbers)
