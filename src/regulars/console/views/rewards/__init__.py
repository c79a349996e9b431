"""The rewards catalogue: what points buy, who claimed what, and what is handed over."""

from regulars.console.views.rewards import catalogue, claims, editing

urlpatterns = [*editing.urlpatterns, *claims.urlpatterns, *catalogue.urlpatterns]
