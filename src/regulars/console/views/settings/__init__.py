"""Settings: the business, its programme, campaigns, follow-up, staff, keys for programs, and who changed what."""

from regulars.console.views.settings import (
    audit,
    business,
    draft_benefits,
    draft_currencies,
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
    risk,
    webhooks,
)

urlpatterns = [
    *business.urlpatterns,
    *programme.urlpatterns,
    *drafts.urlpatterns,
    *draft_terms.urlpatterns,
    *draft_rules.urlpatterns,
    *draft_benefits.urlpatterns,
    *draft_currencies.urlpatterns,
    *draft_simulation.urlpatterns,
    *outreach.urlpatterns,
    *follow_up.urlpatterns,
    *risk.urlpatterns,
    *email.urlpatterns,
    *people.urlpatterns,
    *keys.urlpatterns,
    *webhooks.urlpatterns,
    *audit.urlpatterns,
]
