"""A large import runs in lanes, each a process of its own: the same result, also when one of them is killed."""

import multiprocessing
from collections.abc import Generator
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import pytest

from regulars.facts import actions as facts
from regulars.facts.actions import WrongState
from regulars.flows import import_orders, undo_import
from regulars.flows.transactions import again_if_contended
from tests.flows.test_import_orders import history, staged
from tests.flows.world import SHANGHAI, World, counts, differences, query, state


@pytest.fixture
def books(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(import_orders, "BATCH", 3)
    return World(now="2024-12-01 10:00")


def test_a_lane_that_is_killed_leaves_an_import_that_goes_on_to_the_same_end(books: World) -> None:
    told = history()
    import_id = staged(books, told)

    def posting() -> Generator[int, None, None]:
        return import_orders.post_import(
            import_id=import_id, policies=books.policies, zone=SHANGHAI, at=books.now, lanes=2
        )

    broken = posting()
    while next(broken) == 0:
        pass
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(BrokenProcessPool):
        list(broken)
    there = counts()["facts_fact"]
    assert 0 < there < len(told)
    assert query("SELECT posted_count, status FROM facts_import") == [(there, "posting")], "nothing half done"
    books.assert_clean()

    assert list(posting())[-1] == len(told)
    assert query("SELECT (counts->'recorded')::int, status FROM facts_import") == [(len(told), "done")]
    found = state()
    books.assert_clean()
    list(undo_import.undo_import(import_id=import_id, policies=books.policies, actor="test", at=books.now))
    books.tell(*told)
    assert differences(state(), found) == [], "two lanes come to what telling everything at once comes to"


def test_a_lane_that_outlived_its_import_posts_nothing(books: World) -> None:
    import_id = staged(books, history())
    again_if_contended(lambda: facts.move_to(import_id=import_id, status="posting", allowed=["ready"]))
    reached = again_if_contended(lambda: facts.open_lanes(import_id=import_id, lanes=2))
    late = next(facts.staged_portions(import_id=import_id, reached=reached, most=3))
    post = partial(import_orders.post_portion, portion=late, policies=books.policies, zone=SHANGHAI, at=books.now)
    assert post() == 3
    before = counts()
    with pytest.raises(WrongState):
        post()
    assert counts() == before
