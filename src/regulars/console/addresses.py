"""The addresses that customers' phones open: where browsers find this instance from outside, as far as anybody said."""

from django.urls import reverse

from regulars.console.access import StaffRequest
from regulars.outreach.channels.email_settings import kept


def outside(request: StaffRequest, name: str, *args: object, query: str = "") -> str:
    """The whole address of a page for customers; without a public address, the one by which staff came here."""
    path = reverse(name, args=args) + (f"?{query}" if query else "")
    told = kept().public_url.rstrip("/")
    return f"{told}{path}" if told else request.build_absolute_uri(path)
