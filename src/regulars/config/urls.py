"""Every address of an instance."""

from django.urls import include, path, re_path

from regulars.api.urls import nothing as no_such_address
from regulars.config.health import health
from regulars.console.access import public
from regulars.console.accounts import set_language

urlpatterns = [
    path("healthz", health, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("language/", set_language, name="set_language"),
    path("api/v1/", include("regulars.api.urls")),
    re_path(r"^api(?:/|$)", public(no_such_address)),
    path("", include("regulars.portal.urls")),
    path("", include("regulars.console.urls")),
]
