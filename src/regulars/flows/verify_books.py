"""Verify the books: recompute everything, and keep what was found for the Overview."""

from collections.abc import Iterator
from datetime import datetime

from regulars.loyalty import actions as loyalty
from regulars.loyalty.rules import Policies
from regulars.loyalty.verification import Report, verify


def verify_books(*, policies: Policies, at: datetime) -> Iterator[Report]:
    """Run `verify` to its end and keep its result; yields the report as it grows."""
    report = Report()
    for report in verify(policies=policies, at=at):
        yield report
    loyalty.keep_verification(report=report, at=at)
