"""What makes the pages an app: the manifest, and the worker that shows the last card without network."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from regulars.portal.access import public_because
from regulars.portal.shown import open_page
from regulars.portal.signing_in import asked
from regulars.staff import queries as staff


@public_because("browsers fetch it without a cookie; it says only what the shop is called")
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What phones call it on their home screen."""
    shop = staff.business().name
    with translation.override(asked(request)):
        told = {
            "name": _("%(shop)s membership card") % {"shop": shop},
            "short_name": shop[:12],
            "start_url": "/m/",
            "scope": "/m/",
            "display": "standalone",
            "background_color": "#f7f7f6",
            "theme_color": "#0b7763",
            "icons": [
                {"src": static("member-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any maskable"},
                {"src": static("member-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
            ],
        }
    response = JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "public, max-age=300"
    return response


@public_because("a program without anything personal in it")
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It keeps one page, the card, and forgets it as soon as nobody is signed in."""
    response = HttpResponse(render_to_string("member/worker.js"), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@public_because("shown by the worker where there is no network and no card")
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """That there is no network."""
    with translation.override(asked(request)):
        return open_page(request, "offline", {})
