"""The till: finding a guest, serving them, the day of a shop, and the manager's PIN."""

from regulars.console.views.till import day, late, page, pin

urlpatterns = [*page.urlpatterns, *late.urlpatterns, *day.urlpatterns, *pin.urlpatterns]
