"""What pressing a button costs the database: a plain act takes at most twenty statements, also with many people."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.stories import last_decision
from tests.workflow.pages.headquarters.visits import form_on, send, signed_in, text_of, url_of

pytestmark = pytest.mark.usefixtures("house")
MOST = 20
PLAIN = [
    ("Bruno", "take", stories.an_endorsed_request, {"no_tie": "on"}),
    ("Helena", "hold", stories.a_funded_request, {"reason_code": "OTHER", "reason": "The shelter asks for a day."}),
    ("Amina", "withdraw", stories.a_submitted_request, {"reason_code": "REFERRED", "reason": "Found another way."}),
    ("Chen", "return-budget", stories.a_budget_to_approve, {"reason": "Too dear.", "reason_code": "OTHER"}),
    ("Helena", "reopen", stories.a_closed_request, {"reason_code": "NEW_FACTS", "reason": "An invoice came late."}),
    ("Gloria", "let-wait", stories.an_urgent_request, {"reason": "She is safe until Monday."}),
    ("Bruno", "recuse", stories.a_taken_request, {"reason": "I know the family."}),
    ("Chen", "decline", stories.a_budget_to_approve, {"reason_code": "NO_FUNDS", "reason": "Nothing is left."}),
    ("Helena", "resume", lambda: stories.hold(stories.a_funded_request()), {"reason": "The shelter is ready."}),
    ("Idriss", "return-to-author", stories.a_submitted_request, {"reason_code": "CONSENT", "reason": "Whose word?"}),
    ("Amina", "end-delivery", stories.an_implementing_request, {}),
]


@pytest.mark.parametrize(("who", "act", "story", "said"), PLAIN, ids=[act for _who, act, _story, _said in PLAIN])
class TestAPlainAct:
    def test_takes_at_most_twenty_statements(self, who, act, story, said):
        assistance = story()
        client, address = signed_in(who), url_of(assistance, f"{act}/")
        page = client.get(address)
        form = next(one for one in map(form_on, [page] * 3, range(3)) if "seen_version" in one["fields"])
        with CaptureQueriesContext(connection) as asked:
            answer = send(client, address, form, **said)

        assert answer.status_code == 302, text_of(answer)[:900]
        assert last_decision(assistance).act == act.replace("-", "_")
        assert len(asked) <= MOST, f"{len(asked)}\n" + "\n".join(one["sql"][:160] for one in asked)
