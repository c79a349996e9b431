"""How the portal answers: pages that stand alone, take nothing from elsewhere, set no cookie, stay out of searches."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt

from regulars.staff import queries as staff

View = TypeVar("View", bound=Callable[..., HttpResponse])


def open_to_all(view: View) -> View:
    """Declare that a page is open to everybody (see console.access), and needs no CSRF token.

    Nobody is signed in here, so there is no cookie that another site could abuse: who knows the address of a message,
    with 122 random bits, is who got it.
    """
    opened: Any = csrf_exempt(view)
    opened.required_capability = "public"
    opened.public_because = "who knows the address of a message is who got it"
    return opened  # type: ignore[no-any-return]


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, language: str, status: int = 200
) -> HttpResponse:
    """A page in the customer's language."""
    with translation.override("en" if language.startswith("en") else "zh-hans"):
        whole = {"style": _style()[0], "shop": staff.business().name, "is_zh": not language.startswith("en"), **context}
        response = HttpResponse(render_to_string(f"portal/{template}.html", whole), status=status)
    response["Content-Language"] = "en" if language.startswith("en") else "zh-hans"
    return _closed(response)


def gone(request: HttpRequest) -> HttpResponse:
    """There is no such message: said kindly, in both languages, since nobody knows who asks."""
    return page(request, "gone", {}, language="zh-hans", status=404)


def _closed(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src '{_style()[1]}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


@cache
def _style() -> tuple[str, str]:
    """The one style sheet, inside the page, and its hash: nothing else may style it."""
    text = render_to_string("portal/style.css")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return mark_safe(text), f"sha256-{digest}"  # noqa: S308  # our own file
