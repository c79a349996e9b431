"""Members and entries as lines of a list: named, masked and explained for the person who looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.console import actors, reader
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.programme.words import name_of
from regulars.console.sight import zone_of
from regulars.customers import queries as customers
from regulars.customers.rules import mask_phone
from regulars.ledger.statements import Entry
from regulars.loyalty import explaining, reasons
from regulars.loyalty.explaining import Origins
from regulars.loyalty.membership import Member, number_of
from regulars.loyalty.rules import Policies

LOOKS = 4
"""How many looks a tier can have, from the plain one to the black one."""


@dataclass(frozen=True, slots=True)
class TierName:
    """A tier as it is shown: its look from 1 to 4, and its name in the reader's language."""

    index: int
    look: str
    name: str


def tier_names(policies: Policies | None, today: date) -> list[TierName]:
    """The tiers of the programme as it is today, lowest first; one without a name if there is no programme."""
    if policies is None:
        return [TierName(0, "1", "")]
    tiers = policies.on(today).tiers
    steps = max(len(tiers) - 1, 1)
    looks = [
        min(index + 1, LOOKS) if len(tiers) <= LOOKS else 1 + index * (LOOKS - 1) // steps
        for index in range(len(tiers))
    ]
    return [TierName(index, str(look), name_of(tiers[index].names)) for index, look in enumerate(looks)]


def tier_at(names: Sequence[TierName], index: int) -> TierName:
    """The tier at an index; one that a newer version of the programme no longer has counts as its highest."""
    return names[min(index, len(names) - 1)]


def customer_url(customer_id: int) -> str:
    """Where a customer's page is."""
    return reverse("customer", args=[number_of(customer_id)])


def whole_phone(value: str) -> str:
    """A phone as people write it: 138 0013 8000; a foreign one as it is kept."""
    if value.startswith("+86") and len(value) == 14:
        return f"{value[3:6]} {value[6:10]} {value[10:]}"
    return value


def shown_name(name: str, *, whole: bool) -> str:
    """A name as far as a role may see it: whole, or its first character; '' for none."""
    return name if whole or not name else f"{name[:1]}**"


def shown_phone(value: str, *, whole: bool = False) -> str:
    """A phone for a list: masked, or as people write it for those who may see it whole; '' for none."""
    if not value:
        return ""
    return whole_phone(value) if whole else mask_phone(value)


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member in a list; `name` is never empty, `phone` masked."""

    customer_id: int
    url: str
    number: str
    name: str
    phone: str
    tier: TierName
    points: int
    orders: int
    spent: int
    last_order_at: datetime | None
    joined_on: date


def member_lines(members: Sequence[Member], tiers: Sequence[TierName]) -> list[MemberLine]:
    """Members with their phones, masked, and the names of their tiers."""
    phones = customers.phones(member.customer_id for member in members)
    return [
        MemberLine(
            customer_id=member.customer_id,
            url=customer_url(member.customer_id),
            number=member.number,
            name=member.name or _("No name yet"),
            phone=shown_phone(phones.get(member.customer_id, "")),
            tier=tier_at(tiers, member.tier),
            points=member.points,
            orders=member.orders,
            spent=member.spent,
            last_order_at=member.last_order_at,
            joined_on=member.joined_on,
        )
        for member in members
    ]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of the ledger: what it is, what it does to the customer's points, and why it is there."""

    entry: Entry
    number: str
    title: str
    url: str
    name: str
    why: list[str]

    @property
    def change(self) -> int:
        """What it does to the customer's points, 0 when they only change their state."""
        return self.entry.change


def wording(request: StaffRequest) -> reasons.Wording:
    """How reasons are written on this page, without names yet."""
    return reasons.Wording(reader.language(), business_of(request).currency, zone_of(request))


def full_wording(request: StaffRequest, origins: Origins) -> reasons.Wording:
    """How reasons are written, with the names of stores, goods and people that these origins mention."""
    plain = wording(request)
    people = actors.names_of(command.actor for command in origins.commands.values() if command.actor)
    return explaining.full_wording(plain.language, plain.currency, plain.zone, origins, people)


def entry_lines(
    request: StaffRequest, entries: Sequence[Entry], policies: Policies | None, *, explained: bool
) -> list[EntryLine]:
    """Entries with their customers' names; with every reason in full if `explained`."""
    origins = explaining.origins_of(entries)
    names = customers.names(entry.customer_id for entry in entries)
    words, regrouped = wording(request), set[datetime]()
    if explained:
        origins.find_orders()
        words = full_wording(request, origins)
        regrouped = explaining.regrouped_at(names)
        origins.trace({entry.customer_id for entry in entries}, policies)
    found = []
    for entry in entries:
        canonical_id, name = names.get(entry.customer_id, (entry.customer_id, ""))
        found.append(
            EntryLine(
                entry=entry,
                number=str(entry.id),
                title=reasons.title(entry, origins.of(entry), words, policies),
                url=customer_url(canonical_id),
                name=name or number_of(canonical_id),
                why=explaining.explain(entry, origins, policies, words, regrouped) if explained else [],
            )
        )
    return found
