"""Old and new side by side 新旧对账: every comparison of another programme with this one, and each difference."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import comparison_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.taking import maybe_whole, one_of, whole
from regulars.core.errors import DomainError
from regulars.loyalty.membership import number_of
from regulars.loyalty.taking_over import queries
from regulars.loyalty.taking_over.rules import CODES, SAID, Counts, Difference, Kind, Reason, Run, Wanted, What

router = ScopedRouter(tags=["Taking over"])
PAGE: Final = 200
MOST_OFFSET: Final = 10**9
WHATS: Final = {one.name.lower(): one for one in What if one.name}
"""What of a member can differ, as the API calls it."""


class NoComparison(DomainError):
    """No such comparison."""

    code = "no_comparison"


@router.post("/list", auth=Scope(schemas.READ), operation_id="list_comparisons", openapi_extra=schemas.LIST)
def list_comparisons(request: HttpRequest) -> HttpResponse:
    """The comparisons so far, the one of the latest day first, sixty at most."""
    asked = read(request)
    return answer({"comparisons": [_run(one, asked) for one in queries.runs()]})


@router.post("/read", auth=Scope(schemas.READ), operation_id="read_comparison", openapi_extra=schemas.ONE)
def read_comparison(request: HttpRequest) -> HttpResponse:
    """One comparison: how many agree and differ, why they probably do, and which rows could not be read."""
    asked = read(request)
    run = _found(asked)
    counts = _counts(queries.counts(run.id))
    problems = [{"code": code, "count": count, "rows": list(rows)} for code, count, rows in run.problems]
    return answer({"comparison": {**_run(run, asked), **counts, "problems": problems}})


@router.post(
    "/differences", auth=Scope(schemas.MEMBERS), operation_id="list_differences", openapi_extra=schemas.DIFFERENCES
)
def differences(request: HttpRequest) -> HttpResponse:
    """The members of whom the two do not say the same, those furthest apart first, two hundred at a time."""
    asked = read(request)
    run, wanted = _found(asked), _wanted(asked)
    offset = maybe_whole(asked, "offset", least=0, most=MOST_OFFSET) or 0
    found = queries.page(run.id, wanted, offset=offset, most=PAGE + 1)
    more = offset + PAGE if len(found) > PAGE else None
    tiers = [tier.code for tier in asked.situation.policies.on(run.as_of).tiers]
    return answer(
        {
            "count": queries.found(run.id, wanted),
            "differences": [_difference(one, tiers) for one in found[:PAGE]],
            "next_offset": more,
        }
    )


def _found(asked: Asked) -> Run:
    found = queries.run(whole(asked, "comparison_id"))
    if found is None:
        raise NoComparison("There is no such comparison.")
    return found


def _wanted(asked: Asked) -> Wanted:
    what = one_of(asked, "what", tuple(WHATS))
    return Wanted(
        one_of(asked, "kind", tuple(Kind)), int(WHATS[what]) if what else 0, one_of(asked, "reason", tuple(Reason))
    )


def _run(run: Run, asked: Asked) -> dict[str, Any]:
    return {
        "comparison_id": run.id,
        "old_system": run.source,
        "day": run.as_of,
        "file": run.file_name,
        "made_at": run.made_at.astimezone(asked.situation.zone),
        "made_by": run.made_by or None,
        "compared": list(run.compared),
        "rows": run.rows,
        "refused": run.refused,
        "members": {
            "agree": run.agree,
            "differ": run.differ,
            "only_old": run.only_old,
            "only_new": run.only_new,
        },
        "points": {"old": run.old_points, "new": run.new_points},
    }


def _counts(counts: Counts) -> dict[str, Any]:
    reasons = sorted(counts.reasons.items(), key=lambda pair: -pair[1])
    return {
        "what": {name: counts.whats.get(int(what), 0) for name, what in WHATS.items()},
        "reasons": [{"reason": code, "said": SAID[code]._asdict(), "count": count} for code, count in reasons],
    }


def _difference(one: Difference, tiers: list[str]) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "number": number_of(one.customer_id) if one.customer_id else None,
        "old_number": one.number or None,
        "row": one.row,
        "what": [name for name, what in WHATS.items() if one.what & what],
        "points": {"old": one.old_points, "new": one.new_points, "difference": one.points_apart},
        "growth": {"old": one.old_growth, "new": one.new_growth},
        "tier": {"old": _tier(one.old_tier, tiers), "new": _tier(one.new_tier, tiers)},
        "last_days": [{"day": day, "old": old, "new": new} for day, old, new in one.expiries],
        "coupons": [{"code": code, "said": CODES[why]._asdict()} for code, why in one.codes],
        "reason": {"code": one.reason, "said": SAID[one.reason]._asdict()},
    }


def _tier(place: int | None, tiers: list[str]) -> str | None:
    return None if place is None else tiers[min(place, len(tiers) - 1)]
