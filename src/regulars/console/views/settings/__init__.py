"""Settings: the business, its programme, the people who work here, keys for programs, and who changed what."""

from regulars.console.views.settings import audit, business, email, keys, outreach, people, programme

urlpatterns = [
    *business.urlpatterns,
    *programme.urlpatterns,
    *outreach.urlpatterns,
    *email.urlpatterns,
    *people.urlpatterns,
    *keys.urlpatterns,
    *audit.urlpatterns,
]
