"""Segments: named choices of customers, written in the visual builder, and who came and left since when and why."""

from regulars.console.views.segments import change, editing, listing, page

urlpatterns = [*listing.urlpatterns, *editing.urlpatterns, *change.urlpatterns, *page.urlpatterns]
