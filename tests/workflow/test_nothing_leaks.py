"""A word typed into every text field of a request is nowhere in the database, in files or in mails, except sealed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection

from gaf import clock
from gaf.money import Money
from gaf.outbox.outbox import drain
from gaf.sealing import unseal
from tests import stories
from tests.cast import criteria, mission, people, person
from tests.stories import by, now, usd
from tests.workflow.test_documents import PDF
from workflow.actions import clarification, closing, delivery, eligibility, exceptions, intake, planning, reporting
from workflow.actions.activities import Planned, finish_activity, plan_activity
from workflow.actions.amending import MoreOfLine, ask_amendment
from workflow.actions.amendment_decisions import withdraw_amendment
from workflow.actions.approval import LineDecision, approve_budget
from workflow.actions.assessing import AssessmentText, assess
from workflow.actions.assisted_returns import begin_return, conclude_return
from workflow.actions.consent import record_consent
from workflow.actions.documents import add_document
from workflow.actions.drafting import AlternativeText, ConsentText, edit_persons, edit_situation
from workflow.actions.endorsement import endorse
from workflow.actions.lost_receipts import accept_lost_receipt, declare_lost_receipt, witness_lost_receipt
from workflow.actions.planning import LineText
from workflow.actions.reintegration import Agreed, MeasureText, agree_reintegration_plan, record_visit
from workflow.actions.remarks import keep_note
from workflow.actions.trafficking import ScreeningText, screen_trafficking
from workflow.protection.trafficking import Answers, TraffickingStatus

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.both]

CANARY = "Zanzibarqua"


def a_life_full_of_the_word() -> str:
    """A request through every act that takes text, with the word in each; returns its reference."""
    criteria()
    made = stories.a_draft()
    edit_persons(request_id=made.pk, consent=ConsentText("EXCEPTION", exception_reason=f"No, {CANARY}."), **by("Amina"))
    asked = AlternativeText("NO_FUNDS", f"Programme of {CANARY}", date(2026, 10, 1), f"Said {CANARY}.")
    edit_situation(request_id=made.pk, situation=f"In {CANARY}.", alternatives=[asked], **by("Amina"))
    add_document(
        request_id=made.pk,
        mission_id=mission("NE").pk,
        kind="CONSENT",
        filename=f"{CANARY}.pdf",
        content=PDF + CANARY.encode(),
        **by("Amina"),
    )
    _look_after(made)
    intake.submit(request_id=made.pk, **by("Amina"))
    intake.return_to_author(request_id=made.pk, reason_code="OTHER", reason=f"Why {CANARY}?", **by("Idriss"))
    intake.submit(request_id=made.pk, **by("Amina"))
    endorse(request_id=made.pk, **by("Idriss"))
    _review(made)
    _plan_and_pay(made)
    return made.reference


def _look_after(made) -> None:
    """What is found about the only person: an assessment, a screening, and talk about them."""
    found = {"reason": f"Seen in {CANARY}.", "wishes": f"Wants to leave {CANARY}."}
    assess(request_id=made.pk, assessment=AssessmentText(clock.today(), "fr", "MODERATE", {}, **found), **by("Amina"))
    screening = ScreeningText(Answers([], [], []), TraffickingStatus.NOT, note=f"Nothing in {CANARY}.")
    key = made.persons.get().key
    screen_trafficking(request_id=made.pk, person_key=key, screening=screening, **by("Amina"))
    keep_note(request_id=made.pk, text=f"Ring {CANARY}.", key="note", **by("Amina"))
    call = Planned("CALL", person("Amina").pk, clock.today(), f"Ring {CANARY}.")
    planned = plan_activity(request_id=made.pk, planned=call, key="call", **by("Amina"))
    finish_activity(activity_id=planned.pk, outcome=f"{CANARY} answered.", **by("Amina"))


def _change_the_budget(made) -> None:
    """An amendment is asked for and taken back."""
    more = MoreOfLine(stories.lines_of(made)[0].pk, Decimal(1), Money(9000, "USD"), f"Once more in {CANARY}")
    asked = ask_amendment(request_id=made.pk, why=f"Longer in {CANARY}.", changes=[more], **by("Amina"))
    withdraw_amendment(amendment_id=asked.pk, reason=f"No longer in {CANARY}.", **by("Amina"))


def _come_home(made) -> None:
    """The person is at home: a plan is agreed, a visit took place, and the return is concluded."""
    home = begin_return(request_id=made.pk, origin_id=mission("NE").pk, arrived_on=clock.today(), **by("Amina"))
    measures = [MeasureText("SOCIAL", "L2")]
    agreed = Agreed("INDIVIDUAL", clock.today(), f"Back in {CANARY}.", measures)
    agree_reintegration_plan(return_id=home.pk, agreed=agreed, **by("Amina"))
    found = {"result": "DONE", "visited_on": clock.today(), "words": f"Well in {CANARY}."}
    record_visit(visit_id=home.visits.get(months=3).pk, **found, **by("Amina"))
    conclude_return(return_id=home.pk, outcome="LEFT_AGAIN", reason=f"Left {CANARY}.", **by("Amina"))


def _lose_a_receipt(made) -> None:
    """A receipt is lost, and the manager accepts the statement that a second person witnessed."""
    lost = {"line_id": stories.lines_of(made)[0].pk, "money": usd("4.00"), "statement": f"Lost in {CANARY}."}
    declared = declare_lost_receipt(request_id=made.pk, **lost, **by("Moussa"))
    witness_lost_receipt(lost_receipt_id=declared.pk, **by("Amina"))
    accept_lost_receipt(lost_receipt_id=declared.pk, **by("Helena"))


def _review(made) -> None:
    eligibility.take(request_id=made.pk, **by("Beatriz"))
    eligibility.recuse(request_id=made.pk, reason=f"My cousin in {CANARY}.", **by("Beatriz"))
    eligibility.take(request_id=made.pk, **by("Bruno"))
    question = clarification.QuestionText("SITUATION", f"Where is {CANARY}?")
    clarification.ask(request_id=made.pk, questions=[question], **by("Bruno"))
    clarification.answer(request_id=made.pk, answers={1: f"Near {CANARY}."}, **by("Amina"))
    bound = now(made).criteria_set.criteria.all()
    answers = [eligibility.CriterionAnswer(one.pk, "YES", f"Seen in {CANARY}.") for one in bound]
    eligibility.answer_criteria(request_id=made.pk, answers=answers, **by("Bruno"))
    eligibility.confirm_eligibility(request_id=made.pk, reason=f"As in {CANARY}.", **by("Bruno"))


def _plan_and_pay(made) -> None:
    record_consent(request_id=made.pk, consent=stories.WRITTEN_CONSENT, **by("Amina"))
    planning.edit_plan(request_id=made.pk, plan=f"Leave {CANARY}.", **by("Amina"))
    keys = list(made.persons.values_list("key", flat=True))
    what, why = f"House in {CANARY}", f"None cheaper in {CANARY}."
    line = LineText(
        mission("NE").pk, "SHEL", what, "person-night", Decimal(1), Money(10000, "USD"), keys, price_reason=why
    )
    visits = LineText(mission("NE").pk, "MONIT", what, "visit", Decimal(1), Money(10000, "USD"), keys)
    planning.edit_lines(request_id=made.pk, lines=[line, visits], **by("Amina"))
    planning.send_budget(request_id=made.pk, **by("Amina"))
    planning.return_budget(request_id=made.pk, reason_code="OTHER", reason=f"Price in {CANARY}?", **by("Chen"))
    planning.send_budget(request_id=made.pk, **by("Amina"))
    decisions = [LineDecision(one.pk, "approve", stream_code="A") for one in stories.lines_of(made)]
    approve_budget(request_id=made.pk, decisions=decisions, reason=f"For {CANARY}.", **by("Chen"))
    exceptions.hold(request_id=made.pk, reason_code="OTHER", reason=f"News of {CANARY}.", **by("Helena"))
    exceptions.resume(request_id=made.pk, reason=f"{CANARY} is quiet.", **by("Helena"))
    stories.certify(made)
    stories.prepare(made)
    stories.release(made)
    stories.send_to_the_bank()
    stories.reconcile()
    _change_the_budget(made)
    _come_home(made)
    delivery.end_delivery(request_id=made.pk, **by("Amina"))
    _lose_a_receipt(made)
    lines = [reporting.SpentLine(one.pk, usd("100.00"), 1) for one in stories.lines_of(made)]
    reporting.report(
        request_id=made.pk,
        mission_id=mission("NE").pk,
        narrative=f"Out of {CANARY}.",
        period_from=date(2026, 10, 1),
        period_to=date(2026, 10, 20),
        lines=lines,
        **by("Moussa"),
    )
    stories.accept(made)
    closing.close(request_id=made.pk, reason_code="COMPLETED", reason=f"Far from {CANARY}.", **by("Helena"))
    closing.reopen(request_id=made.pk, reason_code="NEW_FACTS", reason=f"{CANARY} again.", **by("Helena"))


def tables_with(word: str) -> list[str]:
    """Every table of the database in which some column holds the word."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(word in str(value) for row in cursor.fetchall() for value in row):
                found.append(table)
    return found


def test_the_word_is_nowhere(mailoutbox, caplog):
    people("Bruno", "Beatriz", "Chen", "Marie", "Divya", "Helena")

    reference = a_life_full_of_the_word()
    drain()

    assert tables_with(CANARY) == []
    assert not [mail for mail in mailoutbox if CANARY in str(mail.message())]
    assert CANARY not in caplog.text
    stored = [path for folder in (settings.GAF_PRIVATE_FILES, settings.GAF_BANK_FOLDER) for path in folder.rglob("*")]
    assert stored
    assert not [
        path for path in stored if CANARY in str(path) or (path.is_file() and CANARY.encode() in path.read_bytes())
    ]
    assert "workflow_assistancerequest" in tables_with(reference)


def test_the_word_can_be_read_again_by_its_key():
    made = stories.an_empty_draft()
    edit_situation(request_id=made.pk, situation=f"In {CANARY}.", **by("Amina"))

    assert unseal(now(made).situation) == f"In {CANARY}."
