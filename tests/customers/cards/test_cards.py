"""The token of a card: only this instance makes one, it lasts a moment, and it counts once."""

from datetime import UTC, datetime, timedelta

import pytest

from regulars.customers.cards import actions, queries
from regulars.customers.cards.rules import (
    WINDOW_S,
    CardTokenOld,
    CardTokenUsed,
    NotACard,
    Token,
    read,
    seconds_left,
    window_of,
    written,
)
from regulars.customers.models import Customer

KEY = b"a key"
AT = datetime(2026, 3, 1, 9, 30, 10, tzinfo=UTC)
TOKEN = Token(77, window_of(AT))


class TestTokens:
    def test_what_is_written_is_read_however_a_scanner_types_it(self) -> None:
        told = written(TOKEN, KEY)
        for typed in (told, told.lower(), f" {told[:9]} {told[9:]}\r\n"):
            assert read(typed, KEY, AT) == TOKEN

    def test_it_is_of_the_letters_that_a_qr_holds_densely(self) -> None:
        assert set(written(TOKEN, KEY)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -$%*+./:")

    @pytest.mark.parametrize("windows", [-1, 0, 1])
    def test_clocks_may_differ_by_a_window(self, windows: int) -> None:
        assert read(written(TOKEN, KEY), KEY, AT + timedelta(seconds=windows * WINDOW_S)) == TOKEN

    @pytest.mark.parametrize("windows", [-2, 2, 120])
    def test_a_photograph_of_another_moment_is_refused(self, windows: int) -> None:
        with pytest.raises(CardTokenOld):
            read(written(TOKEN, KEY), KEY, AT + timedelta(seconds=windows * WINDOW_S))

    def test_no_other_key_card_or_window_makes_it(self) -> None:
        told = written(TOKEN, KEY)
        card, window = written(Token(78, TOKEN.window), KEY), written(Token(77, TOKEN.window + 1), KEY)
        parts = told.split("-")
        for forged in (
            written(TOKEN, b"another key"), "-".join([*card.split("-")[:2], *parts[2:]]),
            "-".join([*window.split("-")[:3], parts[3]]), told[:-1], told + "0", "", "R1", "4006381333931",
        ):  # fmt: skip
            with pytest.raises(NotACard):
                read(forged, KEY, AT)

    def test_how_long_it_stays(self) -> None:
        assert [seconds_left(AT + timedelta(seconds=more)) for more in (0, 19, 19.5, 20)] == [20, 1, 1, 30]


@pytest.mark.django_db
class TestShowing:
    def card(self) -> tuple[int, int]:
        customer = Customer.objects.create(joined_on=AT.date(), created_at=AT)
        Customer.objects.filter(pk=customer.pk).update(canonical_id=customer.pk)
        return customer.pk, actions.open_card(customer_id=customer.pk, at=AT)

    def test_it_says_whose_card_it_is_and_counts_once(self) -> None:
        customer_id, card_id = self.card()
        face = queries.face(card_id, at=AT)
        assert actions.who_shows(face.token, at=AT, key="scan 1", by="user:1").customer_id == customer_id
        assert queries.face(card_id, at=AT).is_used
        for key in ("scan 2", ""):
            with pytest.raises(CardTokenUsed):
                actions.who_shows(face.token, at=AT, key=key)
        later = AT + timedelta(seconds=WINDOW_S)
        assert not queries.face(card_id, at=later).is_used
        assert actions.who_shows(queries.face(card_id, at=later).token, at=later, key="scan 3")

    def test_a_till_that_asks_again_gets_the_same_answer(self) -> None:
        token = queries.face(self.card()[1], at=AT).token
        first = actions.who_shows(token, at=AT, key="scan 1")
        assert actions.who_shows(token, at=AT, key="scan 1") == first

    def test_after_a_merge_it_is_who_stands_for_both(self) -> None:
        (one, card_id), (other, _) = self.card(), self.card()
        Customer.objects.filter(pk=one).update(canonical_id=other)
        token = queries.face(card_id, at=AT).token
        assert actions.who_shows(token, at=AT, key="scan").customer_id == other

    def test_a_card_is_opened_once(self) -> None:
        customer_id, card_id = self.card()
        assert actions.open_card(customer_id=customer_id, at=AT) == card_id
