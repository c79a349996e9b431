"""One customer, whole: who they are, what they have, what happened, and what can be done for them."""

from regulars.console.views.customer import contacts, page, points

urlpatterns = [*page.urlpatterns, *contacts.urlpatterns, *points.urlpatterns]
