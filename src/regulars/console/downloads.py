"""Tables as the answer of a page, which a browser saves."""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from regulars.core.sheets import FORMS, Cell, Formula

__all__ = ["FORMS", "Cell", "Formula", "sent"]


def sent(name: str, form: str, heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """A table as the answer of a page, in one of `FORMS`; a browser saves it as `name`, and nobody on the way does."""
    writer, content_type = FORMS[form]
    return StreamingHttpResponse(
        writer(heading, rows),
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, f"{name}.{form}") or "attachment",
            "Cache-Control": "no-store",
        },
    )
