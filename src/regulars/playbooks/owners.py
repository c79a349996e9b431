"""Who may be given tasks: people who work here, may do them, and see the customer's store."""

from datetime import datetime

from django.db import connection

from regulars.catalogue import queries as catalogue
from regulars.core import bulk
from regulars.playbooks.rules import Owner
from regulars.staff import queries as staff
from regulars.staff.rules import StaffMember

CAPABILITY = "tasks.do"
LOAD = """
SELECT owner_id, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE created_at >= %s)
FROM playbooks_task WHERE state = 'open' OR created_at >= %s GROUP BY 1
"""


def owners(*, today_from: datetime) -> list[Owner]:
    """Everybody who may be given tasks, with what they have already.

    Args:
        today_from: When the business's day began.
    """
    load = {row[0]: (row[1], row[2]) for row in bulk.run(connection, LOAD, [today_from, today_from])}
    return [
        Owner(
            one.id,
            None if one.store_codes is None else frozenset(catalogue.store_ids(one.store_codes)),
            *load.get(one.id, (0, 0)),
        )
        for one in staff.staff()
        if can_own(one)
    ]


def can_own(member: StaffMember | None) -> bool:
    """Whether tasks may be given to this person."""
    return member is not None and CAPABILITY in member.capabilities
