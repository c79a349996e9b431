"""What somebody looks for among the members, as it stands in the address of the page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from regulars.console.sight import Reach
from regulars.loyalty.membership import SORTS, Filter

WITHIN = {"within7": 7, "within30": 30, "within90": 90}
SILENT = {"silent30": 30, "silent60": 60, "silent90": 90, "silent180": 180}
ORDERS = ("2", "3", "5", "10")
USUAL_SORT = "recent"
LONGEST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter and order of the list. Every field is a text from the address, checked; '' leaves it open."""

    words: str = ""
    tier: str = ""
    last: str = ""
    joined: str = ""
    orders: str = ""
    sort: str = USUAL_SORT

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Wanted":
        """What an address asks for; what makes no sense is left open."""
        last, tier, sort = query.get("last", ""), query.get("tier", ""), query.get("sort", "")
        return cls(
            words=" ".join(query.get("q", "").replace("\x00", "").split())[:LONGEST_WORDS],
            tier=tier if tier.isascii() and tier.isdecimal() and len(tier) <= 2 else "",
            last=last if last in WITHIN or last in SILENT else "",
            joined="month" if query.get("joined") == "month" else "",
            orders=orders if (orders := query.get("orders", "")) in ORDERS else "",
            sort=sort if sort in SORTS else USUAL_SORT,
        )

    @property
    def query(self) -> str:
        """The address's part after the question mark, without what is left open."""
        names = {"words": "q"}
        given = {names.get(name, name): getattr(self, name) for name in self.__slots__}
        if given["sort"] == USUAL_SORT:
            del given["sort"]
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def is_open(self) -> bool:
        """Whether it leaves everybody in."""
        return replace(self, sort=USUAL_SORT) == Wanted()

    def sorted_by(self, sort: str) -> "Wanted":
        """The same people in another order."""
        return replace(self, sort=sort)

    def filter(self, reach: Reach, zone: ZoneInfo, among: tuple[int, ...] | None) -> Filter:
        """What it means on the day from which the data count back, for somebody who sees these customers alone."""
        return Filter(
            words=self.words,
            tier=int(self.tier) if self.tier else None,
            ordered_since=reach.instant(WITHIN[self.last] - 1, zone) if self.last in WITHIN else None,
            silent_since=reach.instant(SILENT[self.last], zone) if self.last in SILENT else None,
            joined_since=reach.day.replace(day=1) if self.joined else None,
            min_orders=int(self.orders) if self.orders else None,
            among=among,
        )

    def kinds(self) -> dict[str, str]:
        """Which filters are set, for the audit trail: what was searched for may be somebody's name, so it stays out."""
        given = {name: str(getattr(self, name)) for name in ("tier", "last", "joined", "orders")}
        return {**{name: value for name, value in given.items() if value}, **({"words": "yes"} if self.words else {})}
