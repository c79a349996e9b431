"""Filters that people keep under a name. They are nobody else's business, so no audit line is left."""

from datetime import datetime

from regulars.core.errors import DomainError
from regulars.staff.models import SavedView

MOST_VIEWS = 12
LONGEST_NAME = 60


class NameMissing(DomainError):
    """A view needs a name."""

    code = "view_name_missing"


class TooManyViews(DomainError):
    """Somebody keeps as many views of this page as fit."""

    code = "too_many_views"


def save_view(*, user_id: int, page: str, name: str, query: str, at: datetime) -> int:
    """Keep a filter under a name; the same name again replaces it. Returns its id.

    Raises:
        NameMissing, TooManyViews: As they say.
    """
    name = name.strip()[:LONGEST_NAME]
    if not name:
        raise NameMissing("Give the view a name.")
    others = SavedView.objects.filter(owner_id=user_id, page=page).exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise TooManyViews(f"{MOST_VIEWS} views are kept already; delete one first.")
    view, _ = SavedView.objects.update_or_create(
        owner_id=user_id,
        page=page,
        name=name,
        defaults={"query": query[:500]},
        create_defaults={"query": query[:500], "created_at": at},
    )
    return view.pk


def delete_view(*, user_id: int, view_id: int) -> None:
    """Forget one of somebody's own filters."""
    SavedView.objects.filter(pk=view_id, owner_id=user_id).delete()
