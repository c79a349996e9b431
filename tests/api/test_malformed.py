"""Whatever is sent, the API answers with what is wrong: never with a failure of its own."""

import copy
import functools
import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from regulars.api import examples
from regulars.api.limits import limits
from regulars.facts.models import Fact

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ANSWERED = {200, 400, 409, 413, 415, 422}
BODIES = {
    **{f"/track {name}": example["value"] for name, example in examples.TRACK.items()},
    **{f"/identify {name}": example["value"] for name, example in examples.IDENTIFY.items()},
    "/batch": examples.BATCH["several"]["value"],
}
ODD: st.SearchStrategy[object] = st.sampled_from(
    [
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff\ud800",
        "\ufeff",
        "\u202e1",
        "",
        " ",
        "null",
        "NaN",
        "Infinity",
        "-0",
        "1e999999",
        "1E+999999999",
        "1e-999999999",
        "9" * 400,
        "x" * 3000,
        "１２３",
        "1_000",
        10**400,
        2**63,
        2**64,
        -(2**63) - 1,
        float("nan"),
        float("inf"),
        1e308,
        5e-324,
        -0.0,
        True,
        None,
        [],
        {},
        [[]],
        {"\x00": "\x00"},
        {"": ""},
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        "2026-02-30T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-W09-7T00:00Z",
        "2026-03-01T00:00:00.123456789123456789Z",
    ]
)
ANY_JSON = st.recursive(
    ODD | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
quick = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def places(node, at=()):
    """Every place inside a JSON value."""
    yield at
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in pairs:
        yield from places(value, (*at, name))


def replaced(node, at, value):
    """The value with something else at that place."""
    if not at:
        return value
    node = copy.copy(node)
    node[at[0]] = replaced(node[at[0]], at[1:], value)
    return node


@st.composite
def disturbed(draw):
    """A good message with one to three places replaced, and the address it goes to."""
    name = draw(st.sampled_from(sorted(BODIES)))
    body = BODIES[name]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(sorted(places(body), key=repr)))
        body = replaced(body, at, draw(ANY_JSON))
    return name.split()[0], json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@pytest.fixture
def unlimited(monkeypatch):
    monkeypatch.setattr(limits, "rate", 1e9)
    monkeypatch.setattr(limits, "burst", 1e9)


@quick
@given(sent=disturbed())
def test_a_good_message_with_something_wrong_in_it(till, unlimited, sent):
    path, body = sent
    assert till.post(path, raw=body).status_code in ANSWERED


@quick
@given(body=st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
@pytest.mark.parametrize("path", ["/track", "/identify", "/batch"])
def test_anything_at_all(till, unlimited, path, body):
    assert till.post(path, raw=body).status_code in ANSWERED


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"event": "\xff"}', 400),
        (b'{"event": "\\ud800"}', 400),
        (b'{"event": NaN}', 400),
        (b'{"event": 1e999}', 400),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, 400),
        (b'{"event": ' + b"[" * 900 + b"]" * 900 + b"}", 422),
        (b'{"context": ' + b'{"x":' * 900 + b'"\\u0000"' + b"}" * 901, 422),
        (b'{"event": "\\u0000"}', 422),
        (b'{"event": "Order Completed", "event": 5}', 422),
    ],
)
def test_bodies_that_parsers_stumble_over(till, body, status):
    response = till.post("/track", raw=body)
    assert response.status_code == status, response.content
    assert not Fact.objects.exists()


def test_of_a_name_that_stands_twice_the_last_one_counts(till):
    body = b'{"event": "A", "timestamp": "2026-03-01T00:00:00Z", "event": "B", "messageId": "m"}'
    assert till.post("/track", raw=body).status_code == 200
    assert Fact.objects.get().body["event"] == "B"


def test_a_null_character_refuses_its_own_item_only(till, order):
    bad = [order("A\x00"), order("B", properties={"store": "\x00"}), {"type": "track", "\x00": 1}]
    odd_name = {**order("C"), "event": "Mine", "messageId": "m", "properties": {"a\x00": 1}}
    answers = till.batch(*bad, odd_name, order("D"), order("E\\u0000"))
    assert [answer["status"] for answer in answers] == [*["refused"] * 4, "recorded", "recorded"]


@functools.cache
def _document():
    """Read from the very application, once: it is large."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def documented(db):
    """The document; its requests must not close the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield _document()
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("path", ["/track", "/identify", "/batch"])
def test_the_api_answers_as_its_document_says(till, unlimited, documented, path, mode):
    """Messages that keep to the schemas, and ones that break them: the status, the type and the body are documented."""
    operation = documented[f"/api/v1{path}"]["post"]

    @settings(quick, max_examples=25, database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        response = case.call(headers={"Authorization": f"Bearer {till.secret}"})
        case.validate_response(response, checks=CHECKS)

    send()
