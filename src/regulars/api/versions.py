"""The versions of the programme: when each was live, what it changed, and its whole terms."""

from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse

from regulars.api import drafts_told as told
from regulars.api import version_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import answer, read
from regulars.api.taking import whole
from regulars.core.errors import DomainError
from regulars.loyalty import programme_view
from regulars.loyalty.programme_view import Version

router = ScopedRouter(tags=["Programme"])
LARGEST: Final = 2**31 - 1
MOST: Final = 60


class NoVersion(DomainError):
    """The programme has no version of this number."""

    code = "no_version"


@router.post("/list", auth=Scope(schemas.SCOPE), operation_id="list_versions", openapi_extra=schemas.LIST)
def list_versions(request: HttpRequest) -> HttpResponse:
    """Every version, the newest first, sixty at most; before the number that is named."""
    asked = read(request)
    before = whole(asked, "before", most=LARGEST) if asked.members.get("before") is not None else LARGEST
    found = [one for one in _versions() if one[0].number < before]
    shown = told.versions(found[:MOST], asked)
    return answer({"versions": shown, "next_before": shown[-1]["number"] if len(found) > MOST else None})


@router.post("/read", auth=Scope(schemas.SCOPE), operation_id="read_version", openapi_extra=schemas.READ)
def read_version(request: HttpRequest) -> HttpResponse:
    """One version with its whole terms, as JSON and in sentences."""
    asked = read(request)
    number = whole(asked, "number", most=LARGEST)
    found = next((one for one in _versions() if one[0].number == number), None)
    if found is None:
        raise NoVersion(f"The programme has no version {number}.")
    [one] = told.versions([found], asked)
    return answer({"version": {**one, **told.terms_of(found[0], asked)}})


def _versions() -> list[tuple[Version, Version | None, datetime | None]]:
    """Every version, the newest first, with the one before it and until when it was live."""
    every = programme_view.versions()
    before, until = [*every[1:], None], [None, *(one.live_from for one in every[:-1])]
    return list(zip(every, before, until, strict=True))
