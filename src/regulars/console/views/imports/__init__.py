"""Imports: a file of orders is uploaded, its columns confirmed, checked whole, posted, and can be undone."""

from regulars.console.views.imports import balances, columns, compared, contracts, problems, steps, upload

urlpatterns = [
    *upload.urlpatterns,
    *contracts.urlpatterns,
    *balances.urlpatterns,
    *compared.urlpatterns,
    *columns.urlpatterns,
    *steps.urlpatterns,
    *problems.urlpatterns,
]
