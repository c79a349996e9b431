"""What a simulation means for each member, as a file. That it was taken is recorded, never what stood in it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from django.http import Http404, HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import downloads
from regulars.console.access import StaffRequest, requires
from regulars.console.programme.words import name_of
from regulars.customers import queries as customers
from regulars.flows.export_simulation import member_lines
from regulars.loyalty.simulation import queries
from regulars.loyalty.simulation.queries import NoSimulation
from regulars.loyalty.simulation.rules import Rung, State
from regulars.staff import actions as staff

PORTION = 1_000


@requires("insight.export")
@require_POST
def export(request: StaffRequest, simulation_id: int, form: str) -> HttpResponseBase:
    """A line for each member to whom anything happened, while their histories are replayed once more.

    How many lines there are is known at the end only; the audit keeps how many members were compared.
    """
    if form not in downloads.FORMS:
        raise Http404
    try:
        run = queries.run(simulation_id)
    except NoSimulation as error:
        raise Http404 from error
    if run.state is not State.DONE or run.result is None:
        raise Http404
    staff.record(
        by=request.actor, action="programme.simulation_export", at=timezone.now(), subject_kind="simulation",
        subject_id=run.id, detail={"format": form, "rows": run.result.members},
    )  # fmt: skip
    today, draft = _tiers(run.result.rungs_today), _tiers(run.result.rungs_draft)
    rows = _rows(run.id, today, draft)
    return downloads.sent(f"simulation-{run.id}-{timezone.localdate()}", form, _heading(), rows)


def _heading() -> list[str]:
    return [
        _("Member number"),
        _("Name"),
        _("Points as it was"),
        _("Points under the draft"),
        _("Difference"),
        _("Tier today"),
        _("Tier under the draft"),
    ]


def _tiers(rungs: Sequence[Rung]) -> dict[str, str]:
    return {rung.code: name_of(rung.names) or rung.code for rung in rungs}


def _rows(
    simulation_id: int, today: Mapping[str, str], draft: Mapping[str, str]
) -> Iterator[list[downloads.Cell]]:  # fmt: skip
    lines = member_lines(simulation_id=simulation_id)
    while portion := list(islice(lines, PORTION)):
        names = customers.names(line[0] for line in portion)
        for customer_id, number, points_today, points_draft, difference, tier_today, tier_draft in portion:
            yield [
                number,
                names.get(customer_id, (customer_id, ""))[1],
                points_today,
                points_draft,
                difference,
                today.get(tier_today, tier_today),
                draft.get(tier_draft, tier_draft),
            ]


urlpatterns = [
    path("settings/programme/simulations/<int:simulation_id>/export/<str:form>/", export, name="simulation_export"),
]
