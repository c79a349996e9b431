"""The package's baskets, products, households and campaigns, moved to end last week."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar
from zlib import crc32
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from regulars.core.calendar import zone
from regulars.core.money import minor_digits
from regulars.facts.connectors.complete_journey import files
from regulars.facts.connectors.complete_journey.files import SOURCE, DemoDataMissing
from regulars.facts.connectors.complete_journey.rows import Campaign, Contact, CouponRow, Household, RedemptionRow
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.kinds import order_completed
from regulars.facts.rules import Identity, IdentityKind, NewFact

DISCOUNTS = ("retail_disc", "coupon_disc")
"""Taken off by the loyalty card and by coupons."""
SHOP_ZONE = ZoneInfo("America/New_York")


class CompleteJourney:
    """The package's data as facts and rows.

    Args:
        on: The year ends in the week before the one of this day.
        time_zone: The business's zone. currency: The programme's; amounts are taken as they stand.
    """

    NAME: ClassVar[str] = SOURCE

    def __init__(self, *, on: date, time_zone: str, currency: str = "USD") -> None:
        self._folder = files.find_data()
        self._zone = zone(time_zone)
        self._currency = currency
        monday = on - timedelta(days=on.weekday())
        baskets = files.table(self._folder, "transactions", "transaction_timestamp")
        last_day = _shop_time(pc.max(files.seconds(baskets["transaction_timestamp"])).as_py()).date()
        self.shift = timedelta(weeks=(monday - timedelta(days=1) - last_day).days // 7)

    def check(self) -> CheckReport:
        """What there is."""
        baskets = self._baskets
        rows = baskets["product"]
        at = [self._at(seconds) for seconds in (baskets["at"][0], baskets["at"][-1])]
        return CheckReport(
            rows=len(rows),
            rows_used=len(rows),
            orders=len(baskets["start"]) - 1,
            lines=len(rows),
            customers=len(set(baskets["household"])),
            products=files.count(self._folder, "products"),
            paid=sum(baskets["amount"]),
            first_at=at[0],
            last_at=at[1],
        )

    def facts(self) -> Iterator[NewFact]:
        """One Order Completed a basket, earliest first."""
        baskets = self._baskets
        products, quantities, amounts = baskets["product"], baskets["quantity"], baskets["amount"]
        off = baskets["discount"]
        line_ids = [str(place) for place in range(1, 2001)]
        people = {
            household: (Identity(IdentityKind.EXTERNAL_ID, SOURCE, household),)
            for household in set(baskets["household"])
        }
        profiles = {household: {"name": name} for household, name in self.names().items()}
        for (start, end), key, seconds, household, store in zip(
            pairwise(baskets["start"]),
            baskets["key"],
            baskets["at"],
            baskets["household"],
            baskets["store"],
            strict=True,
        ):
            paid = sum(amounts[start:end])
            lines = [
                list(line)
                for line in zip(line_ids, products[start:end], quantities[start:end], amounts[start:end], strict=False)
            ]
            yield NewFact(
                source=SOURCE,
                kind=order_completed.CODE,
                key=key,
                occurred_at=self._at(seconds),
                body=order_completed.make_body(
                    currency=self._currency, paid=paid, lines=lines, discount=sum(off[start:end])
                ),
                identities=people[household],
                amount=paid,
                store=store,
                profile=profiles[household],
            )

    def products(self) -> Iterator[ProductRow]:
        """All products: what they are, their category and their brand (the shop's own, or a national one)."""
        told = files.table(
            self._folder, "products", "product_id", "product_type", "product_category", "department", "brand"
        )
        for sku, kind, category, department, brand in files.tuples(told):
            yield ProductRow(
                str(sku), _title(kind or category or department), _title(category or department), brand or ""
            )

    def names(self) -> dict[str, str]:
        """A made-up name for each household, the same on every machine.

        Raises:
            DemoDataMissing: Faker is not installed.
        """
        try:
            from faker import Faker
        except ImportError as error:
            raise DemoDataMissing("Faker is not installed. Install the group demo: uv sync --group demo.") from error
        fake = Faker("en_US", use_weighting=False)
        names = {}
        for household in sorted(set(self._baskets["household"]), key=int):
            fake.seed_instance(f"regulars {household}")
            names[household] = f"{fake.first_name()} {fake.last_name()}"
        return names

    def contacts(self) -> Iterator[Contact]:
        """A made-up e-mail address for four households of five; of those, three in four allow promotions.

        Decided by the household's number alone. The addresses are of example.com, where nobody has a letter box.
        """
        for household in sorted(set(self._baskets["household"]), key=int):
            place = crc32(f"regulars {household}".encode())
            if place % 5:
                identity = Identity(IdentityKind.EXTERNAL_ID, SOURCE, household)
                email = Identity(IdentityKind.EMAIL, "", f"household{household}@example.com")
                yield Contact(identity, email, agrees=place // 5 % 4 > 0)

    def households(self) -> Iterator[Household]:
        """Every household with a basket; about a third tell something of themselves."""
        told = {str(row[0]): row[1:] for row in files.tuples(files.table(self._folder, "demographics"))}
        for household, name in self.names().items():
            yield Household(household, name, *(value or "" for value in told.get(household, ())))

    def campaigns(self) -> Iterator[Campaign]:
        """Campaigns and whom they were sent to."""
        sent: dict[int, list[str]] = {}
        for campaign, household in files.tuples(files.table(self._folder, "campaigns", "campaign_id", "household_id")):
            sent.setdefault(campaign, []).append(str(household))
        told = files.table(
            self._folder, "campaign_descriptions", "campaign_id", "campaign_type", "start_date", "end_date"
        )
        for campaign, kind, start, end in files.tuples(told):
            last = end.date() + self.shift + timedelta(days=1)
            yield Campaign(str(campaign), kind, start.date() + self.shift, last, tuple(sent.get(campaign, ())))

    def coupons(self) -> Iterator[CouponRow]:
        """Which coupon is good for which product in which campaign."""
        for coupon, product, campaign in files.tuples(
            files.table(self._folder, "coupons", "coupon_upc", "product_id", "campaign_id")
        ):
            yield CouponRow(str(coupon), str(product), str(campaign))

    def redemptions(self) -> Iterator[RedemptionRow]:
        """Coupons that were used."""
        told = files.table(
            self._folder, "coupon_redemptions", "household_id", "coupon_upc", "campaign_id", "redemption_date"
        )
        for household, coupon, campaign, at in files.tuples(told):
            yield RedemptionRow(str(household), str(coupon), str(campaign), at.date() + self.shift)

    # -- reading --------------------------------------------------------------------------------------------------

    @cached_property
    def _baskets(self) -> dict[str, list[Any]]:
        """Lines sorted by time and basket: `start` is where each basket begins, and one more."""
        table = files.table(
            self._folder,
            "transactions",
            "basket_id",
            "household_id",
            "store_id",
            "product_id",
            "quantity",
            "sales_value",
            *DISCOUNTS,
            "transaction_timestamp",
        )
        # The sort is stable, so the lines of a basket stay as they stand.
        table = table.sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
        basket = table["basket_id"].combine_chunks()
        first = pc.fill_null(pc.not_equal(basket[1:], basket[:-1]), True)
        starts = [0, *(place + 1 for place in pc.indices_nonzero(first).to_pylist()), len(basket)]
        heads = table.take(pa.array(starts[:-1]))
        off = [self._minor(table[name]) for name in DISCOUNTS]
        return {
            "start": starts,
            "key": heads["basket_id"].cast(pa.string()).to_pylist(),
            "household": heads["household_id"].cast(pa.string()).to_pylist(),
            "store": heads["store_id"].cast(pa.string()).to_pylist(),
            "at": files.seconds(heads["transaction_timestamp"]).to_pylist(),
            "product": files.texts(table["product_id"]),
            "quantity": pc.max_element_wise(table["quantity"], 0).to_pylist(),
            "amount": self._minor(table["sales_value"]).to_pylist(),
            "discount": pc.add(off[0], off[1]).to_pylist(),
        }

    def _minor(self, amounts: pa.ChunkedArray) -> pa.ChunkedArray:
        """Amounts as whole minor units; a few below zero are slips of the simulation."""
        cents = pc.round(pc.multiply(amounts, float(10 ** minor_digits(self._currency))), round_mode="half_up")
        return pc.max_element_wise(cents.cast(pa.int64()), 0)

    def _at(self, seconds: int) -> datetime:
        """The instant of a shop's clock time, moved, in the business's zone."""
        return (_shop_time(seconds) + self.shift).replace(tzinfo=self._zone).astimezone(UTC)


def _shop_time(seconds: int) -> datetime:
    """What the clock in the shop showed."""
    return datetime.fromtimestamp(seconds, SHOP_ZONE).replace(tzinfo=None, fold=0)


def _title(text: str) -> str:
    """FRZN ICE as Frzn Ice: the package shouts."""
    return " ".join(word.capitalize() for word in text.split())
