"""Signatures as the Standard Webhooks specification has them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook


def headers(*, token: str, body: str, secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """The three headers of a message that leaves at an instant, with a signature for each secret that is good."""
    sent_at = at.astimezone(UTC)
    signatures = [Webhook(secret).sign(token, sent_at, body) for secret in secrets]
    return {
        "webhook-id": token,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
