"""Reading what holds for every campaign."""

from decimal import Decimal

from regulars.outreach.models import ChannelSetting, OutreachSetting
from regulars.outreach.rules import OutreachSettings


def settings() -> OutreachSettings:
    """The settings of reaching out; the defaults until somebody changes them."""
    row = OutreachSetting.objects.filter(pk=1).values(*OutreachSettings.__slots__).first()
    return OutreachSettings(**row) if row else OutreachSettings()


def message_costs() -> dict[str, Decimal]:
    """channel → what one message costs now, minor units with decimals; one that costs nothing is left out."""
    return dict(ChannelSetting.objects.filter(cost_minor__gt=0).values_list("channel", "cost_minor"))


def message_cost(channel: str) -> Decimal:
    """What one message of a channel costs now."""
    return message_costs().get(channel, Decimal(0))
