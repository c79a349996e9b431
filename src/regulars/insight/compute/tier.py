"""The tier that a customer had as of a day, from the intervals in which the programme held them."""

from datetime import date

import ibis.expr.types as ir

from regulars.insight.compute.tables import Tables


def held(told: Tables, day: date) -> ir.Table:
    """customer_id and tier of those who had one at the end of the day before `day`.

    When an interval ended matters only up to then: an end that lies ahead may be the work of orders still to come.
    """
    known = told.as_of(day).tiers
    return known.filter((known.to_date >= day).fill_null(True)).select("customer_id", "tier")
