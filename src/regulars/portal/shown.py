"""How the member's pages are put together."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import get_language

from regulars.portal.access import Visit
from regulars.staff import queries as staff


def shown(visit: Visit, template: str, context: Mapping[str, Any], *, tab: str = "", status: int = 200) -> HttpResponse:
    """A page for a signed-in member; `tab` is the place in the bar at the bottom that is lit."""
    return _made(
        visit.request, template, {"shop": visit.business.name, "tab": tab, "inside": True, **context}, status
    )  # fmt: skip


def open_page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A page for whoever comes."""
    return _made(request, template, {"shop": staff.business().name, "inside": False, **context}, status)


def _made(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    is_zh = not (get_language() or "zh").startswith("en")
    whole = {**context, "is_zh": is_zh, "csrf_token": get_token(request)}
    response = HttpResponse(render_to_string(f"member/{template}.html", whole), status=status)
    response["Content-Language"] = "zh-hans" if is_zh else "en"
    return response
