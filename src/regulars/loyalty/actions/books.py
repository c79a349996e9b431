"""Keeping what `verify` found."""

from datetime import datetime

from regulars.loyalty.models import Verification
from regulars.loyalty.verification import Report

KEPT = 100


def keep_verification(*, report: Report, at: datetime) -> None:
    """Keep one finished run; older ones than the last hundred go."""
    Verification.objects.create(
        at=at, agrees=report.clean, checked=report.checked, due=report.due, differences=report.differences
    )
    old = Verification.objects.order_by("-at").values_list("pk", flat=True)[KEPT:]
    Verification.objects.filter(pk__in=list(old)).delete()
