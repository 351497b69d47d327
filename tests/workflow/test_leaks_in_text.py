"""What tells who a person is comes back once before it is kept, from every box for text about a case."""

from __future__ import annotations

import pytest
from django import forms

from gaf.leaks import Leak, leaks_in
from gaf.sealing import unseal
from tests import stories
from tests.stories import now
from tests.workflow.pages.headquarters.visits import form_on, signed_in, url_of
from workflow.forms import acts, asking, persons, plan, remarks, report, situation, urgent
from workflow.forms.fields import CaseTextField


class TestALook:
    @pytest.mark.parametrize(
        ("text", "seen"),
        [
            ("Write to her at amal.k@example.org tonight.", Leak.MAIL),
            ("She answers on +227 96 12 34 56.", Leak.TELEPHONE),
            ("Rings from 0022796123456 only.", Leak.TELEPHONE),
            ("Brother: 961 234 567", Leak.TELEPHONE),
            ("Passport AB1234567 was taken away.", Leak.DOCUMENT),
            ("Carries NE 0123456.", Leak.DOCUMENT),
            ("Her brother is called Moussa.", Leak.NAME),
            ("Mme Diallo l’accompagne.", Leak.NAME),
            ("Le garçon s’appelle Issa.", Leak.NAME),
            ("El niño se llama Mateo.", Leak.NAME),
        ],
    )
    def test_sees_what_tells_who_somebody_is(self, text, seen):
        assert leaks_in(text) == {seen}

    @pytest.mark.parametrize(
        "text",
        [
            "Left without shelter after an escape.",
            "Same persons as in GAF-2026-00042; see P-2026-00017.",
            "Since 2026-10-01, 14 nights at 12,500 XOF, in all 175,000.",
            "Arrived on 22 11 2026 at 14.30 in Agadez with the Red Cross.",
            "Rule 12 of the criteria, room 204, 3 children.",
            "It cost 4928000.00, not 4944000,50.",
            "She was called back twice.",
            "",
        ],
    )
    def test_lets_plain_words_amounts_days_and_our_own_numbers_pass(self, text):
        assert leaks_in(text) == set()


class TestEveryBoxForTextAboutACase:
    @pytest.mark.parametrize("module", [acts, asking, persons, plan, remarks, report, situation, urgent])
    def test_looks(self, module):
        boxes = [
            (form.__name__, name, field)
            for form in vars(module).values()
            if isinstance(form, type) and issubclass(form, forms.Form)
            for name, field in form.base_fields.items()
            if isinstance(field.widget, forms.Textarea)
        ]

        assert boxes
        assert [(form, name) for form, name, field in boxes if not isinstance(field, CaseTextField)] == []


@pytest.mark.usefixtures("house")
class TestATextThatTellsWhoSomebodyIs:
    LEAKING = "Her sister answers on +227 96 12 34 56."

    def sent(self, made, **more):
        client = signed_in("Amina")
        address = url_of(made, "note/")
        form = form_on(client.get(address), 0)
        return client.post(f"{address}?save=1", {**form["fields"], "text": self.LEAKING, **more})

    def test_comes_back_as_it_was_typed_and_nothing_is_kept(self):
        made = stories.a_taken_request()

        answer = self.sent(made)

        page = answer.content.decode()
        assert answer.status_code == 422
        assert "a telephone number" in page
        assert "Her sister answers on" in page
        assert not now(made).remarks.exists()

    def test_is_kept_when_somebody_ticks_that_it_is_right(self):
        made = stories.a_taken_request()
        page = self.sent(made).content.decode()
        mark = page.split('name="text-seen" value="')[1].split('"')[0]

        assert self.sent(made, **{"text-seen": mark}).status_code == 302
        assert unseal(now(made).remarks.get().body) == self.LEAKING

    def test_is_looked_at_again_when_it_was_changed_after_the_tick(self):
        made = stories.a_taken_request()

        assert self.sent(made, **{"text-seen": "0" * 16}).status_code == 422
        assert not now(made).remarks.exists()
