"""One customer, whole: who they are, what they have, what happened, and what can be done for them."""

from regulars.console.views.customer import contacts, page, points, tags

urlpatterns = [*page.urlpatterns, *contacts.urlpatterns, *points.urlpatterns, *tags.urlpatterns]
