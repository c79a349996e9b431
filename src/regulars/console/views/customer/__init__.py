"""One customer, whole: who they are, what they have, what happened, and what can be done for them."""

from regulars.console.views.customer import (
    benefits,
    consents,
    contacts,
    page,
    phone,
    points,
    rewards,
    sign_in,
    tags,
    tasks,
    tier,
)

urlpatterns = [
    *page.urlpatterns,
    *contacts.urlpatterns,
    *phone.urlpatterns,
    *points.urlpatterns,
    *rewards.urlpatterns,
    *sign_in.urlpatterns,
    *tags.urlpatterns,
    *benefits.urlpatterns,
    *consents.urlpatterns,
    *tasks.urlpatterns,
    *tier.urlpatterns,
]
