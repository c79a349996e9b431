"""Messages that go with a fragment: htmx puts no page around it that would show them."""

import json

from django.contrib.messages import get_messages
from django.http import HttpResponse

from regulars.console.access import StaffRequest


def carry(request: StaffRequest, response: HttpResponse) -> HttpResponse:
    """The same answer, with what is to be said as an event that the page shows in its corner."""
    told = list(get_messages(request)) if request.headers.get("HX-Request") else []
    if told:
        text = " ".join(str(one) for one in told)
        response["HX-Trigger"] = json.dumps({"toast": {"text": text, "level": told[-1].level_tag}})
    return response
