"""F54 once more: a payee listed between release and sending. Nothing leaves until two people have cleared it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from finance import sending
from finance.actions.disbursements import stop_disbursement
from finance.actions.files import discard_file, prepare_file, recall_file, sign_first, sign_second
from finance.actions.rails import open_pause, pause_rail, resume_rail
from finance.actions.screening import clear_hit_first, clear_hit_second, confirm_hit, load_list
from finance.actions.settlement import begin_sending
from finance.books import first_broken, verify
from finance.gateways.rails import rail_for
from finance.leaving import instruction
from finance.models import Attempt, Disbursement, Journal, PaymentFile, Screening, ScreeningHit
from finance.restoring import take_up_after_restore
from finance.stand_ins.stripe_faults import Fault, Trouble
from gaf import clock
from gaf.decisions.models import Decision
from gaf.outbox.models import OutboxMessage
from gaf.outbox.outbox import drain
from gaf.outbox.sweeps import sweep_everything
from tests.finance.builders import GOOD_NUMBER, everything, free, refuses, usd
from tests.finance.failures.conftest import Stage
from tests.finance.payees.test_sanctions import list_naming

A_DAY = 24 * 60


def list_the_payee() -> None:
    """A newer list names the payee of every specification here."""
    load_list(content=list_naming("SHELTER HOUSE"), at=clock.now())


def waiting(stage: Stage) -> Disbursement:
    """Released, and kept from leaving by a pause; meanwhile its payee was listed, and the rail goes on."""
    row = stage.released()
    pause_rail(rail="STRIPE", code="by_hand", actor=stage.fund.divya, reason="Audit.", at=clock.now())
    stage.work()
    with stage.at(2) as at:
        list_the_payee()
        resume_rail(pause_id=open_pause("STRIPE").pk, actor=stage.fund.divya, at=at)
    return row


def clear(stage: Stage, minutes: float) -> None:
    """Two people say that it is somebody else."""
    hit = ScreeningHit.objects.get()
    with stage.at(minutes) as at:
        clear_hit_first(hit_id=hit.pk, reason="Another register number.", actor=stage.fund.viktor, at=at)
        clear_hit_second(hit_id=hit.pk, reason="Seen the register.", actor=stage.fund.helena, at=at)


def told(notice: str) -> set[str]:
    """Keys of the mails of a kind that were promised."""
    return set(OutboxMessage.objects.filter(payload__notice=notice).values_list("payload__reference", flat=True))


class TestADisbursementWhosePayeeIsListedWhileItWaits:
    def test_f54_is_screened_again_right_before_it_leaves_and_held(self, stage):
        row = waiting(stage)
        before = (list(Journal.objects.values_list("hash", flat=True)), free(stage.fund.stream))

        stage.work(3)
        stage.work(20)

        assert (stage.state(row), stage.attempt(row).held_code) == ("RELEASED", "like_a_listed_name")
        assert (stage.posts(), stage.stripe.paid_for(row.number)) == ([], {})
        assert before == (list(Journal.objects.values_list("hash", flat=True)), free(stage.fund.stream))
        assert first_broken(verify()) is None

    def test_f54_tells_the_payers_and_who_must_clear_it_once(self, stage):
        row = waiting(stage)
        stage.work(3)
        mails = OutboxMessage.objects.filter(topic="notice").count()
        stage.work(20)

        hit = ScreeningHit.objects.get()
        assert told("disbursement_held") == {row.number}
        assert told("hit_to_clear") == {row.payee_version.payee.key}
        assert OutboxMessage.objects.filter(topic="notice", key__contains=f"{hit.key}:{row.number}").exists()
        assert OutboxMessage.objects.filter(topic="notice").count() == mails

    def test_says_why_to_headquarters_and_not_to_the_mission(self, stage):
        row = waiting(stage)
        stage.work(3)
        pages = {}
        for name in ("Divya", "Moussa"):
            client = Client()
            client.force_login(stage.fund.people[name])
            pages[name] = client.get(f"/disbursements/{row.number}/").content.decode()

        assert "like one on the sanctions list" in pages["Divya"]
        assert "Headquarters looks into it." in pages["Moussa"]
        assert "sanctions" not in pages["Moussa"]

    def test_leaves_by_itself_once_two_people_have_cleared_it_under_the_same_key(self, stage):
        row = waiting(stage)
        stage.work(3)
        key = stage.attempt(row).key

        clear(stage, 4)
        stage.work(20)

        assert (stage.state(row), stage.attempt(row).held_code) == ("SENT", "")
        assert stage.posts("/v1/transfers") == [f"gaf:{key}:transfer"]
        assert stage.stripe.paid_for(row.number) == {"usd": 30_000}

    def test_never_leaves_once_the_hit_is_confirmed_and_is_stopped(self, stage):
        row = waiting(stage)
        stage.work(3)
        with stage.at(4) as at:
            confirm_hit(hit_id=ScreeningHit.objects.get().pk, reason="The same.", actor=stage.fund.viktor, at=at)
        stage.work(20)
        assert (stage.state(row), stage.posts()) == ("RELEASED", [])

        with stage.at(21) as at:
            stop_disbursement(number=row.number, reason="Listed.", actor=stage.fund.divya, at=at)
        stage.work(30)

        assert (stage.state(row), stage.attempt(row).state, stage.posts()) == ("STOPPED", "FAILED", [])
        assert stage.fund.now(row).parts.get().commitment.disbursed_usd_minor == 0
        assert first_broken(verify()) is None

    def test_waits_while_the_newest_list_is_too_old_and_nobody_is_called(self, stage):
        row = stage.released()
        pause_rail(rail="STRIPE", code="by_hand", actor=stage.fund.divya, reason="Audit.", at=clock.now())
        resume_rail(pause_id=open_pause("STRIPE").pk, actor=stage.fund.divya, at=clock.now())

        stage.work(91 * A_DAY)

        assert (stage.state(row), stage.posts(), row.attempts.count()) == ("RELEASED", [], 0)
        assert told("disbursement_held") == set()

    @pytest.mark.both
    def test_is_kept_from_leaving_by_the_database_when_code_forgets_to_look(self, stage, monkeypatch):
        row = waiting(stage)
        monkeypatch.setattr(sending, "require_screened", lambda disbursement: None)

        stage.work(3)
        assert (stage.state(row), stage.posts()) == ("RELEASED", [])
        with pytest.raises(IntegrityError, match="SCREEN-08"), transaction.atomic():
            begin_sending(disbursement_id=row.pk, key="a" * 32, at=clock.now())


class TestOneThatMayHaveLeft:
    def test_is_not_asked_again_when_its_payee_was_listed(self, stage):
        row = stage.released()
        stage.stripe.faults.add(Fault(Trouble.DROPPED_BEFORE, "/v1/transfers", times=3))
        stage.work()
        asked = len(stage.posts("/v1/transfers"))
        stage.stripe.faults.clear()
        list_the_payee()

        stage.work(20)

        assert (stage.state(row), stage.attempt(row).held_code) == ("UNKNOWN", "like_a_listed_name")
        assert (len(stage.posts("/v1/transfers")), stage.stripe.paid_for(row.number)) == (asked, {})
        clear(stage, 21)
        stage.work(40)
        assert (stage.state(row), stage.stripe.paid_for(row.number)) == ("SENT", {"usd": 30_000})

    def test_and_has_left_whole_is_written_down_all_the_same(self, stage):
        row = stage.released()
        stage.stripe.faults.add(Fault(Trouble.DROPPED_AFTER, "/v1/payouts", times=3))
        stage.work()
        stage.stripe.faults.clear()
        list_the_payee()

        stage.work(20)

        assert (stage.state(row), stage.attempt(row).held_code) == ("SENT", "")
        assert stage.stripe.paid_for(row.number) == {"usd": 30_000}


class TestAfterABackupWasPutBack:
    def test_what_had_left_before_is_written_down_although_its_payee_was_listed_since(self, stage):
        row = stage.released()
        forgotten = Attempt(disbursement=row, key="f" * 32)
        rail_for("STRIPE").create(instruction(row, forgotten), first_called_at=None, now=clock.now())
        with stage.at(1) as at:
            take_up_after_restore(at=at)
            list_the_payee()

        stage.work(2)

        assert (stage.state(row), stage.attempt(row).key) == ("SENT", "f" * 32)
        assert stage.stripe.paid_for(row.number) == {"usd": 30_000}


class TestScreeningRightBeforeItLeaves:
    def occasions(self) -> list[str]:
        return list(Screening.objects.order_by("id").values_list("occasion", flat=True))

    def test_is_not_done_twice_on_the_day_of_the_release(self, stage):
        stage.released()
        stage.work(60)

        assert self.occasions() == ["CONFIRMED", "PREPARED", "RELEASED"]

    def test_is_done_again_a_day_after_and_kept(self, stage):
        row = stage.released()
        stage.work(A_DAY + 1)

        assert self.occasions() == ["CONFIRMED", "PREPARED", "RELEASED", "SENT"]
        assert stage.state(row) == "SENT"

    def test_is_done_again_with_a_newer_list_and_kept(self, stage):
        row = stage.released()
        with stage.at(5):
            load_list(content=list_naming("SOMEBODY ELSE"), at=clock.now())
            OutboxMessage.objects.filter(topic="rescreen_payees").update(due_at=clock.now() + timedelta(days=1))
        stage.work(6)

        assert self.occasions() == ["CONFIRMED", "PREPARED", "RELEASED", "SENT"]
        assert stage.state(row) == "SENT"


class TestAFile:
    def test_is_not_signed_second_when_a_payee_in_it_was_listed(self, fund):
        fund.commit(usd("1000.00"))
        fund.release(fund.prepare(usd("400.00"), fund.payee()))
        made = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        sign_first(file_id=made.pk, actor=fund.divya, at=clock.now())
        list_the_payee()

        with refuses("FILE-06"):
            sign_second(file_id=made.pk, actor=fund.helena, at=clock.now())
        before = everything()["journals"]
        drain()

        assert everything()["journals"] == before
        discard_file(file_id=made.pk, reason="A payee was listed.", actor=fund.divya, at=clock.now())
        (row,) = Disbursement.objects.all()
        assert (row.state, row.payment_file) == ("RELEASED", None)

    def test_that_was_signed_by_two_does_not_leave_when_a_payee_in_it_was_listed_since(self, fund):
        fund.commit(usd("1000.00"))
        other = fund.payee(holder="Another House", account=GOOD_NUMBER)
        rows = [fund.prepare(usd("400.00"), fund.payee()), fund.prepare(usd("100.00"), other)]
        fund.release(*rows)
        made = fund.signed_file()
        list_the_payee()
        before = everything()["journals"]

        drain()
        sweep_everything()
        drain()

        assert everything()["journals"] == before
        assert PaymentFile.objects.get(pk=made.pk).state == "DISCARDED"
        assert not list((Path(settings.GAF_BANK_FOLDER) / "in").glob("*.xml"))
        assert [(fund.now(row).state, fund.now(row).payment_file) for row in rows] == [("RELEASED", None)] * 2
        assert told("file_recalled") == {made.message_id}
        assert Decision.objects.get(act="recall_file").reason_code == "payee_listed"
        assert first_broken(verify()) is None

    def test_takes_the_others_once_it_was_kept_from_leaving(self, fund):
        fund.commit(usd("1000.00"))
        other = fund.payee(holder="Another House", account=GOOD_NUMBER)
        listed, paid = (fund.prepare(usd("400.00"), fund.payee()), fund.prepare(usd("100.00"), other))
        fund.release(listed, paid)
        fund.signed_file()
        list_the_payee()
        drain()

        made = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now(), numbers=[paid.number])
        sign_first(file_id=made.pk, actor=fund.divya, at=clock.now())
        sign_second(file_id=made.pk, actor=fund.helena, at=clock.now())
        drain()

        assert [fund.now(row).state for row in (listed, paid)] == ["RELEASED", "SENT"]
        assert first_broken(verify()) is None

    def test_that_may_lie_at_the_bank_is_not_called_back(self, fund):
        fund.commit(usd("1000.00"))
        row = fund.prepare(usd("400.00"), fund.payee())
        fund.release(row)
        made = fund.signed_file()
        begin_sending(disbursement_id=row.pk, key=row.attempts.get().key, at=clock.now())
        list_the_payee()

        with refuses("FILE-07"):
            recall_file(file_id=made.pk, at=clock.now())
        drain()

        assert (fund.now(row).state, PaymentFile.objects.get(pk=made.pk).state) == ("SENT", "SENT")

    def test_is_screened_again_at_the_second_signature_a_day_after_the_release(self, fund):
        fund.commit(usd("1000.00"))
        fund.release(fund.prepare(usd("400.00"), fund.payee()))
        made = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
        sign_first(file_id=made.pk, actor=fund.divya, at=clock.now())

        with clock.at(clock.now() + timedelta(days=2)):
            sign_second(file_id=made.pk, actor=fund.helena, at=clock.now())

        assert list(Screening.objects.values_list("occasion", flat=True))[-1] == "SENT"
