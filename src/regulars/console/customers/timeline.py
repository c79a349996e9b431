"""One customer's timeline: orders, refunds, commands, expiry, tiers and merges in one order, a page at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from regulars.console import actors, figures, lines, reader, sight
from regulars.console.access import StaffRequest
from regulars.console.condition_words import Speaker
from regulars.console.context import business_of
from regulars.console.customers import story_words
from regulars.console.customers.benefits import use_name
from regulars.console.customers.picture import cause_said, plain_speaker, stage_name
from regulars.console.customers.tier_card import given_said
from regulars.console.lines import TierName
from regulars.console.programme.words import name_of
from regulars.core.calendar import business_date, start_of_day
from regulars.customers import queries as customers
from regulars.customers.queries import MergeView, Profile
from regulars.facts import figures as facts
from regulars.facts.figures import FactView
from regulars.insight import queries as insight
from regulars.insight.queries import StageMoveView
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Currency, OriginKind, Purpose
from regulars.ledger.statements import Entry
from regulars.loyalty import explaining, growth_words, tier_grants_view
from regulars.loyalty import queries as loyalty
from regulars.loyalty.benefits import queries as benefits
from regulars.loyalty.benefits.queries import UseView
from regulars.loyalty.earning.rules import Counted
from regulars.loyalty.explaining import Origins
from regulars.loyalty.membership import number_of
from regulars.loyalty.queries import CommandView
from regulars.loyalty.refolding import flagged
from regulars.loyalty.rules import ItemKind, Policies
from regulars.loyalty.tiers import Interval

PER_PAGE = 20
LARGEST_ID = 2**62
Mark = tuple[datetime, int, int]
"""Where an event stands: its instant, its rank among those of the instant, its id. Later ones come first."""

TIER_KINDS = (ItemKind.TIER, ItemKind.TIER_END)
BENEFIT, COMMAND, FACT, EXPIRY, TIER, MERGE, STAGE = 6, 5, 4, 3, 2, 1, 0
STAGE_LOOKS = {
    "growing": ("sprout", "ok"), "active": ("heart", "ok"), "won_back": ("undo-2", "ok"), "new": ("user-plus", "info"),
    "at_risk": ("heart-pulse", "warn"), "dormant": ("moon", "mute"), "churned": ("heart-off", "mute"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """An entry under its event: what it did, and why in sentences.

    `unit` is the currency of the programme's own that it is in; None for points and growth.
    """

    title: str
    change: int
    amount: int
    is_growth: bool
    sentences: list[str]
    unit: Counted | None = None


@dataclass(slots=True)
class Event:
    """Something that happened. `amount` in minor units or None; `points` what it did to the customer's points.

    `remark` is what somebody should look at, '' mostly.
    """

    mark: Mark
    icon: str
    tone: str
    title: str
    details: list[str] = field(default_factory=list)
    amount: int | None = None
    reasons: list[Reason] = field(default_factory=list)
    tier: TierName | None = None
    pending_until: datetime | None = None
    source: tuple[int, int] | None = None
    remark: str = ""
    growth_from: str = growth_words.SPEND

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.mark[0]

    @property
    def points(self) -> int:
        """What it did to the customer's points in all."""
        return sum(reason.change for reason in self.reasons if not reason.is_growth and reason.unit is None)

    @property
    def summary(self) -> list[str]:
        """What its entries come to in a few words: points, others, growth; what only changed its state at the end."""
        growth = sum(reason.change for reason in self.reasons if reason.is_growth)
        units = list(dict.fromkeys(reason.unit for reason in self.reasons if reason.unit is not None))
        first = units[0] if units and all(reason.unit == units[0] for reason in self.reasons) else None
        moved = sum(reason.amount for reason in self.reasons if not reason.change and reason.unit == first)
        parts = [_("%(change)s points") % {"change": figures.signed(self.points)}] if self.points else []
        for unit in units:
            if change := sum(reason.change for reason in self.reasons if reason.unit == unit):
                parts.append(f"{figures.signed(change)} {unit.called(change).said(reader.language())}")
        if growth:
            said = growth_words.renamed(_("%(change)s growth"), self.growth_from, reader.language())
            parts.append(said % {"change": figures.signed(growth)})
        if first is not None:
            return parts or [first.of(moved).said(reader.language())]
        return parts or [_("%(amount)s points") % {"amount": figures.count(moved)}]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of events, newest first; `earlier` is where the next page begins, '' at the end."""

    events: list[Event]
    earlier: str


def tell(request: StaffRequest, profile: Profile, policies: Policies | None, *, before: str) -> Timeline:
    """A page of a customer's timeline, from a mark in the address on."""
    mark, zone, canonical = _read(before), sight.zone_of(request), profile.customer_id

    def bound(rank: int) -> tuple[datetime, int] | None:
        return None if mark is None else (mark[0], mark[2] if rank == mark[1] else LARGEST_ID if rank < mark[1] else 0)

    most = PER_PAGE + 1
    told = facts.of_customer(canonical, most=most, before=bound(FACT))
    commands = loyalty.commands_of(canonical, most=most, before=bound(COMMAND))
    until = None if mark is None else mark[0] if mark[1] <= EXPIRY else mark[0] + timedelta(microseconds=1)
    expired = ledger.expiries(canonical, most=most, before=until)
    merges = customers.merges_of(profile.members)
    tiers = loyalty.tier_intervals([canonical]).get(canonical, [])
    events = [_of_fact(fact) for fact in told] + [_of_command(command, policies) for command in commands]
    events += [_of_expiry(at, amounts, policies) for at, amounts in expired]
    used = benefits.uses_of(canonical, most=most, before=bound(BENEFIT))
    events += [_of_benefit(use, policies, business_of(request).currency) for use in used]
    moves = insight.stage_moves(canonical)
    rest = [*_of_tiers(tiers, policies, zone), *_of_merges(merges), *_of_stages(moves, plain_speaker(request), zone)]
    events += [event for event in rest if mark is None or event.mark < mark]
    events.sort(key=lambda event: event.mark, reverse=True)
    page = events[:PER_PAGE]
    _explain(request, page, told, commands, policies, merges, profile)
    return Timeline(page, _write(page[-1].mark) if len(events) > PER_PAGE else "")


def _explain(
    request: StaffRequest,
    page: list[Event],
    told: list[FactView],
    commands: list[CommandView],
    policies: Policies | None,
    merges: list[MergeView],
    profile: Profile,
) -> None:
    """Give each event the words that need names, and the entries that it caused."""
    shown = {event.source for event in page}
    origins = Origins(
        {fact.id: fact for fact in told if (OriginKind.FACT, fact.id) in shown},
        {command.id: command for command in commands if (OriginKind.COMMAND, command.id) in shown},
    )
    origins.find_orders()
    origins.trace([profile.customer_id], policies)
    words = lines.full_wording(request, origins)
    entries = ledger.of_origins(profile.customer_id, fact_ids=list(origins.facts), command_ids=list(origins.commands))
    caused: dict[tuple[int, int], list[Entry]] = {}
    for entry in entries:
        caused.setdefault((entry.origin_kind, entry.origin_id), []).append(entry)
    regrouped = {at for merge in merges for at in (merge.merged_at, merge.undone_at) if at is not None}
    names = actors.names_of(by for merge in merges for by in (merge.merged_by, merge.undone_by) if by)
    now, flags = timezone.now(), _flags(profile.members, origins, policies)
    tiers = [one.refers_to or one.id for one in origins.commands.values() if one.kind in TIER_KINDS]
    given = tier_grants_view.by_ids(tiers) if tiers else {}
    for event in page:
        if event.source is None:
            event.details = [names.get(detail, detail) for detail in event.details]
            continue
        own = caused.get(event.source, [])
        event.growth_from = _growth_from(event.at, policies)
        event.remark = str(story_words.FLAGS.get(flags.get(event.source, ""), ""))
        event.reasons = [
            Reason(
                title=story_words.entry_title(entry, words, policies),
                change=entry.change,
                amount=entry.amount,
                is_growth=entry.currency == Currency.GROWTH,
                sentences=explaining.explain(entry, origins, policies, words, regrouped),
                unit=_unit(entry.currency, policies),
            )
            for entry in own
        ]
        earned = next((entry for entry in own if entry.purpose == Purpose.EARN and entry.effective_at), None)
        if earned is not None and earned.effective_at and earned.effective_at > now and event.points:
            event.pending_until = earned.effective_at
        kind, number = event.source
        if kind == OriginKind.FACT:
            fact = origins.facts[number]
            order = origins.orders.get((fact.source, fact.subject or ""))
            event.details = story_words.fact_details(fact, order, words)
        else:
            command = origins.commands[number]
            event.details = story_words.command_details(command, words)
            if (grant := given.get(command.refers_to or command.id)) is not None:
                event.details[:0] = [given_said(grant, policies, words, business_date(command.at, words.zone))]
                event.details = [one for one in event.details if one != grant.reason]


def _growth_from(at: datetime, policies: Policies | None) -> str:
    """What growth counted then."""
    return policies.at(at).growth_from if policies is not None else growth_words.SPEND


def _flags(members: Sequence[int], origins: Origins, policies: Policies | None) -> dict[tuple[int, int], str]:
    """What is odd about the refunds of these members."""
    refunds = [fact.id for fact in origins.facts.values() if fact.kind == ItemKind.REFUND]
    return flagged(refunds, members, policies) if refunds and policies is not None else {}


def _of_fact(fact: FactView) -> Event:
    icon, tone, title = story_words.fact_title(fact)
    return Event(
        mark=(fact.occurred_at, FACT, fact.id),
        icon=icon,
        tone=tone,
        title=title,
        amount=fact.amount,
        source=(int(OriginKind.FACT), fact.id),
    )


def _of_command(command: CommandView, policies: Policies | None) -> Event:
    icon, title = story_words.command_title(command, _unit(command.currency, policies))
    return Event(
        mark=(command.at, COMMAND, command.id),
        icon=icon,
        tone="info",
        title=title,
        source=(int(OriginKind.COMMAND), command.id),
    )


def _of_benefit(use: UseView, policies: Policies | None, currency: str) -> Event:
    """A use stands where it happened; that it was given back since is said with it."""
    off = _("%(money)s off") % {"money": figures.money(use.off_minor, currency)} if use.off_minor else ""
    order = _("order %(number)s") % {"number": use.order_key} if use.order_key else ""
    return Event(
        mark=(use.at, BENEFIT, use.id),
        icon="ticket-check" if use.undone_at is None else "undo-2",
        tone="info" if use.undone_at is None else "mute",
        title=_("Benefit used: %(name)s") % {"name": use_name(use, policies)},
        details=[one for one in (off, order, use.store) if one],
        remark=_("Given back since") if use.undone_at is not None else "",
    )


def _unit(currency: int, policies: Policies | None) -> Counted | None:
    code = policies.code_of(currency) if policies is not None else ""
    return policies.currencies[code].counted if policies is not None and code in policies.currencies else None


def _of_expiry(at: datetime, amounts: Mapping[int, int], policies: Policies | None) -> Event:
    units = {currency: _unit(currency, policies) for currency in amounts}
    names = [unit.name.said(reader.language()) for unit in units.values() if unit is not None]
    title = _("Points expired")
    if names:
        names = [_("Points"), *names] if Currency.POINTS in amounts else names
        joined = ("、" if reader.is_zh() else ", ").join(names)
        title = _("Expired: %(what)s") % {"what": joined}
    event = Event(mark=(at, EXPIRY, 0), icon="hourglass", tone="mute", title=title)
    sentence = _("They were not used in time. Each order above or below says which of its points these were.")
    for currency, amount in amounts.items():
        event.reasons.append(Reason(_("Expired"), -amount, amount, False, [sentence], units[currency]))
    return event


def _of_tiers(intervals: list[Interval], policies: Policies | None, zone: ZoneInfo) -> Iterable[Event]:
    if policies is None:
        return
    today, before = timezone.localdate(), 0
    for interval in intervals:
        if interval.from_date <= today and interval.tier != before:
            tiers = policies.on(interval.from_date).tiers
            names = lines.tier_names(policies, interval.from_date)
            rose = interval.tier > before
            name = name_of(tiers[min(interval.tier, len(tiers) - 1)].names)
            title = _("Reached %(tier)s") if rose else _("Now %(tier)s")
            yield Event(
                mark=(start_of_day(interval.from_date, zone), TIER, interval.tier),
                icon="trending-up" if rose else "trending-down",
                tone="ok" if rose else "warn",
                title=title % {"tier": name},
                tier=lines.tier_at(names, interval.tier),
            )
        before = interval.tier


def _of_merges(merges: list[MergeView]) -> Iterable[Event]:
    for merge in merges:
        pair = {"first": number_of(merge.parent_id), "second": number_of(merge.child_id)}
        yield Event(
            mark=(merge.merged_at, MERGE, merge.id * 2),
            icon="git-merge",
            tone="info",
            title=_("%(second)s became one with %(first)s") % pair,
            details=[merge.merged_by] if merge.merged_by else [],
        )
        if merge.undone_at is not None:
            yield Event(
                mark=(merge.undone_at, MERGE, merge.id * 2 + 1),
                icon="split",
                tone="info",
                title=_("%(second)s and %(first)s were parted again") % pair,
                details=[merge.undone_by] if merge.undone_by else [],
            )


def _of_stages(moves: list[StageMoveView], words: Speaker, zone: ZoneInfo) -> Iterable[Event]:
    """Moves between stages of the lifecycle; where somebody was when it was first looked at is no move."""
    for move in moves:
        if not move.from_stage:
            continue
        icon, tone = STAGE_LOOKS.get(move.to_stage, ("route", "info"))
        pair = {"before": stage_name(move.from_stage, words), "after": stage_name(move.to_stage, words)}
        cause = cause_said(move.cause, move.numbers, words)
        yield Event(
            mark=(start_of_day(move.day, zone), STAGE, 0),
            icon=icon,
            tone=tone,
            title=_("Stage: %(before)s → %(after)s") % pair,
            details=[cause] if cause else [],
        )


def _write(mark: Mark) -> str:
    return f"{mark[0].isoformat()}~{mark[1]}~{mark[2]}"


def _read(text: str) -> Mark | None:
    """A mark out of an address; None if it is none."""
    parts = text.split("~")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts[1:]):
        return None
    try:
        at = parse_datetime(parts[0])
    except ValueError:
        return None
    return (at, int(parts[1]), int(parts[2])) if at is not None and at.tzinfo is not None else None
