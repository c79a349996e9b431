"""The channel copy list 逐条发送: a person copies each text, pastes it into WeChat, and says that it is sent."""

from typing import Final

from regulars.core.bilingual import Text
from regulars.outreach.channels.channel import Channel

CHANNEL: Final = Channel("copy_list", Text("复制发微信", "Copy into WeChat"), by_hand=True)
