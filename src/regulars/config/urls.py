"""Every address of an instance."""

from django.urls import include, path

from regulars.config.health import health
from regulars.console.accounts import set_language

urlpatterns = [
    path("healthz", health, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("language/", set_language, name="set_language"),
    path("api/v1/", include("regulars.api.urls")),
    path("", include("regulars.console.urls")),
]
