"""Changing what holds for every campaign."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal

from regulars.outreach.models import ChannelSetting, OutreachSetting
from regulars.outreach.rules import OutreachSettings, checked, checked_costs


def change_settings(*, told: OutreachSettings) -> None:
    """Keep these settings.

    Raises:
        InvalidSettings: One is out of range.
    """
    OutreachSetting.objects.update_or_create(pk=1, defaults=asdict(checked(told)))


def change_costs(*, costs: Mapping[str, Decimal]) -> None:
    """Keep what a message costs, by channel; messages that left keep what they cost then.

    Args:
        costs: Minor units with decimals.
    Raises:
        InvalidSettings: One is out of range.
    """
    for channel, minor in sorted(checked_costs(costs).items()):
        ChannelSetting.objects.update_or_create(channel=channel, defaults={"cost_minor": minor})
