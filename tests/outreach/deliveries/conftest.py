"""A mail server that every test of deliveries can send to."""

from collections.abc import Iterator

import pytest

from tests.outreach.mailserver import MailServer, Post


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """What a mail server on loopback took; e-mail leaves through it."""
    with MailServer(Post()) as server:
        monkeypatch.setenv("REGULARS_EMAIL_URL", server.url(public_url="https://club.cafe.example"))
        yield server.post
