"""Settings: the business, its programme, the people who work here, keys for programs, and who changed what."""

from regulars.console.views.settings import audit, business, keys, people, programme

urlpatterns = [
    *business.urlpatterns,
    *programme.urlpatterns,
    *people.urlpatterns,
    *keys.urlpatterns,
    *audit.urlpatterns,
]
