"""Whether this instance is up, for whoever watches over it."""

from importlib import metadata
from typing import Final

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from regulars.console.access import public

VERSION: Final = metadata.version("regulars")
"""Read once: it stands in a file, and whoever watches over an instance asks often."""


@public
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, 503 when not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = True
    except Error:
        database = False
    return JsonResponse(
        {"status": "ok" if database else "down", "database": database, "version": VERSION},
        status=200 if database else 503,
    )
