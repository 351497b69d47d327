"""From the first word to the head of unit: who writes, what must be there, and what a second press does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from gaf import clock
from gaf.decisions.models import Decision
from gaf.refusals import Incomplete, MovedOn, NotPermitted
from tests.cast import mission, person
from tests.refused import refused
from tests.stories import (
    NO_FUNDS,
    WOMAN,
    a_draft,
    a_submitted_request,
    an_empty_draft,
    an_endorsed_request,
    by,
    last_decision,
    now,
    told,
    usd,
)
from workflow.actions.drafting import (
    AlternativeText,
    CategoryText,
    ConsentText,
    HelpText,
    PersonText,
    edit_help,
    edit_persons,
    edit_situation,
    start_request,
)
from workflow.actions.intake import return_to_author, submit
from workflow.models import AssistanceRequest, Consent, Person
from workflow.views.record_parts import person_words

pytestmark = pytest.mark.usefixtures("house")


class TestStartingARequest:
    def test_gives_it_a_reference_and_its_case_a_key_without_order(self):
        made = an_empty_draft()

        assert made.reference == "GAF-2026-00001"
        assert made.case_id.startswith("C-")
        assert made.state == "DRAFT"
        assert last_decision(made).act == "write"

    def test_pressed_twice_makes_one_request(self):
        press = {"mission_id": mission("NE").pk, "language": "fr", "idempotency_key": "the same press", **by("Amina")}

        first = start_request(**press)
        second = start_request(**press)

        assert first.pk == second.pk
        assert AssistanceRequest.objects.count() == 1

    def test_is_refused_to_somebody_of_another_mission(self):
        with refused("ROLE-02", NotPermitted):
            start_request(mission_id=mission("NE").pk, language="fr", idempotency_key="k", **by("Rima"))

    def test_is_refused_to_headquarters(self):
        with refused("ROLE-02", NotPermitted):
            start_request(mission_id=mission("NE").pk, language="fr", idempotency_key="k", **by("Helena"))


class TestWritingADraft:
    def test_keeps_what_was_typed_only_under_the_seal_of_the_case(self):
        made = a_draft()

        assert made.situation.startswith(f"s1:{made.case_id}:")
        assert made.situation_text == "Left without shelter after an escape."
        assert made.alternatives.get().programme_text == "A national programme"

    def test_keeps_a_person_who_is_written_again_and_forgets_one_who_is_left_out(self):
        made = a_draft(persons=[WOMAN, PersonText("M", "40-59", "NG")])
        woman = made.persons.get(sex="F")

        edit_persons(request_id=made.pk, persons=[PersonText("F", "18-24", "NG", woman.key)], **by("Amina"))

        assert [(p.key, p.age_band) for p in Person.objects.all()] == [(woman.key, "18-24")]

    def test_asks_nobody_of_a_disability_and_keeps_what_was_told(self):
        made = a_draft(persons=[WOMAN])
        woman = made.persons.get()
        assert woman.disability == "NOT_ASKED"

        edit_persons(request_id=made.pk, persons=[replace(WOMAN, key=woman.key, disability="YES")], **by("Amina"))

        assert now(made).persons.get().disability == "YES"
        assert person_words(now(made).persons.get()).endswith(", with a disability")
        assert [one.disability for one in woman.history.order_by("history_id")] == ["NOT_ASKED", "YES"]
        with pytest.raises(IntegrityError, match="person_says_of_disability"), transaction.atomic():
            made.persons.update(disability="PERHAPS")

    def test_leaves_what_it_was_not_given(self):
        made = a_draft()

        edit_situation(request_id=made.pk, situation="Still there.", **by("Amina"))

        assert now(made).primary_category == "VOT"
        assert made.alternatives.count() == 1

    def test_records_the_decision_to_write_once_for_each_person(self):
        made = a_draft()
        edit_situation(request_id=made.pk, situation="Endangered.", **by("Idriss"))
        edit_situation(request_id=made.pk, situation="Endangered still.", **by("Idriss"))

        writers = Decision.objects.filter(subject=made.reference, act="write").values_list("actor__name", flat=True)
        assert list(writers) == ["Amina", "Idriss"]

    def test_shows_in_the_history_who_changed_it(self):
        made = a_draft()

        edit_situation(request_id=made.pk, situation="Endangered.", **by("Idriss"))

        assert made.history.first().history_user == person("Idriss")

    def test_is_refused_when_somebody_else_changed_it_meanwhile(self):
        made = a_draft()
        edit_situation(request_id=made.pk, situation="Endangered.", **by("Idriss"))

        with refused("STATE-02", MovedOn):
            edit_situation(request_id=made.pk, situation="Mine.", seen_version=made.version, **by("Amina"))

    def test_is_refused_to_another_mission(self):
        made = a_draft()

        with refused("ROLE-02", NotPermitted):
            edit_situation(request_id=made.pk, situation="Mine.", **by("Rima"))

    def test_is_refused_after_it_was_sent(self):
        made = a_submitted_request()

        with refused("WRITE-02"):
            edit_situation(request_id=made.pk, situation="Later.", **by("Amina"))

    def test_lets_a_documented_exception_stand_for_consent(self):
        made = a_draft()
        exception = ConsentText("EXCEPTION", exception_reason="Unconscious in hospital.")

        edit_persons(request_id=made.pk, consent=exception, **by("Amina"))

        consent = Consent.objects.get(assistance=made)
        assert (consent.mode, consent.given_on, consent.exception_text) == (
            "EXCEPTION",
            None,
            "Unconscious in hospital.",
        )


class TestSendingItToTheHeadOfUnit:
    def test_moves_it_and_tells_the_head_of_unit(self):
        person("Idriss")

        sent = a_submitted_request()

        assert (sent.state, sent.submitted_at) == ("SUBMITTED", clock.now())
        assert told("request_to_endorse") == {"Idriss"}

    def test_keeps_codes_and_counts_in_the_decision_and_no_word_of_the_case(self):
        sent = a_submitted_request()

        facts = last_decision(sent).facts
        assert facts["alternatives"] == ["NO_FUNDS"]
        assert facts["categories"] == ["VOT"]
        assert "shelter" not in str(facts)

    def test_names_everything_that_is_missing(self):
        made = an_empty_draft()

        with refused("SEND-01", Incomplete) as caught:
            submit(request_id=made.pk, **by("Amina"))

        assert caught.value.obstacles == [
            "No person is written down.",
            "Consent is not recorded, nor why it could not be given.",
            "No main category is chosen.",
            "The situation is not described.",
            "No other programme was asked, and nothing says that none exists.",
            "No kind of help is chosen.",
        ]

    @pytest.mark.parametrize(
        ("left_out", "missing"),
        [
            ("alternatives", "No other programme was asked, and nothing says that none exists."),
            ("help", "No kind of help is chosen."),
            ("persons", "No person is written down."),
            ("category", "The main category is for children, and no person is a child."),
        ],
    )
    def test_is_refused_while_one_thing_is_missing(self, left_out, missing):
        made = a_draft()
        leave_out = {
            "alternatives": lambda: edit_situation(request_id=made.pk, alternatives=[], **by("Amina")),
            "help": lambda: edit_help(request_id=made.pk, help_asked=[], **by("Amina")),
            "persons": lambda: edit_persons(request_id=made.pk, persons=[], **by("Amina")),
            "category": lambda: edit_situation(request_id=made.pk, categories=CategoryText("UAC"), **by("Amina")),
        }
        leave_out[left_out]()

        with refused("SEND-01", Incomplete) as caught:
            submit(request_id=made.pk, **by("Amina"))

        assert caught.value.obstacles == [missing]

    def test_accepts_that_no_programme_exists_when_the_reason_is_written(self):
        made = a_draft()
        none = [AlternativeText("NONE_EXISTS", note="There is no such programme in the north.")]
        edit_situation(request_id=made.pk, alternatives=none, **by("Amina"))

        assert submit(request_id=made.pk, **by("Amina")).state == "SUBMITTED"

    def test_a_second_time_is_refused_and_makes_no_second_request(self):
        sent = a_submitted_request()

        with refused("STATE-02", MovedOn):
            submit(request_id=sent.pk, **by("Amina"))

    def test_is_refused_to_headquarters(self):
        made = a_draft()

        with refused("ROLE-02", NotPermitted):
            submit(request_id=made.pk, **by("Helena"))

    def test_is_refused_to_a_mission_that_only_helps(self):
        made = a_draft(others=["LB"])

        with refused("ROLE-02", NotPermitted):
            submit(request_id=made.pk, **by("Rima"))


class TestTheHeadOfUnitSendingItBack:
    def test_opens_the_draft_again_and_tells_its_author(self):
        sent = a_submitted_request()

        back = return_to_author(
            request_id=sent.pk, reason_code="ALTERNATIVES", reason="Which office was asked?", **by("Idriss")
        )

        assert back.state == "DRAFT"
        assert told("request_returned") == {"Amina"}
        decision = last_decision(back)
        assert decision.reason_code == "ALTERNATIVES"
        assert "office" not in decision.reason
        edit_situation(request_id=sent.pk, alternatives=[NO_FUNDS], **by("Amina"))

    def test_is_refused_once_it_is_with_headquarters(self):
        sent = an_endorsed_request()

        with refused("STATE-02", MovedOn):
            return_to_author(request_id=sent.pk, reason_code="OTHER", reason="Back.", **by("Idriss"))


@pytest.mark.both
class TestWhatTheDatabaseHolds:
    def test_asked_programmes_have_a_date_and_missing_ones_a_reason(self):
        from django.db import IntegrityError, transaction

        made = a_draft()

        with pytest.raises(IntegrityError, match="programme_asked_or_reason_why_none"), transaction.atomic():
            made.alternatives.update(asked_on=None)

    def test_a_status_is_never_the_main_category(self):
        from django.db import IntegrityError, transaction

        made = a_draft()

        with pytest.raises(IntegrityError, match="a_status_is_never_the_primary_category"), transaction.atomic():
            edit_situation(request_id=made.pk, categories=CategoryText("IRREG"), **by("Amina"))

    def test_help_asked_is_never_negative(self):
        from django.db import IntegrityError, transaction

        made = a_draft()

        with pytest.raises(IntegrityError, match="rough_cost_not_negative"), transaction.atomic():
            edit_help(request_id=made.pk, help_asked=[HelpText("FOOD", usd("-1.00"))], **by("Amina"))

    def test_a_day_of_consent_is_kept(self):
        made = a_draft()

        assert Consent.objects.get(assistance=made).given_on == date(2026, 10, 12)
