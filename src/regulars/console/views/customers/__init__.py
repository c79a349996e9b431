"""The members: a list to search and filter, views that people keep, and a file to take along."""

from regulars.console.views.customers import export, kept_views, listing

urlpatterns = [*listing.urlpatterns, *kept_views.urlpatterns, *export.urlpatterns]
