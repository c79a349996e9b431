"""Campaigns: from a draft over its dry run to the report that says what it brought."""

from regulars.console.views.campaigns import checking, editing, listing, live, moving, past, report, trace

urlpatterns = [
    *listing.urlpatterns,
    *past.urlpatterns,
    *live.urlpatterns,
    *editing.urlpatterns,
    *checking.urlpatterns,
    *moving.urlpatterns,
    *report.urlpatterns,
    *trace.urlpatterns,
]
