"""Ways to reach customers. A new channel is a file here and a line in CHANNELS."""

from collections.abc import Mapping
from typing import Final

from regulars.outreach.channels import copy_list, email
from regulars.outreach.channels.channel import Channel

CHANNELS: Final[Mapping[str, Channel]] = {one.code: one for one in (email.CHANNEL, copy_list.CHANNEL)}
