"""The addresses of the console: each page's own module lists them."""

from django.urls import URLPattern, URLResolver, include, path

from regulars.console.palette import palette

urlpatterns: list[URLPattern | URLResolver] = [
    path("palette/", palette, name="palette"),
    path("", include("regulars.console.views.overview")),
    path("", include("regulars.console.views.today")),
    path("", include("regulars.console.views.bring_back")),
    path("", include("regulars.console.views.customers")),
    path("", include("regulars.console.views.customer")),
    path("", include("regulars.console.views.ledger")),
    path("", include("regulars.console.views.liability")),
    path("", include("regulars.console.views.health")),
    path("", include("regulars.console.views.duplicates")),
    path("", include("regulars.console.views.people")),
    path("", include("regulars.console.views.segments")),
    path("", include("regulars.console.views.tags")),
    path("", include("regulars.console.views.imports")),
    path("", include("regulars.console.views.picture")),
    path("", include("regulars.console.views.value")),
    path("", include("regulars.console.views.churn")),
    path("", include("regulars.console.views.contracts")),
    path("", include("regulars.console.views.cohorts")),
    path("", include("regulars.console.views.models")),
    path("", include("regulars.console.views.campaigns")),
    path("", include("regulars.console.views.offers")),
    path("", include("regulars.console.views.guesses")),
    path("", include("regulars.console.views.rewards")),
    path("", include("regulars.console.views.copy_list")),
    path("", include("regulars.console.views.mailbox")),
    path("", include("regulars.console.views.redeem")),
    path("", include("regulars.console.views.till")),
    path("", include("regulars.console.views.risk")),
    path("", include("regulars.console.views.tasks")),
    path("", include("regulars.console.views.settings")),
    path("", include("regulars.console.views.setup")),
]
