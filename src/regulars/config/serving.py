"""The application as `regulars serve` runs it: the web pages, and beside them whatever jobs are due."""

import os

from regulars.config.wsgi import application

if os.environ.get("REGULARS_WORKER") != "0":
    from regulars.config.jobs import work_beside_web_server

    work_beside_web_server()

__all__ = ["application"]
