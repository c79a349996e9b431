import sys; sys.path.insert(0,"/work/main")
from tests.concurrency.test_writers import *
@pytest.mark.parametrize("n", range(6))
def test_dl(books, n):
    before = query("select deadlocks from pg_stat_database where datname=current_database()")
    told = [batches(writer, Random(writer+100*n)) for writer in range(6)]
    def writer(mine):
        def w():
            for b in mine: books.tell(*b)
        return w
    import time; t=time.time()
    assert failures(at_once([writer(m) for m in told]))==[]
    time.sleep(1.2)
    print(before, query("select pg_stat_clear_snapshot(), deadlocks from pg_stat_database where datname=current_database()"), time.time()-t-1.2)
    books.assert_clean()
