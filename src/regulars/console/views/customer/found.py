"""Which customer a page is about, for somebody who may see them."""

from django.http import Http404

from regulars.console import sight
from regulars.console.access import StaffRequest
from regulars.customers import queries as customers
from regulars.customers.queries import Profile
from regulars.facts import figures as facts
from regulars.loyalty.membership import id_of


def profile_or_404(request: StaffRequest, number: str) -> Profile:
    """The customer with this member number, or whoever they were merged into.

    Raises:
        Http404: Nobody, or nobody who ever ordered in this person's stores.
    """
    customer_id = id_of(number)
    profile = customers.profile(customer_id) if customer_id is not None and customer_id > 0 else None
    stores = sight.stores_of(request)
    if profile is None or (stores is not None and not facts.bought_in(profile.customer_id, stores)):
        raise Http404
    return profile
