"""One customer over channels; two who may be one are proposed, never joined without review."""

import pytest

from regulars.customers.identities import Identity, IdentityKind
from tests.flows.world import World, member, order, query, when

PHONE = Identity(IdentityKind.PHONE, "", "+8613912345678")
MAIL = Identity(IdentityKind.EMAIL, "", "anna@shop.cn")
OPENID = Identity(IdentityKind.OPENID, "wx1", "o-anna")
OTHER_APP = Identity(IdentityKind.OPENID, "wx2", "o-anna")
DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(db: None) -> World:
    return World(now="2024-06-01 10:00")


def customers() -> int:
    return int(query("SELECT count(*) FROM customers_customer")[0][0])


def proposals() -> list[tuple[object, ...]]:
    return query("SELECT first_id, second_id, status, evidence FROM customers_duplicateproposal ORDER BY 1, 2")


def test_one_customer_over_channels(books: World) -> None:
    books.tell(order("1", [member("anna"), PHONE], DAY, 10_00))
    books.tell(order("1", [OPENID, PHONE], DAY, 20_00, source="mini"))
    books.tell(order("1", [OPENID, MAIL], DAY, 30_00, source="web"), order("2", [MAIL], DAY, 40_00, source="web"))
    assert customers() == 1
    assert books.wallet("anna")["available"] == 100
    assert proposals() == []
    books.assert_clean()


def test_the_same_openid_of_another_app_is_another_person(books: World) -> None:
    books.tell(order("1", [OPENID], DAY, 10_00), order("2", [OTHER_APP], DAY, 10_00))
    assert customers() == 2


def test_identities_of_two_customers_propose_them_and_the_strongest_decides(books: World) -> None:
    books.tell(order("1", [PHONE], DAY, 10_00), order("2", [member("anna")], DAY, 20_00))
    books.tell(order("3", [member("anna"), PHONE], DAY, 30_00))
    assert customers() == 2
    assert books.wallet("anna")["available"] == 50
    ((first, second, status, _),) = proposals()
    assert first < second  # type: ignore[operator]
    assert status == "open"
    books.assert_clean()


def test_a_pair_is_proposed_once(books: World) -> None:
    books.tell(order("1", [PHONE], DAY, 10_00), order("2", [member("anna")], DAY, 20_00))
    for number in range(3, 6):
        books.tell(order(str(number), [member("anna"), PHONE], DAY, 30_00))
    assert len(proposals()) == 1


def test_merged_customers_are_not_proposed_again(books: World) -> None:
    books.tell(order("1", [MAIL], DAY, 10_00), order("2", [member("anna")], DAY, 20_00), order("3", "bo", DAY, 5_00))
    books.merge("bo", "anna")
    books.tell(order("4", [member("anna"), member("bo")], DAY, 1_00))
    assert proposals() == []
    books.assert_clean()


def test_in_one_batch_a_new_customer_is_one_customer(books: World) -> None:
    books.tell(*(order(str(n), [PHONE], DAY, 1_00) for n in range(5)), order("6", [MAIL, PHONE], DAY, 1_00))
    assert customers() == 1
    assert query("SELECT count(*) FROM customers_identity") == [(2,)]


def test_a_repeat_makes_no_customers(books: World) -> None:
    told = order("1", [PHONE], DAY, 10_00)
    books.tell(told)
    books.tell(told, told)
    assert customers() == 1


def test_an_order_of_nobody_is_kept_and_earns_nothing(books: World) -> None:
    books.tell(order("1", (), DAY, 10_00))
    assert customers() == 0
    assert query("SELECT count(*) FROM facts_fact") == [(1,)]
    assert query("SELECT count(*) FROM ledger_transfer") == [(0,)]
    books.assert_clean()


def test_what_is_known_of_a_person_fills_and_never_replaces(books: World) -> None:
    first, second = order("1", "anna", DAY, 1_00), order("2", "anna", when("2023-01-01 10:00"), 1_00)
    first.profile = {"name": "安娜"}
    second.profile = {"name": "Anna", "birthday": when("1990-02-28").date()}
    books.tell(first)
    books.tell(second)
    rows = query("SELECT name, birthday::text, joined_on::text FROM customers_customer")
    assert rows == [("安娜", "1990-02-28", "2023-01-01")]
