"""The application as `regulars serve` runs it, in one or several web processes."""

import multiprocessing
import os
import signal
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


def _leave_with_parent(parent: int) -> None:
    """A web process whose master was killed would keep the port for ever."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(1)
    os.kill(os.getpid(), signal.SIGTERM)


get_resolver().url_patterns  # noqa: B018  # loads every page now; the first visitor would wait two seconds for it
threading.Thread(target=_open_picture, name="picture", daemon=True).start()

if multiprocessing.parent_process() is not None:
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), name="parent-watch", daemon=True).start()

__all__ = ["application"]
