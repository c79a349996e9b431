"""The application as `regulars serve` runs it: the web pages, and beside them whatever jobs are due."""

import os
import threading

from django.db import connection
from django.db.utils import Error
from django.urls import get_resolver

from regulars.config.wsgi import application


def _open_picture() -> None:
    """Load what reads the picture before somebody asks: it takes half a second, and more on a busy machine."""
    from regulars.insight import queries

    try:
        queries.count()
    except (Error, OSError):
        pass  # whoever opens a page is told; here nobody listens
    finally:
        connection.close()


get_resolver().url_patterns  # noqa: B018  # loads every page now; the first visitor would wait two seconds for it
threading.Thread(target=_open_picture, name="picture", daemon=True).start()

if os.environ.get("REGULARS_WORKER") != "0":
    from regulars.config.jobs import work_beside_web_server

    work_beside_web_server()

__all__ = ["application"]
