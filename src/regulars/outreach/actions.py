"""Changing what holds for every campaign."""

from dataclasses import asdict

from regulars.outreach.models import OutreachSetting
from regulars.outreach.rules import OutreachSettings, checked


def change_settings(*, told: OutreachSettings) -> None:
    """Keep these settings.

    Raises:
        InvalidSettings: One is out of range.
    """
    OutreachSetting.objects.update_or_create(pk=1, defaults=asdict(checked(told)))
