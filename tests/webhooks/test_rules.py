"""Which addresses are taken, and when a message is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.webhooks.events.catalogue import CHOICES
from regulars.webhooks.rules import (
    DELAYS,
    LONGEST,
    BadEndpoint,
    Wanted,
    checked,
    fails_too_long,
    is_public,
    new_secret,
    next_try,
    told,
)

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.5.4", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "192.0.2.1",
        "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:0001::", "2002:0a00:0001::1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2001:0:53aa:64c:0:0:f5ff:fffe",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1"]
)
def test_addresses_outside_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://shop.example.com/hooks?x=1", True),
        ("https://shop.example.com:8443", True),
        ("https://8.8.8.8/hooks", True),
        ("http://shop.example.com/hooks", False),
        ("ftp://shop.example.com", False),
        ("https://", False),
        ("shop.example.com", False),
        ("https://kim:secret@shop.example.com", False),
        ("https://shop.example.com/#here", False),
        ("https://shop.example.com:0/", False),
        ("https://shop.example.com:99999/", False),
        ("https://shop.example.com/\r\nX: y", False),
        ("https://商店.example.com/", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://[::ffff:10.0.0.1]/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://shop.example.com/" + "x" * 500, False),
    ],
)
def test_addresses_that_are_taken(url: str, is_good: bool) -> None:
    wanted = Wanted(" Web  shop ", f" {url} " if is_good else url)
    if is_good:
        assert checked(wanted, kinds=CHOICES, internal=False) == Wanted("Web shop", url)
        return
    with pytest.raises(BadEndpoint) as refused:
        checked(wanted, kinds=CHOICES, internal=False)
    assert refused.value.context["field"] == "url"


def test_inside_and_without_tls_where_the_operator_allows_it() -> None:
    assert checked(Wanted("Till", "http://10.0.0.5:8080/"), kinds=CHOICES, internal=True).url == "http://10.0.0.5:8080/"
    with pytest.raises(BadEndpoint):
        checked(Wanted("Till", "ftp://10.0.0.5/"), kinds=CHOICES, internal=True)


def test_only_events_that_exist() -> None:
    wanted = Wanted("A", "https://a.example", ("tier.changed", "points.changed", "tier.changed"))
    assert checked(wanted, kinds=CHOICES, internal=False).events == ("points.changed", "tier.changed")
    with pytest.raises(BadEndpoint) as refused:
        checked(Wanted("A", "https://a.example", ("points.lost",)), kinds=CHOICES, internal=False)
    assert refused.value.context["field"] == "events"


@given(chance=st.floats(0, 0.999))
def test_ten_tries_within_three_days(chance: float) -> None:
    at, tries = AT, 0
    while True:
        tries += 1
        again = next_try(tries=tries, begun_at=AT, at=at, chance=chance)
        if again is None:
            break
        assert again > at
        at = again
    assert tries == len(DELAYS) + 1
    assert timedelta(hours=71) < at - AT <= LONGEST * 1.1


def test_the_receiver_may_ask_for_later_but_not_for_sooner() -> None:
    def after(seconds: int | None) -> timedelta | None:
        again = next_try(tries=1, begun_at=AT, at=AT, chance=0, retry_after_s=seconds)
        return None if again is None else again - AT

    assert after(None) == after(0) == timedelta(seconds=5)
    assert after(600) == timedelta(minutes=10)
    assert after(10**9) == LONGEST, "never put off for longer than it is tried at all"
    assert next_try(tries=5, begun_at=AT, at=AT + timedelta(days=2), chance=0, retry_after_s=3 * 86400) is None


def test_five_days_of_failure() -> None:
    assert not fails_too_long(None, AT)
    assert not fails_too_long(AT - timedelta(days=5) + timedelta(seconds=1), AT)
    assert fails_too_long(AT - timedelta(days=5), AT)


def test_secrets_are_random_and_long() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in secrets)


def test_an_endpoint_hears_only_the_ids_of_its_own_source() -> None:
    data = {"customer": {"number": "M100001"}, "merged": None}
    who = {"customer": {"web": ["u-1", "u-2"], "till": ["0815"]}}
    body = told("tier.changed", AT, data, who, "web")
    assert body == {
        "type": "tier.changed",
        "timestamp": "2026-03-01T00:00:00.000+00:00",
        "version": "1",
        "data": {"customer": {"number": "M100001", "user_ids": ["u-1", "u-2"]}, "merged": None},
    }
    assert told("tier.changed", AT, data, who, "")["data"]["customer"] == {"number": "M100001", "user_ids": []}
