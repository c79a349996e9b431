"""What outreach keeps: settings of reaching out, campaigns and who moved them on, messages and what became of them."""

from regulars.outreach.models.campaign import Campaign, CampaignMove
from regulars.outreach.models.delivery import ChannelSetting, Delivery, MailboxMessage, Touch
from regulars.outreach.models.past import PastCampaign, PastCoupon, PastReach, PastRedemption
from regulars.outreach.models.setting import OutreachSetting

__all__ = [
    "Campaign", "CampaignMove", "ChannelSetting", "Delivery", "MailboxMessage", "OutreachSetting", "PastCampaign",
    "PastCoupon", "PastReach", "PastRedemption", "Touch",
]  # fmt: skip
