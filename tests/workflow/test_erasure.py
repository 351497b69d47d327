"""Erasing a case: two people agree, the worker destroys, a certificate says so, and the books stay true."""

from __future__ import annotations

import json
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, models, transaction
from django.test import Client

from finance.books import first_broken, verify
from finance.models import Commitment, RefundDue
from gaf import clock
from gaf.decisions.models import Decision
from gaf.outbox.outbox import drain
from gaf.privacy.models import Read
from gaf.refusals import MovedOn, NotPermitted, Refusal
from gaf.sealing import has_key, is_erased, seal, unseal
from tests import stories
from tests.cast import people, person
from tests.refused import refused
from tests.rules.figures_told import tell_figure
from tests.stories import by, now
from tests.workflow.returning import a_survey
from tests.workflow.test_documents import add
from tests.workflow.test_nothing_leaks import CANARY, a_life_full_of_the_word, tables_with
from tests.workflow.test_old_backups import a_backup, texts_of
from tests.workflow.test_retention import hold
from workflow.actions import closing, erasing
from workflow.actions.complaints import Said, answer_complaint, record_complaint, take_up_complaint
from workflow.actions.erasing import carry_out_erasure, confirm_erasure, discard_erasure, propose_erasure
from workflow.actions.privacy import restrict, uncover
from workflow.actions.remarks import keep_note
from workflow.models import (
    Assessment,
    AssistanceRequest,
    AssistedReturn,
    Case,
    Consent,
    Document,
    Erasure,
    GateEvidence,
    Person,
    Referral,
    RetentionHold,
    SurveyResult,
    TraffickingScreening,
    Upload,
    UploadPiece,
)
from workflow.retention.contents import SEALED_WORDS, what_goes, what_stays
from workflow.retention.schedule import past_their_time

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("house")]
AFTER_FIVE_YEARS = datetime(2031, 10, 21, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def keepers(house) -> None:
    people("Nadia", "Ngozi", "Helena", "Omar")


def propose(made: AssistanceRequest, who: str = "Nadia", ground: str = "PERSON_ASKED") -> Erasure:
    return propose_erasure(request_id=made.pk, ground=ground, reason="A letter of hers came.", **by(who))


def confirm(erasure: Erasure, who: str = "Ngozi") -> Erasure:
    return confirm_erasure(erasure_id=erasure.pk, **by(who))


def erase(made: AssistanceRequest) -> Erasure:
    """From the proposal to the certificate."""
    erasure = confirm(propose(made))
    drain()
    return Erasure.objects.get(pk=erasure.pk)


def case_of(made: AssistanceRequest) -> Case:
    return Case.objects.get(key=made.case_id)


class TestWhatACaseConsistsOf:
    def test_names_every_text_of_the_process(self):
        named = {(words.model, field) for words in SEALED_WORDS for field in words.fields}
        texts = {
            (model, field.name)
            for model in apps.get_app_config("workflow").get_models()
            for field in model._meta.get_fields()
            if isinstance(field, models.TextField) and not model.__name__.startswith("Historical")
        }
        # What is asked of every request; what oversight alone reads; what a donor is told.
        of_no_case = {"Criterion", "Concern", "DonorReport"}

        assert {one for one in texts if one[0].__name__ not in of_no_case} == named

    def test_is_counted_to_the_last_version(self):
        made = stories.a_closed_request()
        add_to_everything(made)
        backup = a_backup()

        assert what_goes(case_of(made))["texts"] == len(in_tables(made, backup))


def in_tables(made: AssistanceRequest, backup: str) -> list[str]:
    """Texts of a case as a dump holds them, without those of its files."""
    files = [path for path in Path(settings.GAF_PRIVATE_FILES).rglob("*") if path.is_file()]
    of_files = set(chain(*(texts_of(made.case_id, path.read_text("utf-8", "replace")) for path in files)))
    return [text for text in texts_of(made.case_id, backup) if text not in of_files]


def seal_as_json(made: AssistanceRequest) -> str:
    """Answers that hold the word; no form lets anybody write them."""
    return seal(made.case_id, json.dumps({"INCOME": CANARY}))


def add_to_everything(made: AssistanceRequest) -> None:
    """Evidence, a referral, a file half sent, and somebody who uncovered the text, each with the word."""
    whose = made.persons.get()
    said = seal(made.case_id, f"Found in {CANARY}.")
    recorded = {"assistance": made, "recorded_by": person("Amina"), "recorded_at": clock.now()}
    GateEvidence.objects.create(person=whose, gate="R1", outcome="DONE", found_on=clock.today(), note=said, **recorded)
    Referral.objects.create(kind="SERVICE", to_whom=said, **recorded).persons.set([whose])
    for home in AssistedReturn.objects.filter(assistance=made):
        asked = {"moment": "BASELINE", "outcome": "ANSWERED", "asked_on": clock.today(), "survey": a_survey()}
        SurveyResult.objects.create(person=whose, assisted_return=home, answers=seal_as_json(made), **asked, **recorded)
    begun = {"kind": "QUOTE", "size": 40, "sha256": "0" * 64, "begun_by": person("Amina"), "begun_at": clock.now()}
    file = Upload.objects.create(assistance=made, mission=made.mission, filename=said, **begun)
    UploadPiece.objects.create(upload=file, begins=0, size=40, content=said)
    heard = Said(kind="QUALITY", words=f"Late in {CANARY}.", heard_on=clock.today())
    complaint = record_complaint(request_id=made.pk, said=heard, **by("Amina"))
    take_up_complaint(complaint_id=complaint.pk, **by("Helena"))
    told = {"answer": f"We order sooner in {CANARY}.", "reason": f"Nine days late in {CANARY}."}
    answer_complaint(complaint_id=complaint.pk, **told, **by("Helena"))
    uncover(request_id=made.pk, purpose="COPY", reason=f"Of {CANARY}.", **by("Helena"))


class TestAnErasure:
    def test_says_before_what_would_go_and_what_would_stay(self):
        made = stories.a_closed_request()
        erasure = propose(made)

        assert erasure.key == "ERA-2026-00001"
        assert erasure.foreseen == what_goes(case_of(made)) | {"texts": erasure.foreseen["texts"]}
        assert erasure.foreseen["key"] == 1
        assert what_stays(case_of(made))["disbursements"] == 1
        assert (has_key(made.case_id), Consent.objects.filter(assistance=made).count()) == (True, 1)

    def test_takes_two_people(self):
        erasure = propose(stories.a_closed_request())
        with refused("ERASE-06", NotPermitted):
            confirm(erasure, "Nadia")
        with pytest.raises(IntegrityError), transaction.atomic():
            Erasure.objects.filter(pk=erasure.pk).update(confirmed_by=person("Nadia"), confirmed_at=clock.now())

        assert Erasure.objects.get().state == "PROPOSED"

    @pytest.mark.parametrize("who", ["Helena", "Omar", "Amina", "Bruno"])
    def test_is_proposed_by_nobody_else(self, who):
        made = stories.a_closed_request()
        with refused("ROLE-02", NotPermitted):
            propose(made, who)

    def test_that_is_discarded_leaves_the_case_as_it_is(self):
        made = stories.a_closed_request()
        discard_erasure(erasure_id=propose(made).pk, reason="She wrote again.", **by("Nadia"))
        drain()

        assert now(made).situation_text != ""
        assert propose(made, "Ngozi").key == "ERA-2026-00002"

    def test_destroys_key_files_and_what_was_found_about_persons(self):
        made = stories.a_closed_request()
        add_to_everything(made)
        for one in made.persons.all():
            one.disability = "YES"
            one.save()
        foreseen = what_goes(case_of(made))
        erasure = erase(made)

        assert (erasure.state, is_erased(made.case_id), has_key(made.case_id)) == ("DONE", True, False)
        assert {kind: erasure.destroyed[kind] for kind in ("files", "consent", "protection", "persons")} == {
            kind: foreseen[kind] for kind in ("files", "consent", "protection", "persons")
        }
        assert erasure.destroyed["protection"] >= 2
        for kind in (Consent, Document, Assessment, TraffickingScreening, GateEvidence, Referral):
            assert not kind.objects.filter(assistance=made).exists()
        assert not Consent.history.model.objects.filter(assistance=made).exists()
        assert set(Person.objects.filter(assistance=made).values_list("nationality", flat=True)) == {"XXX"}
        assert set(Person.history.model.objects.filter(assistance=made).values_list("nationality", flat=True)) == {
            "XXX"
        }
        for rows in (Person.objects, Person.history):
            assert set(rows.filter(assistance=made).values_list("disability", flat=True)) == {"NOT_ASKED"}
        assert (now(made).situation, now(made).plan, now(made).state) == ("", "", "CLOSED")

    def test_leaves_figures_and_decisions_and_true_books(self):
        made = stories.a_closed_request()
        lines = [(line.key, line.usd, line.state) for line in stories.lines_of(made)]
        numbers = list(Decision.objects.values_list("number", "hash"))
        stays = what_stays(case_of(made))
        erase(made)

        assert [(line.key, line.usd, line.state) for line in stories.lines_of(made)] == lines
        assert list(Decision.objects.values_list("number", "hash"))[: len(numbers)] == numbers
        assert what_stays(case_of(made)) == {**stays, "decisions": stays["decisions"] + 3}
        assert first_broken(verify()) is None

    def test_of_what_was_never_sent_leaves_number_and_days(self):
        made = stories.withdraw(stories.a_draft())
        erase(made)

        assert not Person.objects.filter(assistance=made).exists()
        assert (now(made).primary_category, now(made).reference) == ("", made.reference)
        assert first_broken(verify()) is None

    def test_leaves_every_other_case_as_it_is(self):
        one, other = stories.a_refused_request(), stories.a_refused_request()
        before = what_goes(case_of(other))
        erase(one)

        assert what_goes(case_of(other)) == before
        assert now(other).situation_text != ""

    def test_goes_through_at_the_end_of_its_time(self):
        made = stories.a_closed_request()
        with clock.at(AFTER_FIVE_YEARS):
            confirm(propose(made, ground="RETENTION_END"))
            drain()

            assert past_their_time(person("Ngozi"), clock.today()).count() == 0

        assert Erasure.objects.get().state == "DONE"


class TestItIsRefused:
    def test_while_a_request_of_the_case_is_open(self):
        made = stories.a_reporting_request()
        with refused("ERASE-01"):
            propose(made)

    def test_while_a_hold_stands(self):
        made = stories.a_closed_request()
        held = hold(made)
        with refused("ERASE-02"):
            propose(made)

        assert held.state == "STANDING"

    def test_when_a_hold_came_after_the_proposal(self):
        made = stories.a_closed_request()
        erasure = propose(made)
        hold(made)
        with refused("ERASE-02"):
            confirm(erasure)

    def test_while_money_is_not_explained(self):
        made = stories.a_closed_request()
        owed = {"kind": "UNSPENT", "minor": 100, "currency": "USD", "usd_minor": 100, "due_on": clock.today()}
        commitment = Commitment.objects.filter(reference=made.reference)[0]
        of_it = {"reference": made.reference, "commitment": commitment, "end_to_end": "RF18539007547034"}
        RefundDue.objects.create(key="R-2026-90001", **of_it, **owed)
        with refused("ERASE-03"):
            propose(made)

    def test_for_its_time_before_that_is_over(self):
        made = stories.a_closed_request()
        with refused("ERASE-04"):
            propose(made, ground="RETENTION_END")

    def test_when_it_was_proposed_already(self):
        made = stories.a_closed_request()
        propose(made)
        with refused("ERASE-05"):
            propose(made, "Ngozi")

    def test_to_reopen_what_was_erased(self):
        made = stories.a_closed_request()
        erase(made)
        page = signed_in("Helena").get(f"/requests/{made.reference}/").content.decode()
        assert ("with certificate ERA-2026-00001" in page, "Reopen" in page) == (True, False)
        with pytest.raises((DatabaseError, Refusal), match=r"ERASE-08|SEAL-02"), transaction.atomic():
            closing.reopen(request_id=made.pk, reason_code="NEW_FACTS", reason="More is known.", **by("Helena"))

        assert now(made).state == "CLOSED"

    def test_to_write_anything_more_about_it(self):
        made = stories.a_closed_request()
        erase(made)
        with refused("SEAL-02"):
            keep_note(request_id=made.pk, text="She came back.", key="late", **by("Amina"))

    def test_to_hold_what_is_being_erased(self):
        made = stories.a_closed_request()
        confirm(propose(made))
        with refused("HOLD-05"):
            hold(made)


class TestTheDatabase:
    def test_holds_off_an_erasure_while_a_hold_stands(self, monkeypatch):
        made = stories.a_closed_request()
        erasure = propose(made)
        hold(made)
        monkeypatch.setattr(erasing, "_require_nothing_against", lambda *_asked: None)
        with pytest.raises(DatabaseError, match="ERASE-02"), transaction.atomic():
            confirm(erasure)

        assert Erasure.objects.get().state == "PROPOSED"

    def test_holds_off_an_erasure_of_an_open_case(self, monkeypatch):
        made = stories.a_closed_request()
        erasure = propose(made)
        closing.reopen(request_id=made.pk, reason_code="NEW_FACTS", reason="More is known.", **by("Helena"))
        monkeypatch.setattr(erasing, "_require_nothing_against", lambda *_asked: None)
        with pytest.raises(DatabaseError, match="ERASE-01"), transaction.atomic():
            confirm(erasure)

        assert has_key(made.case_id)

    def test_takes_no_hold_where_it_is_too_late(self):
        made = stories.a_closed_request()
        confirm(propose(made))
        row = RetentionHold(key="HOLD-1", assistance=made, case_id=made.case_id, ground="AUDIT", until=clock.today())
        row.placed_by, row.placed_at = person("Nadia"), clock.now()
        with pytest.raises(DatabaseError, match=r"HOLD-05|STATE-01"), transaction.atomic():
            row.save()

    @pytest.mark.parametrize("change", [{"digest": "0" * 64}, {"destroyed": {}}, {"ground": "RETENTION_END"}])
    def test_keeps_a_certificate_as_it_was_given(self, change):
        erasure = erase(stories.a_closed_request())
        with pytest.raises(DatabaseError, match="ERASE-07"), transaction.atomic():
            Erasure.objects.filter(pk=erasure.pk).update(**change)
        with pytest.raises(DatabaseError, match="ERASE-07"), transaction.atomic():
            erasure.delete()

    @pytest.mark.parametrize("kind", [GateEvidence, Referral])
    def test_removes_what_was_found_about_a_person_for_no_erasure_that_nobody_confirmed(self, kind):
        made = stories.a_closed_request()
        add_to_everything(made)
        propose(made)
        Referral.persons.through.objects.all().delete()
        with pytest.raises(DatabaseError, match=r"GATE-08|REFER-02"), transaction.atomic():
            kind.objects.filter(assistance=made).delete()


class TestACrash:
    @pytest.mark.parametrize(
        "step", ["destroy_file", "erase_key", "_leave_nothing_in_the_log_of_the_database", "_certify"]
    )
    def test_between_two_steps_is_gone_on_from(self, monkeypatch, step):
        made = stories.a_draft()
        add(made)
        stories.withdraw(made)
        erasure = confirm(propose(made))
        goes = what_goes(case_of(made))

        def crash(*_said: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(erasing, step, crash)
            with pytest.raises(KeyboardInterrupt):
                carry_out_erasure(key=erasure.key, at=clock.now())
        assert Erasure.objects.get().state == "CONFIRMED"

        carry_out_erasure(key=erasure.key, at=clock.now())

        done = Erasure.objects.get()
        assert (done.state, done.destroyed) == ("DONE", goes)
        assert not any(Path(settings.GAF_PRIVATE_FILES, "documents").iterdir())
        assert not has_key(made.case_id)
        assert first_broken(verify()) is None

    def test_or_a_second_delivery_changes_nothing_once_it_is_done(self):
        erasure = erase(stories.a_closed_request())
        decided = Decision.objects.count()
        carry_out_erasure(key=erasure.key, at=clock.now() + timedelta(hours=1))

        assert Erasure.objects.get().done_at == erasure.done_at
        assert Decision.objects.count() == decided
        with pytest.raises(MovedOn):
            confirm(erasure, "Helena")


class TestAfterIt:
    def test_the_word_is_nowhere_in_tables_files_exports_searches_or_an_old_backup(self, tmp_path):
        people("Bruno", "Beatriz", "Chen", "Marie", "Divya", "Helena")
        made = AssistanceRequest.objects.get(reference=a_life_full_of_the_word())
        closing.close(request_id=made.pk, reason_code="COMPLETED", reason=f"Far from {CANARY}.", **by("Helena"))
        drain()
        add_to_everything(made)
        old_database, old_files = a_backup(), tmp_path / "old"
        shutil.copytree(settings.GAF_PRIVATE_FILES, old_files)
        sealed = texts_of(made.case_id, old_database)
        with_the_word = {text for text in sealed if CANARY in unseal(text) or CANARY in document_of(text)}
        assert planted_in(made) == {(words.model, field) for words in SEALED_WORDS for field in words.fields}
        assert len(with_the_word) >= len(planted_in(made))

        began = time.perf_counter()
        erase(made)
        tell_figure("erasure, milliseconds", int((time.perf_counter() - began) * 1000))

        assert tables_with(CANARY) == []
        assert [text for text in sealed if unseal(text) != "(erased)"] == []
        stored = [path for path in Path(settings.GAF_PRIVATE_FILES, "documents").rglob("*") if path.is_file()]
        assert stored == []
        for path in old_files.rglob("*"):
            text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
            assert CANARY not in text
            assert [one for one in texts_of(made.case_id, text) if unseal(one) != "(erased)"] == []
        assert pages_with(CANARY, made) == []
        assert first_broken(verify()) is None
        tell_figure("erasure, texts of the case in an older backup", len(sealed))
        tell_figure("erasure, texts readable afterwards", sum(unseal(text) != "(erased)" for text in sealed))


class TestAnOlderDatabase:
    def test_beside_the_present_keys_shows_no_text_and_is_erased_once_more(self):
        made = stories.a_refused_request()
        before = transaction.savepoint()
        erase(made)
        transaction.savepoint_rollback(before)  # the database as it was; the key is gone all the same
        assert not Erasure.objects.exists()
        assert now(made).situation_text == "(erased)"
        assert pages_with("escape", made) == []
        assert "came back with an older database" in signed_in("Nadia").get("/retention/").content.decode()

        done = erase(made)

        assert (done.state, done.destroyed["key"], Consent.objects.filter(assistance=made).exists()) == (
            "DONE",
            0,
            False,
        )
        assert past_their_time(person("Ngozi"), clock.today()).count() == 0
        assert first_broken(verify()) is None


def document_of(sealed: str) -> str:
    """A sealed text as the bytes of a document, where it is one."""
    from base64 import b64decode

    try:
        return b64decode(unseal(sealed), validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


def planted_in(made: AssistanceRequest) -> set[tuple[type[models.Model], str]]:
    """The fields in some version of which the word stands."""
    found = set()
    for words in SEALED_WORDS:
        versions = getattr(getattr(words.model, "history", None), "model", None)
        for model in filter(None, (words.model, versions)):
            rows = model._default_manager.filter(**{words.case: case_of(made)})
            found |= {
                (words.model, name) for row in rows for name in words.fields if CANARY in unseal(getattr(row, name))
            }
    return found


def pages_with(word: str, made: AssistanceRequest) -> list[str]:
    """Every page, export and search of the request, as those who read its text open them; one that fails is named."""
    record = f"/requests/{made.reference}/"
    under = (
        "",
        "history/",
        "timeline/",
        "protection/",
        "gates/",
        "amendments/",
        "activities/",
        "documents/",
        "readers/",
    )
    asked = [f"{record}{page}" for page in under]
    if AssistedReturn.objects.filter(assistance=made).exists():
        asked += [f"/assisted-returns/{made.reference}/{page}" for page in ("", "surveys/")]
    asked += [f"/requests/export/?format={kind}" for kind in ("csv", "xlsx")]
    asked += [f"/search/?q={word}", f"/requests/?q={word}", "/retention/", "/erasures/ERA-2026-00001/certificate/"]
    found = []
    for name in ("Amina", "Idriss", "Bruno", "Helena", "Nadia", "Omar", "Ngozi"):
        client = Client()
        client.force_login(person(name))
        for address in asked:
            answer = client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            typed = content.replace(f'value="{word}"'.encode(), b"")
            if answer.status_code >= 500 or (word.encode() in typed and "?q=" not in address):
                found.append(f"{name} {address} {answer.status_code}")
            if "?q=" in address and made.reference.encode() in typed:
                found.append(f"{name} finds {made.reference} at {address}")
    return found


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(person(name))
    return client


class TestItsPages:
    def test_lead_from_the_dry_run_to_the_certificate(self):
        made = stories.a_closed_request()
        nadia, ngozi = signed_in("Nadia"), signed_in("Ngozi")
        page = nadia.get(f"/erasures/new/?reference={made.reference}").content.decode()
        assert "What would be destroyed" in page
        assert "Its time is not over." in page
        key = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page)[1]
        typed = {"reference": made.reference, "ground": "PERSON_ASKED", "reason": "A letter.", "idempotency_key": key}
        led_to = {nadia.post("/erasures/new/?save=1", typed).url for _press in range(2)}
        assert led_to == {"/erasures/ERA-2026-00001/"}

        assert nadia.get("/erasures/ERA-2026-00001/confirm/").status_code == 403
        assert ngozi.post("/erasures/ERA-2026-00001/confirm/?save=1", {}).status_code == 302
        assert ngozi.get("/erasures/ERA-2026-00001/certificate/").url == "/erasures/ERA-2026-00001/"
        drain()

        paper = signed_in("Omar").get("/erasures/ERA-2026-00001/certificate/").content.decode()
        done = Erasure.objects.get()
        assert all(word in paper for word in (done.digest, made.reference, made.case_id, "Nadia", "Ngozi"))

    def test_say_at_the_form_why_nothing_was_proposed(self):
        made = stories.a_closed_request()
        hold(made)
        page = signed_in("Nadia").get(f"/erasures/new/?reference={made.reference}").content.decode()
        key = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', page)[1]
        typed = {"reference": made.reference, "ground": "PERSON_ASKED", "reason": "A letter.", "idempotency_key": key}
        answer = signed_in("Nadia").post("/erasures/new/?save=1", typed)

        assert answer.status_code == 422
        assert "HOLD-2026-00001 stands on this case." in answer.content.decode()
        assert not Erasure.objects.exists()

    def test_are_not_there_for_who_is_not_named_to_a_strict_case(self):
        made = stories.a_closed_request()
        restrict(request_id=made.pk, **by("Nadia"))
        erasure = propose(made)

        assert signed_in("Ngozi").get(f"/erasures/{erasure.key}/").status_code == 404
        assert erasure.key not in signed_in("Ngozi").get("/retention/").content.decode()
        assert signed_in("Nadia").get(f"/erasures/{erasure.key}/").status_code == 200

    def test_tell_who_confirms_by_mail_and_nobody_who_does_not_see_it(self, mailoutbox):
        made = stories.a_closed_request()
        restrict(request_id=made.pk, **by("Nadia"))
        drain()
        mailoutbox.clear()
        propose(made)
        drain()

        told = {address for mail in mailoutbox for address in mail.to}
        assert person("Ngozi").email not in told
        assert Read.objects.filter(refused=True).count() == 0
