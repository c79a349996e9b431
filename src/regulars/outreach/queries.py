"""Reading what holds for every campaign."""

from regulars.outreach.models import OutreachSetting
from regulars.outreach.rules import OutreachSettings


def settings() -> OutreachSettings:
    """The settings of reaching out; the defaults until somebody changes them."""
    row = OutreachSetting.objects.filter(pk=1).values(*OutreachSettings.__slots__).first()
    return OutreachSettings(**row) if row else OutreachSettings()
