"""The addresses of the API, version 1."""

import functools
from collections.abc import Callable
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from regulars.api import (
    benefit_schemas,
    benefits,
    checkout,
    checkout_schemas,
    comparison_schemas,
    comparisons,
    coupon_schemas,
    coupons,
    draft_schemas,
    drafts,
    duplicate_schemas,
    duplicates,
    events,
    issuing,
    issuing_schemas,
    offer_schemas,
    offers,
    point_schemas,
    points,
    programme,
    programme_schemas,
    report_schemas,
    reports,
    reward_schemas,
    reward_term_schemas,
    reward_terms,
    rewards,
    risk,
    risk_schemas,
    schemas,
    simulation_schemas,
    simulations,
    tier_schemas,
    tiers,
    version_schemas,
    versions,
    webhook_schemas,
    webhooks,
)
from regulars.api.access import ScopedRouter
from regulars.api.problems import MethodNotAllowed, NotFound, Unavailable, refusal, unexpected
from regulars.core.errors import DomainError
from regulars.facts.rules import MalformedFact
from regulars.staff.actions.api_keys import BadApiKey

app_name = "api"

api = NinjaAPI(
    title="Regulars 回头客",
    version="1",
    description=schemas.DESCRIPTION,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    openapi_extra=schemas.COMMON,
    default_router=ScopedRouter(),
)
api.add_router("", events.router)
api.add_router("/coupons", coupons.router)
api.add_router("/coupons", issuing.router)
api.add_router("/offers", offers.router)
api.add_router("/duplicates", duplicates.router)
api.add_router("/checkout", checkout.router)
api.add_router("/benefits", benefits.router)
api.add_router("/rewards", rewards.router)
api.add_router("/rewards", reward_terms.router)
api.add_router("/tiers", tiers.router)
api.add_router("/webhooks", webhooks.router)
api.add_router("/risk", risk.router)
api.add_router("/programme", programme.router)
api.add_router("/programme/drafts", drafts.router)
api.add_router("/programme/versions", versions.router)
api.add_router("/programme/simulations", simulations.router)
api.add_router("/reports", reports.router)
api.add_router("/comparisons", comparisons.router)
api.add_router("/points", points.router)


@api.exception_handler(DomainError)
def _expected(request: HttpRequest, error: DomainError) -> HttpResponse:
    return refusal(error)


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    return refusal(Unavailable("The database does not answer. Nothing was written; send it again.", retry_after=5))


@api.exception_handler(Http404)
def _nothing_here(request: HttpRequest, error: Http404) -> HttpResponse:
    return refusal(NotFound("There is nothing at this address. /api/v1/openapi.json lists what there is."))


@api.exception_handler(HttpError)
def _not_let_in(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refusal(BadApiKey("This API key does not exist or was revoked."))


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    return refusal(MalformedFact(str(first["msg"]), field=".".join(str(part) for part in first["loc"][1:])))


@api.exception_handler(Exception)
def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    return unexpected(error)


@functools.cache
def document() -> bytes:
    """The OpenAPI document."""
    found = api.get_openapi_schema(path_prefix="api/v1/")
    return orjson.dumps(
        schemas.finished(
            {**found, "webhooks": webhook_schemas.SENT},
            {
                **coupon_schemas.SCHEMAS,
                **checkout_schemas.SCHEMAS,
                **benefit_schemas.SCHEMAS,
                **reward_schemas.SCHEMAS,
                **tier_schemas.SCHEMAS,
                **webhook_schemas.SCHEMAS,
                **risk_schemas.SCHEMAS,
                **programme_schemas.SCHEMAS,
                **point_schemas.SCHEMAS,
                **draft_schemas.SCHEMAS,
                **version_schemas.SCHEMAS,
                **simulation_schemas.SCHEMAS,
                **report_schemas.SCHEMAS,
                **comparison_schemas.SCHEMAS,
                **reward_term_schemas.SCHEMAS,
                **offer_schemas.SCHEMAS,
                **issuing_schemas.SCHEMAS,
                **duplicate_schemas.SCHEMAS,
            },
        ),
        option=orjson.OPT_NON_STR_KEYS,
    )


@csrf_exempt
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for everybody: it says nothing about this business."""
    if request.method not in ("GET", "HEAD"):
        return _other_method("GET, HEAD")
    return HttpResponse(document(), content_type="application/json")


@csrf_exempt
def nothing(request: HttpRequest, **_: Any) -> HttpResponse:
    """Any other address: programs get a problem, not the console's page."""
    return _nothing_here(request, Http404())


def _other_method(allow: str) -> HttpResponse:
    return refusal(MethodNotAllowed(f"This address takes {allow}.", allow=allow))


def _with_problems(pattern: URLPattern) -> URLPattern:
    """A route of ninja whose own plain-text answer to a wrong method becomes a problem as well."""
    view: Callable[..., HttpResponse] = pattern.callback

    @functools.wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        return _other_method(response["Allow"]) if response.status_code == 405 else response

    pattern.callback = answering
    return pattern


def _routes() -> list[URLPattern]:
    return [_with_problems(route) for bound in api._get_bound_routers() for route in bound.urls_paths(bound.prefix)]


urlpatterns = [*_routes(), path("openapi.json", openapi, name="openapi"), re_path(r"", nothing, name="nothing")]
