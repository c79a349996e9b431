"""One customer, whole: who they are, what they have, what happened, and what can be done for them."""

from regulars.console.views.customer import consents, contacts, page, phone, points, tags, tasks

urlpatterns = [
    *page.urlpatterns,
    *contacts.urlpatterns,
    *phone.urlpatterns,
    *points.urlpatterns,
    *tags.urlpatterns,
    *consents.urlpatterns,
    *tasks.urlpatterns,
]
