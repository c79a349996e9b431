"""Settings: the business, its programme, campaigns, follow-up, staff, keys for programs, and who changed what."""

from regulars.console.views.settings import (
    audit,
    business,
    draft_rules,
    draft_simulation,
    draft_terms,
    drafts,
    email,
    follow_up,
    keys,
    outreach,
    people,
    programme,
)

urlpatterns = [
    *business.urlpatterns,
    *programme.urlpatterns,
    *drafts.urlpatterns,
    *draft_terms.urlpatterns,
    *draft_rules.urlpatterns,
    *draft_simulation.urlpatterns,
    *outreach.urlpatterns,
    *follow_up.urlpatterns,
    *email.urlpatterns,
    *people.urlpatterns,
    *keys.urlpatterns,
    *audit.urlpatterns,
]
