"""Why a try brought no answer, in words."""

from typing import Final

from regulars.core.bilingual import Text

TROUBLES: Final = {
    "unknown_host": Text("找不到这个域名", "The name leads nowhere"),
    "private_address": Text("地址在内网，不允许发送", "The address is inside a network, where nothing is sent to"),
    "connection_refused": Text("对方拒绝连接", "Nobody answers at this port"),
    "connection_lost": Text("连接中断", "The connection broke off"),
    "timeout": Text("超时没有回应", "No answer in time"),
    "bad_certificate": Text("证书无效，或与域名不符", "The certificate is not good, or not for this name"),
    "secret_unreadable": Text("密钥读不出来，请换一个新密钥", "The secret cannot be read; make a new one"),
}


def said(status: int | None, trouble: str, language: str) -> str:
    """What a try came to: a status, or why there is none; '' before the first."""
    if status is not None:
        return f"HTTP {status}"
    return TROUBLES[trouble].said(language) if trouble in TROUBLES else trouble
