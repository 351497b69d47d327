from datetime import date
from tests.finance.builders import *
import time
def test_smoke(fund):
    t=time.time()
    fund.commit(usd("500.00"))
    p=fund.payee()
    d=fund.send_by_file(usd("500.00"), p)
    assert d.state=="SENT", d.state
    s=fund.import_next_statement(date(2026,11,24))
    for l in s.lines.all(): print(l.number,l.minor,l.state,l.is_charge,l.end_to_end)
    fund.explain(s)
    print(time.time()-t)
    for j in Journal.objects.all(): print(j.number,j.kind,j.key,lines_of(j))
def test_two(fund): pass
def test_verify(fund):
    from finance.books import verify, books_summary
    fund.commit(usd("500.00"))
    p=fund.payee()
    d=fund.send_by_file(usd("500.00"), p)
    t=time.time()
    for o in verify(): print(o)
    print(time.time()-t)
    s=fund.import_next_statement(date(2026,11,24))
    fund.explain(s)
    t=time.time()
    for o in verify(): print(o)
    print(time.time()-t)
    print(books_summary())
