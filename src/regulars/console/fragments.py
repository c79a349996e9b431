"""Parts of a page: htmx asks for one by the id of the element that it is to replace."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from regulars.console.access import StaffRequest

TARGET = "HX-Target"


def asked(request: StaffRequest) -> str:
    """The id of the part that is asked for; '' for the whole page."""
    return request.headers.get(TARGET, "")


def shown(request: StaffRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """The page, or a part of it, at one address: whoever keeps it keeps the two apart."""
    response = render(request, template, dict(context), status=status)
    response["Vary"] = TARGET
    return response
