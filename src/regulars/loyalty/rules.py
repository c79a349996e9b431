"""What the programme promises (policy), and what a customer's history is made of (items)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date, first_day_within, start_of_day
from regulars.core.conditions import used_fields
from regulars.core.errors import DomainError
from regulars.loyalty.badges.rules import Badge, InvalidBadge, badges
from regulars.loyalty.benefits.reading import benefits
from regulars.loyalty.benefits.rules import Benefit, InvalidBenefit
from regulars.loyalty.checkout.terms import USUAL, CheckoutTerms, InvalidCheckout
from regulars.loyalty.currencies import EXPIRIES, InvalidCurrency, Spendable, UnknownCurrency, currencies
from regulars.loyalty.currencies import POINTS as POINTS_NUMBER
from regulars.loyalty.earning import reading, rounding
from regulars.loyalty.earning.badge import GivesBadge
from regulars.loyalty.earning.members import Inputs, Wanted, wanted
from regulars.loyalty.earning.multiply import Multiply
from regulars.loyalty.earning.per_amount import PerAmount
from regulars.loyalty.earning.rounding import Rounding
from regulars.loyalty.earning.rules import Counted, EarningRule, Earns, InvalidRule, Limit, Shares
from regulars.loyalty.earning.taking import COUNTED
from regulars.loyalty.keeping import PLAIN, InvalidKeeping, Keeping


class InvalidPolicy(DomainError):
    """The programme's terms contradict themselves; the message says where."""

    code = "invalid_policy"


class ItemKind(IntEnum):
    """What can stand in a customer's history. Commands keep these numbers in the database."""

    ORDER = 1
    REFUND = 2
    CANCEL = 3
    REVIEW = 5
    TAKEN_OVER = 9
    EVENT = 99
    REDEEM = 11
    REVERSE = 12
    HOLD = 13
    CAPTURE = 14
    RELEASE = 15
    GRANT = 16
    DEDUCT = 17
    FREEZE = 18
    UNFREEZE = 19
    TIER = 20
    TIER_END = 21


@dataclass(frozen=True, slots=True)
class Tier:
    """A rung: `threshold` is the growth value inside the window that reaches it."""

    code: str
    threshold: int
    names: dict[str, str] = field(default_factory=dict, compare=False, hash=False)


VISITS, POINTS = "visits", "points"
FROM_SPEND = ("spend", "amount")
GROWTH_FROM = (*FROM_SPEND, VISITS, POINTS)
"""What growth can count. What it is called follows (`growth_words`); the books have one currency for all of them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the programme.

    `minor_per_point`, `minor_per_growth`: minor units of money for one. `pending_days` by channel. `window_months` is
    the rolling window in which growth counts for tiers. `expiry`: 'end_of_next_year' (次年年底清零), 'rolling' (to be
    used through the same day `expiry_months` later) or 'never'. Of the first two, 0 means that spending earns none.
    `earning`: the rules on top of the base, by what they reward ('order', or an event's name), in the order in which
    they are looked at. `asks`: the condition fields that they use, likewise; `inputs`: those that no fact tells, which
    are kept with it. `budgets`: of rules by code.
    `caps`: the most points that one member earns in a period. `keeping`: how tiers are kept.
    `checkout`: what goes together at the checkout. `benefits`: what tiers give besides points, as they are shown.
    `growth_from`: what growth counts: 'spend' (成长值) and 'amount' (the same, called spend 消费额) by the money for
    one, 'visits' (到店次数, one for each business day with a paid order), or 'points' (累计积分, as many as earned).
    `rounding`: how all that an order earns becomes a whole number; `point_lift`, `growth_lift`: what it adds to a spend
    before that is divided by the money for one.
    `currencies`: what can be spent beside points, by code; `points`: the same of points. `badges`: by code.
    """

    number: int
    zone: ZoneInfo
    minor_per_point: int
    minor_per_growth: int
    pending_days: dict[str, int]
    tiers: tuple[Tier, ...]
    window_months: int = 12
    expiry: str = "end_of_next_year"
    expiry_months: int = 24
    restore_days: int = 14
    earning: Mapping[str, tuple[EarningRule, ...]] = field(default_factory=dict)
    caps: tuple[Limit, ...] = ()
    asks: Mapping[str, frozenset[str]] = field(init=False, compare=False, repr=False)
    inputs: Mapping[str, Wanted] = field(init=False, compare=False, repr=False)
    budgets: Mapping[str, Limit] = field(init=False, compare=False, repr=False)
    keeping: Keeping = PLAIN
    checkout: CheckoutTerms = USUAL
    benefits: tuple[Benefit, ...] = ()
    growth_from: str = "spend"
    rounding: Rounding = Rounding.DOWN
    point_lift: int = field(init=False, compare=False, repr=False)
    growth_lift: int = field(init=False, compare=False, repr=False)
    currencies: Mapping[str, Spendable] = field(default_factory=dict)
    badges: Mapping[str, Badge] = field(default_factory=dict)
    points: Spendable = field(init=False, compare=False, repr=False)
    own_caps: Mapping[str, tuple[Limit, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Note what the rules ask about, so that nothing else is looked up for an item."""
        points = Spendable(
            POINTS, POINTS_NUMBER, self.zone, {}, self.pending_days, self.expiry, self.expiry_months,
            self.restore_days, self.caps,
        )  # fmt: skip
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "own_caps", {code: one.caps for code, one in self.currencies.items()})
        asks = {
            on: frozenset().union(*(used_fields(rule.condition) for rule in rules))
            for on, rules in self.earning.items()
        }
        object.__setattr__(self, "asks", asks)
        inputs = {on: asked for on, rules in self.earning.items() if (asked := wanted(rules))}
        object.__setattr__(self, "inputs", inputs)
        ruled = (rule for rules in self.earning.values() for rule in rules)
        object.__setattr__(self, "budgets", {rule.code: rule.budget for rule in ruled if rule.budget})
        object.__setattr__(self, "point_lift", self.rounding.lift(self.minor_per_point))
        object.__setattr__(self, "growth_lift", self.rounding.lift(self.minor_per_growth))

    def expires_at(self, day: date) -> datetime | None:
        """When points that are given on a business day can no longer be used; None: never."""
        return self.points.expires_at(day)

    @property
    def counted(self) -> Mapping[str, Counted]:
        """How so many of what rules give are written, by what they earn."""
        return {**COUNTED, **{code: one.counted for code, one in self.currencies.items()}}

    @property
    def is_limited(self) -> bool:
        """Whether anything that a member earned before can cut what they earn now."""
        rules = (rule for rules in self.earning.values() for rule in rules)
        capped = bool(self.caps) or any(self.own_caps.values())
        return capped or self.growth_from == VISITS or any(rule.limits for rule in rules)

    @property
    def is_traced(self) -> bool:
        """Whether what an order earns is more than its spend divided by the money for one."""
        return bool(self.earning or self.caps) or self.growth_from not in FROM_SPEND

    @classmethod
    def from_terms(cls, number: int, terms: dict[str, Any], zone: ZoneInfo) -> "Policy":
        """The policy of kept JSON terms.

        Raises:
            InvalidPolicy: A term is missing or contradicts another.
        """
        try:
            codes = [str(tier["code"]) for tier in terms["tiers"]]
            own = currencies(terms.get("currencies", ()), zone=zone, tiers=codes)
            earning: dict[str, tuple[EarningRule, ...]] = {}
            for rule in reading.rules(terms.get("rules", ()), tiers=codes, currencies=[one.code for one in own]):
                earning[rule.on] = (*earning.get(rule.on, ()), rule)
            policy = cls(
                number=number,
                zone=zone,
                minor_per_point=int(terms["minor_per_point"]),
                minor_per_growth=int(terms["minor_per_growth"]),
                pending_days={str(k): int(v) for k, v in terms["pending_days"].items()},
                tiers=tuple(Tier(t["code"], int(t["threshold"]), dict(t["names"])) for t in terms["tiers"]),
                window_months=int(terms["window_months"]),
                expiry=str(terms["expiry"]),
                expiry_months=int(terms.get("expiry_months", 24)),
                restore_days=int(terms["restore_days"]),
                earning=earning,
                caps=reading.caps(terms.get("caps", ()), tiers=codes),
                keeping=Keeping.read(terms.get("keeping", {})),
                benefits=benefits(
                    terms.get("benefits", ()),
                    tiers=codes,
                    rules=[rule.code for rules in earning.values() for rule in rules],
                ),
                checkout=CheckoutTerms.read(terms.get("checkout", {})),
                growth_from=str(terms.get("growth_from", "spend")),
                rounding=rounding.read(terms.get("rounding", "down")),
                currencies={one.code: one for one in own},
                badges=badges(terms.get("badges", ())),
            )
        except (InvalidRule, InvalidKeeping, InvalidCheckout, InvalidBenefit, InvalidCurrency, InvalidBadge) as error:
            raise InvalidPolicy(str(error), **error.context) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            missing = {"field": str(error.args[0])} if isinstance(error, KeyError) and error.args else {}
            raise InvalidPolicy(f"The programme's terms cannot be read: {error!r}.", **missing) from error
        policy._check()
        return policy

    def _check(self) -> None:
        thresholds = [tier.threshold for tier in self.tiers]
        if self.minor_per_point < 0 or self.minor_per_growth < 0:
            raise InvalidPolicy("The spend for one point cannot be below zero.", field="minor_per_point")
        if not thresholds or thresholds[0] != 0 or thresholds != sorted(set(thresholds)):
            raise InvalidPolicy("Tiers must start at 0 and rise.", field="tiers")
        if self.expiry not in EXPIRIES:
            raise InvalidPolicy(f"{self.expiry!r} is not a way for points to expire.", field="expiry")
        if not 1 <= self.expiry_months <= 120:
            raise InvalidPolicy("Points last between 1 and 120 months.", field="expiry_months")
        if self.growth_from not in GROWTH_FROM:
            raise InvalidPolicy("Growth comes from " + ", ".join(GROWTH_FROM) + ".", field="growth_from")
        if self.growth_from not in FROM_SPEND:
            self._check_growth_rules()
        for rule in (rule for rules in self.earning.values() for rule in rules):
            if isinstance(rule.effect, GivesBadge) and rule.effect.badge not in self.badges:
                why = f"Earning rule {rule.code}: this version has no badge {rule.effect.badge!r}."
                raise InvalidPolicy(why, rule=rule.code, field="then")
        if any(not 0 <= days <= 365 for days in self.pending_days.values()) or self.restore_days < 1:
            raise InvalidPolicy(
                "Pending days must lie between 0 and 365, and restored points last at least a day.",
                field="pending_days",
            )
        if not 1 <= self.window_months <= 60:
            raise InvalidPolicy("The window for tiers must lie between 1 and 60 months.", field="window_months")

    def _check_growth_rules(self) -> None:
        """Where growth is no money, a rule cannot give some of it for money; and points are multiplied themselves."""
        needs = (PerAmount, Multiply) if self.growth_from == POINTS else (PerAmount,)
        for rule in (rule for rules in self.earning.values() for rule in rules):
            if rule.earns is Earns.GROWTH and isinstance(rule.effect, needs):
                raise InvalidPolicy(
                    f"Earning rule {rule.code}: growth does not come from spend, so give a fixed amount, or points.",
                    rule=rule.code,
                )


class Policies:
    """The programme's versions, oldest first; the first also holds for all before it. `one` if it is the only one.

    `rewarded`: events other than orders for which some version gives something. `limited`: some version has limits.
    `plain`: in every version a tier follows the growth inside a rolling window. `asks_members`: rules of some version
    ask about what no fact tells; `segments`: those that they ask about, by id. `currencies`: what can be spent beside
    points, by code, as the last version that has it says; `known` are those of versions that are not among these.
    """

    def __init__(
        self, versions: Sequence[tuple[datetime, Policy]], known: Mapping[str, Spendable] | None = None
    ) -> None:
        if not versions:
            raise InvalidPolicy("The programme has no version yet.")
        self.versions = sorted(versions, key=lambda version: version[0])
        self.one = self.versions[0][1] if len(versions) == 1 else None
        self.rewarded = frozenset(on for _, policy in self.versions for on in policy.earning) - {reading.ORDER}
        self.limited = any(policy.is_limited for _, policy in self.versions)
        self.gives_coupons = any(
            rule.earns is Earns.COUPON for _, one in self.versions for rules in one.earning.values() for rule in rules
        )
        self.gives_badges = any(
            rule.earns is Earns.BADGE for _, one in self.versions for rules in one.earning.values() for rule in rules
        )
        self.badges = {code: badge for _, one in self.versions for code, badge in one.badges.items()}
        self.budgeted = any(policy.budgets for _, policy in self.versions)
        self.asks_members = any(policy.inputs for _, policy in self.versions)
        self.segments = _segments(policy for _, policy in self.versions)
        self.plain = all(policy.keeping.is_plain for _, policy in self.versions)
        self.currencies = {**(known or {}), **_known(policy for _, policy in self.versions)}
        self._starts = [(business_date(at, policy.zone), policy) for at, policy in self.versions]

    def at(self, instant: datetime) -> Policy:
        """The version live at an instant."""
        if self.one is not None:
            return self.one
        found = self.versions[0][1]
        for live_from, policy in self.versions[1:]:
            if live_from <= instant:
                found = policy
        return found

    def segments_at(self, instants: Iterable[datetime]) -> frozenset[int]:
        """The segments that rules of the versions live at these instants ask about."""
        if not self.segments or self.one is not None:
            return self.segments
        return _segments({policy.number: policy for policy in map(self.at, instants)}.values())

    def lasting(self, currency: int, at: datetime) -> Spendable:
        """How a currency lasts at an instant; as it last did, where the version live then does not have it any more.

        Raises:
            UnknownCurrency: No version has it.
        """
        if currency == POINTS_NUMBER:
            return self.at(at).points
        code = self.code_of(currency)
        having = [(start, policy.currencies[code]) for start, policy in self.versions if code in policy.currencies]
        if not having:
            return self.currency(code)
        return next((one for start, one in reversed(having) if start <= at), having[0][1])

    def currency(self, code: str) -> Spendable:
        """A currency by its code: points, or one that some version named, as the last one that has it says.

        Raises:
            UnknownCurrency: No version has it.
        """
        if code == POINTS:
            return self.versions[-1][1].points
        if code not in self.currencies:
            raise UnknownCurrency(f"The programme has no currency {code!r}.", currency=code)
        return self.currencies[code]

    @property
    def counted(self) -> dict[str, Counted]:
        """How so many of each currency are written, by its code; also of what only some version has."""
        return {**COUNTED, **{code: one.counted for code, one in self.currencies.items()}}

    def code_of(self, currency: int) -> str:
        """The code of a currency by its number in the ledger; '' if there is none of it."""
        if currency == POINTS_NUMBER:
            return POINTS
        return next((one.code for one in self.currencies.values() if one.number == currency), "")

    def on(self, day: date) -> Policy:
        """The version live when a business day starts, or from then on."""
        if self.one is not None:
            return self.one
        found = self._starts[0][1]
        for start, policy in self._starts[1:]:
            if start <= day:
                found = policy
        return found

    def window_start(self, day: date) -> date | None:
        """The earliest day whose growth still counts on `day`; None when that is no single day for all versions."""
        if not self.plain:
            return None
        if self.one is not None:
            return first_day_within(day, self.one.window_months)
        months = {policy.window_months for _, policy in self.versions}
        return first_day_within(day, months.pop()) if len(months) == 1 else None

    def leaves(self, day: date, first: date) -> date:
        """The first day on which growth of `day` no longer counts; `first` is the day of the first growth."""
        policy = self.one or self.on(day)
        return policy.keeping.leaves(day, policy.window_months, first)

    def never_rises(self, growth: int) -> bool:
        """Whether so much growth cannot reach the second tier under any version."""
        return all(len(policy.tiers) < 2 or growth < policy.tiers[1].threshold for _, policy in self.versions)

    def changes_after(self, day: date) -> list[date]:
        """Days after `day` on which another version begins."""
        return [start for start, _ in self._starts[1:] if start > day]


def _segments(policies: Iterable[Policy]) -> frozenset[int]:
    return frozenset().union(*(asked.segments for policy in policies for asked in policy.inputs.values()))


def _known(versions: Iterable[Policy]) -> dict[str, Spendable]:
    """Every currency that some version names, by code, as the last of them says; a code has one number for ever."""
    known: dict[str, Spendable] = {}
    for one in (one for policy in versions for one in policy.currencies.values()):
        same = [other for other in known.values() if (other.code == one.code) != (other.number == one.number)]
        if same:
            raise InvalidPolicy(f"Currency {one.code} has another number, or another currency's.", currency=one.code)
        known[one.code] = one
    return known


class Grant(NamedTuple):
    """A tier that was given, whatever growth reaches: its code, from one day to before another (None: without end)."""

    tier: str
    from_day: date
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What another programme said that a member had at the end of a day.

    `balance`: 'points', 'growth' or 'tier'. `last_day`: on which the points can still be used (None: always).
    `earned_on`: the day to which growth belongs. `replaces`: it contains all that came before, so that goes.
    """

    balance: str
    last_day: date | None = None
    earned_on: date | None = None
    replaces: bool = False

    def expires_at(self, in_zone: ZoneInfo) -> datetime | None:
        """When the points can no longer be used."""
        return None if self.last_day is None else start_of_day(self.last_day + timedelta(days=1), in_zone)


@dataclass(slots=True)
class Item:
    """One fact or command in a customer's history.

    Items are folded by `position`: (instant, source, key); commands stand after the facts of their instant.
    `origin_id` is the id of the fact or command. For an order: `amount` is the base that earns, `paid` the
    whole, `lines` [(line id, amount)], `key` its number. For a refund: `subject` the order's key, `lines` or `amount`
    (None: all that is left). For a command: `amount` in points, `refers_to` the command that it continues.
    For an event: `event` its name. `store`: the id of the store. `goods` of an order: [(line id, product id,
    quantity, amount)] as told, for rules that ask about products. `grant`: what a TIER gives. `taken`: what was taken
    over. `shares`: what it was given of rules' budgets. `inputs`: what rules ask about the member, as it held when the
    fact was recorded. `currency`: the ledger's number of what a command moves.
    """

    kind: int
    origin_id: int
    customer_id: int
    at: datetime
    day: date
    source: int
    key: str
    amount: int | None = None
    paid: int = 0
    channel: str = "store"
    lines: tuple[tuple[str, int], ...] = ()
    subject: str = ""
    refers_to: int | None = None
    event: str = ""
    store: int | None = None
    goods: Sequence[Sequence[Any]] = ()
    grant: Grant | None = None
    taken: TakenOver | None = None
    shares: Shares | None = None
    inputs: Inputs | None = None
    currency: int = POINTS_NUMBER

    @property
    def position(self) -> tuple[datetime, int, str]:
        """Where the item stands in the history."""
        return (self.at, self.source, self.key)


COMMAND_SOURCE = 2_000_000_000
"""The `source` of commands in a position: after every fact of the same instant."""


def rescaled(terms: Mapping[str, Any], digits: int) -> dict[str, Any]:
    """The same promises in a currency whose minor unit has so many digits more (or fewer, below zero).

    One point for each whole yuan becomes one point for each whole dollar, or each 1 yen: at least one minor unit.
    """
    scaled = dict(terms)
    for name in ("minor_per_point", "minor_per_growth"):
        value = int(terms[name])
        scaled[name] = value * 10**digits if digits >= 0 else max(min(1, value), value // 10**-digits)
    return scaled


def preset_terms(currency_digits: int, *, pending_days: Mapping[str, int] | None = None) -> dict[str, Any]:
    """The retail preset: 1 point and 1 growth for each whole unit of money, four tiers over 12 months, 次年年底清零.

    Args:
        pending_days: Days until points can be spent, by channel, where a trade differs from retail.
    """
    unit = 10**currency_digits
    names = [
        ("basic", 0, "普通", "Basic"),
        ("silver", 1000, "银卡", "Silver"),
        ("gold", 5000, "金卡", "Gold"),
        ("black", 20000, "黑金", "Black"),
    ]
    return {
        "minor_per_point": unit,
        "minor_per_growth": unit,
        "pending_days": dict(pending_days or {"store": 0, "online": 7}),
        "tiers": [{"code": c, "threshold": t, "names": {"zh": zh, "en": en}} for c, t, zh, en in names],
        "window_months": 12,
        "expiry": "end_of_next_year",
        "restore_days": 14,
    }
