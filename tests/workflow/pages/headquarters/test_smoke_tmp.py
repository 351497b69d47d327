import pytest
from collections import Counter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import stories as s
from tests.workflow.pages.headquarters.visits import *

CASES = [
 (s.a_submitted_request,["Idriss","Amina","Omar"]),
 (s.a_taken_request,["Bruno","Amina","Helena","Omar","Idriss"]),
 (s.a_budget_to_approve,["Chen","Amina","Helena","Divya"]),
 (s.a_reporting_request,["Marie","Amina","Idriss","Moussa","Helena","Divya","Omar"]),
 (s.a_closed_request,["Helena","Idriss"]),
]
@pytest.mark.parametrize("story,names",CASES)
def test_smoke(house, story, names):
    a = story()
    for n in names:
        c = signed_in(n)
        for p in ["","history/"]:
            with CaptureQueriesContext(connection) as q:
                r=c.get(url_of(a,p))
            print(story.__name__, n, p or "record", len(q), len(r.content))
            if n in("Marie","Idriss") and not p:
                for k,v in Counter(x["sql"][:150] if "sealkey" not in x["sql"] else "SEALKEY" for x in q).most_common(60): print("   ",v,k[:150])
        with CaptureQueriesContext(connection) as q: c.get("/requests/")
        print("list",len(q))
