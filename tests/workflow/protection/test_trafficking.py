"""Trafficking screening: act, means and purpose point somewhere; a worker judges, and somebody else decides."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from gaf import clock
from tests import stories
from tests.refused import refused
from tests.stories import by, last_decision, now
from tests.workflow.pages.headquarters.visits import press, signed_in, text_of
from tests.workflow.protection.test_consent import agreed
from tests.workflow.protection.test_consent import record as record_consent
from tests.workflow.protection.test_gates import GIRL, the_gate
from workflow.actions.trafficking import ScreeningText, refer_persons, screen_trafficking
from workflow.models import AssistanceRequest, Referral, TraffickingScreening
from workflow.protection.trafficking import Answers, Indication, TraffickingStatus, indication

POSSIBLE, ACTUAL, NOT = TraffickingStatus.values
ALL_THREE = Answers(["RECRUITED"], ["DECEPTION"], ["ForcedLabour"])


def screen(assistance: AssistanceRequest, answers: Answers = ALL_THREE, status: str = POSSIBLE, **said: Any) -> None:
    """Amina screens the only person."""
    screen_trafficking(
        request_id=assistance.pk,
        person_key=assistance.persons.get().key,
        screening=ScreeningText(answers, status, **said),
        **by("Amina"),
    )


@pytest.mark.usefixtures("house")
class TestWhatTheAnswersPointTo:
    @pytest.mark.parametrize(("act", "means", "purpose", "child", "paid"), list(product([False, True], repeat=5)))
    def test_is_the_same_for_everybody(self, act, means, purpose, child, paid):
        found = indication(Answers(["HARBOURED"] * act, ["FORCE"] * means, ["ForcedBegging"] * purpose, child, paid))

        if act and purpose and (means or child):
            assert found == Indication.STRONG
        elif purpose and (act or means):
            assert found == Indication.PARTIAL
        elif paid and not purpose:
            assert found == Indication.SMUGGLING
        else:
            assert found == Indication.NONE

    def test_of_a_child_needs_no_means_whatever_was_ticked(self):
        made = stories.a_draft(primary="UAC", persons=(GIRL,))

        screen(made, Answers(["TRANSPORTED"], ["DECEPTION"], ["SexualExploitation"]))

        row = TraffickingScreening.objects.get()
        assert (row.child, row.means, row.indication) == (True, [], "STRONG")


@pytest.mark.usefixtures("house")
class TestAScreening:
    def test_brings_its_category_and_with_it_the_gate_before_travel(self):
        made = stories.a_draft(primary="STRANDED")

        screen(made)

        assert now(made).categories == ["STRANDED", "PVOT"]
        assert last_decision(made).facts["status"] == POSSIBLE

    def test_keeps_smuggling_beside_trafficking(self):
        made = stories.a_draft(primary="STRANDED")

        screen(made, Answers(["RECRUITED"], ["FRAUD"], ["ForcedLabour"], paid_crossing=True))

        assert now(made).categories == ["STRANDED", "PVOT", "SMUG"]

    def test_tells_smuggling_apart(self):
        made = stories.a_draft(primary="STRANDED")

        screen(made, Answers(paid_crossing=True), NOT)

        assert TraffickingScreening.objects.get().indication == "SMUGGLING"
        assert now(made).categories == ["STRANDED", "SMUG"]

    def test_of_an_actual_victim_says_who_decided_and_when(self):
        made = stories.a_draft()
        with refused("VOT-02"):
            screen(made, status=ACTUAL)
        with refused("VOT-02"):
            screen(made, status=ACTUAL, decided_by="POLICE")

        screen(made, status=ACTUAL, decided_by="POLICE", decided_on=clock.today(), industry="T")

        row = TraffickingScreening.objects.get()
        assert (row.decided_by, row.industry) == ("POLICE", "T")
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO workflow_traffickingscreening (assistance_id, person_id, acts, means, purposes, child, "
                "paid_crossing, industry, country, indication, status, decided_by, note, recorded_by_id, recorded_at) "
                "SELECT assistance_id, person_id, acts, means, purposes, child, paid_crossing, industry, country, "
                "indication, status, '', note, recorded_by_id, recorded_at FROM workflow_traffickingscreening"
            )

    def test_against_the_signs_owes_a_reason(self):
        made = stories.a_draft()
        with refused("VOT-03"):
            screen(made, status=NOT)
        with refused("VOT-03"):
            screen(made, Answers(), POSSIBLE)

        screen(made, status=NOT, note="He works for his own shop.")

        row = TraffickingScreening.objects.get()
        assert row.note_text == "He works for his own shop."
        assert "shop" not in row.note

    def test_is_never_edited_and_a_newer_one_follows_it(self):
        made = stories.a_draft()
        screen(made)
        screen(made, status=ACTUAL, decided_by="COURT", decided_on=clock.today())

        assert [row.status for row in made.screenings.all()] == [POSSIBLE, ACTUAL]
        with pytest.raises(IntegrityError, match="VOT-04"), transaction.atomic():
            made.screenings.update(status=POSSIBLE)

    def test_knows_no_word_that_is_not_on_the_lists(self):
        made = stories.a_draft()

        with refused("VOT-01"):
            screen(made, Answers(["KIDNAPPED"], [], ["ForcedLabour"]))

    def test_is_recorded_on_its_page_and_read_with_its_source(self):
        made = stories.an_endorsed_request()
        form = {"person": made.persons.get().key, "acts": ["HARBOURED"], "means": ["FORCE"], "status": POSSIBLE}

        answer = press("Amina", made, "screen-trafficking/", purposes=["Servitude"], **form)

        assert answer.status_code == 302
        page = text_of(signed_in("Bruno").get(f"/requests/{made.reference}/protection/"))
        assert "Possible victim of trafficking" in page
        assert "Human Trafficking Case Data Standard 2.0 (CC BY 4.0)" in page


@pytest.mark.usefixtures("house")
class TestAReferral:
    def refer(self, made: AssistanceRequest, kind: str = "PROTECTION") -> None:
        keys = [made.persons.get().key]
        refer_persons(request_id=made.pk, kind=kind, person_keys=keys, to_whom="The asylum office.", **by("Amina"))

    def test_needs_consent_to_referral(self):
        made = stories.an_endorsed_request()

        with refused("CONSENT-04"):
            self.refer(made)

    def test_for_international_protection_shuts_the_way_back(self):
        ticket = ("TRVL", "Ticket", "ticket", "1", "346.00", "USD")
        made = stories.a_budget_to_approve((stories.SHELTER, ticket))
        record_consent(made, agreed("ASSISTANCE", "REFERRAL"))
        assert the_gate(made, "R1").is_open

        self.refer(made)

        assert not the_gate(made, "R1").is_open
        assert Referral.objects.get().to_whom_text == "The asylum office."

    @pytest.mark.parametrize("kind", ["SERVICE", "BUSINESS"])
    def test_to_another_service_or_to_redress_at_work_leaves_it_open(self, kind):
        ticket = ("TRVL", "Ticket", "ticket", "1", "346.00", "USD")
        made = stories.a_budget_to_approve((stories.SHELTER, ticket))
        record_consent(made, agreed("ASSISTANCE", "REFERRAL"))

        self.refer(made, kind)

        assert the_gate(made, "R1").is_open

    def test_is_recorded_on_its_page(self):
        made = record_consent(stories.an_endorsed_request(), agreed("ASSISTANCE", "REFERRAL"))
        form = {"person_keys": [made.persons.get().key], "kind": "SERVICE", "to_whom": "A clinic; her state of health."}

        assert press("Amina", made, "refer-persons/", **form).status_code == 302

        assert "A clinic" in text_of(signed_in("Bruno").get(f"/requests/{made.reference}/protection/"))
        assert "A clinic" not in text_of(signed_in("Divya").get(f"/requests/{made.reference}/protection/"))
