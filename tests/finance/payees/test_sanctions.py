"""Sanctions: nobody is paid whose name is like one on the newest list, until two other people have said who it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from finance.actions import releasing
from finance.actions.files import prepare_file
from finance.actions.screening import clear_hit_first, clear_hit_second, confirm_hit, load_list, rescreen
from finance.models import Disbursement, PayeeVersion, SanctionsEntry, SanctionsList, Screening, ScreeningHit
from finance.screening.invented import invented_list
from gaf import clock
from gaf.accounts.actions import assign_role
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.outbox.outbox import drain
from gaf.outbox.sweeps import sweep_everything
from gaf.refusals import NotPermitted
from gaf.sealing import unseal
from tests.finance.builders import GOOD_NUMBER, NOON, YEAR_START, Fund, refuses, usd
from tests.finance.raw_sql import run, unguarded

pytestmark = pytest.mark.django_db
LISTED = "Tarvek Osmarello"


@pytest.fixture
def committed(fund: Fund) -> Fund:
    """USD 1,000.00 committed to L1, certified."""
    fund.commit(usd("1000.00"))
    return fund


@pytest.fixture
def hit(fund: Fund) -> ScreeningHit:
    """A confirmed payee whose holder has a name like one on the list."""
    fund.payee(holder=LISTED)
    return ScreeningHit.objects.get()


def list_naming(name: str) -> bytes:
    """A newer list, on which one entity more is named."""
    content = invented_list(clock.now() - timedelta(minutes=1))
    entity = (
        f"<ENTITY><DATAID>9000999</DATAID><FIRST_NAME>{name}</FIRST_NAME>"
        "<REFERENCE_NUMBER>ZZe.999</REFERENCE_NUMBER></ENTITY></ENTITIES>"
    )
    return content.replace(b"</ENTITIES>", entity.encode())


def newer(content: bytes) -> SanctionsList:
    return load_list(content=content, at=clock.now())[0]


def clear(hit: ScreeningHit, first: User, second: User) -> None:
    clear_hit_first(hit_id=hit.pk, reason="Another year of birth.", actor=first, at=clock.now())
    clear_hit_second(hit_id=hit.pk, reason="Seen the register.", actor=second, at=clock.now())


class TestBeforeARelease:
    def test_f54_a_payee_listed_after_the_approval_is_stopped_right_before_it(self, committed):
        prepared = committed.prepare(usd("400.00"), committed.payee())
        newer(list_naming("SHELTER HOUSE"))

        with refuses("SCREEN-03"):
            committed.release(prepared)
        drain()

        (hit,) = ScreeningHit.objects.all()
        assert (hit.entry.reference, hit.party, hit.state) == ("ZZe.999", "HOLDER", "OPEN")
        with refuses("SCREEN-03"):
            committed.release(prepared)

    def test_f54_a_listed_bank_of_the_payee_is_stopped_too(self, committed):
        prepared = committed.prepare(usd("400.00"), committed.payee())
        newer(list_naming("SAMPLE BANK"))

        with refuses("SCREEN-03"):
            committed.release(prepared)
        rescreen()
        assert ScreeningHit.objects.get().party == "BANK"

    def test_f54_a_payee_listed_after_the_release_is_stopped_before_the_file(self, committed):
        prepared = committed.prepare(usd("400.00"), committed.payee())
        committed.release(prepared)
        newer(list_naming("SHELTER HOUSE"))

        with refuses("DISB-17"):
            prepare_file(bank_account=committed.geneva, actor=committed.divya, at=clock.now())

    @pytest.mark.both
    def test_f54_the_database_stops_it_when_code_forgets_to_look(self, committed, monkeypatch):
        prepared = committed.prepare(usd("400.00"), committed.payee())
        newer(list_naming("SHELTER HOUSE"))
        monkeypatch.setattr(releasing, "release_refusals_by", lambda newest, rows, at: {row.pk: [] for row in rows})

        with pytest.raises(IntegrityError, match="SCREEN-04"), transaction.atomic():
            committed.release(prepared)
        monkeypatch.setattr(releasing, "screen_against", lambda *asked: [])
        with pytest.raises(IntegrityError, match="SCREEN-04"), transaction.atomic():
            committed.release(prepared)
        assert committed.now(prepared).state == "PREPARED"

    def test_the_payee_is_screened_again_and_it_is_kept(self, committed):
        prepared = committed.prepare(usd("400.00"), committed.payee())
        committed.release(prepared)

        kept = list(Screening.objects.values_list("occasion", "hit_count"))

        assert kept == [("CONFIRMED", 0), ("PREPARED", 0), ("RELEASED", 0)]

    def test_nothing_goes_while_no_list_was_loaded(self, committed):
        prepared = committed.prepare(usd("400.00"), committed.payee())
        with unguarded("finance_sanctionslist", "finance_screening"):
            run("DELETE FROM finance_screening")
            run("DELETE FROM finance_sanctionslist")

        with refuses("SCREEN-01"):
            committed.release(prepared)

    def test_nothing_goes_on_an_old_list(self, committed):
        prepared = committed.prepare(usd("400.00"), committed.payee())

        with clock.at(NOON + timedelta(days=90)), refuses("SCREEN-02"):
            committed.release(prepared)
        with clock.at(NOON + timedelta(days=89) - timedelta(minutes=1)):
            committed.release(prepared)

    def test_nothing_is_prepared_for_a_listed_payee(self, committed):
        payee = committed.payee(holder=LISTED)

        with refuses("SCREEN-03"):
            committed.prepare(usd("400.00"), payee)


class TestAHit:
    def test_is_kept_with_its_reason_and_told_to_those_who_compare(self, fund, hit, mailoutbox):
        drain()

        assert (hit.key, hit.entry.reference, hit.listed_name) == (
            "HIT-2026-00001",
            "ZZi.001",
            "TARVEK OSMARELLO DRINNOV",
        )
        assert hit.reasons["name_is"] == "strong"
        assert {mail.to[0] for mail in mailoutbox if "sanctions list" in mail.subject} == {
            "viktor@gaf.example",
            "helena@gaf.example",
        }
        assert LISTED not in str(Decision.objects.get(act="screen_payee").facts)

    def test_is_cleared_by_two_people_with_reasons_and_the_payee_is_paid(self, committed):
        payee = committed.payee(holder=LISTED)
        hit = ScreeningHit.objects.get()
        clear_hit_first(hit_id=hit.pk, reason="Another year of birth.", actor=committed.viktor, at=clock.now())
        with refuses("SCREEN-03"):
            committed.prepare(usd("400.00"), payee)
        clear_hit_second(hit_id=hit.pk, reason="Seen the register.", actor=committed.helena, at=clock.now())

        committed.release(committed.prepare(usd("400.00"), payee))

        assert Disbursement.objects.get().state == "RELEASED"
        decisions = Decision.objects.filter(subject=hit.key).order_by("number")
        assert [(one.act, str(one.actor), unseal(one.reason)) for one in decisions][1:] == [
            ("clear_hit_first", "Viktor", "Another year of birth."),
            ("clear_hit_second", "Helena", "Seen the register."),
        ]

    def test_is_not_cleared_by_one_person_twice(self, fund, hit):
        clear_hit_first(hit_id=hit.pk, reason="Another year.", actor=fund.viktor, at=clock.now())

        with pytest.raises(NotPermitted) as refusal:
            clear_hit_second(hit_id=hit.pk, reason="Still another.", actor=fund.viktor, at=clock.now())
        assert refusal.value.code == "SOD-16"

    def test_is_not_cleared_by_who_recorded_the_payee(self, fund, hit):
        assign_role(person=fund.moussa, role=Role.FUND_MANAGER, mission=None, starts_on=YEAR_START)

        with pytest.raises(NotPermitted) as refusal:
            clear_hit_first(hit_id=hit.pk, reason="I know him.", actor=fund.moussa, at=clock.now())
        assert refusal.value.code == "SOD-17"

    def test_cleared_by_somebody_keeps_them_from_releasing(self, committed):
        assign_role(person=committed.divya, role=Role.FUND_MANAGER, mission=None, starts_on=YEAR_START)
        payee = committed.payee(holder=LISTED)
        clear(ScreeningHit.objects.get(), committed.divya, committed.helena)
        prepared = committed.prepare(usd("400.00"), payee)

        with pytest.raises(NotPermitted) as refusal:
            committed.release(prepared)
        assert refusal.value.code == "SOD-18"

    def test_takes_a_reason(self, fund, hit):
        for act in (clear_hit_first, confirm_hit):
            with refuses("SCREEN-07"):
                act(hit_id=hit.pk, reason=" ", actor=fund.viktor, at=clock.now())

    @pytest.mark.parametrize("name", ["Divya", "Moussa", "Esi", "Chen"])
    def test_is_not_cleared_by_other_roles(self, fund, hit, name):
        with pytest.raises(NotPermitted):
            clear_hit_first(hit_id=hit.pk, reason="No.", actor=fund.people[name], at=clock.now())

    def test_that_is_the_same_stops_the_payee_for_good(self, committed):
        payee = committed.payee(holder=LISTED)
        hit = ScreeningHit.objects.get()
        confirm_hit(hit_id=hit.pk, reason="Same passport.", actor=committed.viktor, at=clock.now())
        newer(list_naming("SOMEBODY ELSE"))

        with refuses("SCREEN-06"):
            committed.prepare(usd("400.00"), payee)

    @pytest.mark.both
    def test_is_never_edited_nor_removed(self, hit):
        for sql in ("UPDATE finance_screeninghit SET score = 1", "DELETE FROM finance_screeninghit"):
            with pytest.raises(IntegrityError, match="SCREEN-05"), transaction.atomic():
                run(sql)


class TestAClearance:
    def test_ends_when_the_list_says_something_new(self, committed):
        payee = committed.payee(holder=LISTED)
        clear(ScreeningHit.objects.get(), committed.viktor, committed.helena)
        newer(list_naming("SOMEBODY ELSE"))

        with refuses("SCREEN-03"):
            committed.prepare(usd("400.00"), payee)
        drain()
        assert list(ScreeningHit.objects.values_list("state", flat=True)) == ["CLEARED", "OPEN"]

    def test_stands_when_a_newer_list_says_the_same(self, committed):
        payee = committed.payee(holder=LISTED)
        clear(ScreeningHit.objects.get(), committed.viktor, committed.helena)
        newer(invented_list(clock.now()))
        drain()

        committed.release(committed.prepare(usd("400.00"), payee))

        assert ScreeningHit.objects.count() == 1
        assert SanctionsEntry.objects.count() == 4

    def test_does_not_hold_for_changed_details(self, committed):
        first = committed.payee(holder=LISTED)
        clear(ScreeningHit.objects.get(), committed.viktor, committed.helena)
        second = committed.payee(holder=LISTED, account=GOOD_NUMBER, payee=first.payee)

        with refuses("SCREEN-03"):
            committed.prepare(usd("400.00"), second)


class TestLoadingAList:
    def test_keeps_when_it_was_made_its_hash_and_its_counts(self, fund, tmp_path, capsys):
        file = tmp_path / "list.xml"
        file.write_bytes(list_naming("SOMEBODY ELSE"))

        call_command("load_sanctions", str(file))

        newest = SanctionsList.objects.order_by("-generated_at")[0]
        assert (newest.entry_count, newest.name_count) == (5, 9)
        assert f"SHA-256 {newest.sha256}" in capsys.readouterr().out

    def test_twice_changes_nothing(self, fund):
        content = list_naming("SOMEBODY ELSE")

        first, again = load_list(content=content, at=clock.now()), load_list(content=content, at=clock.now())

        assert (first[1], again) == (True, (first[0], False))

    def test_screens_everybody_who_can_be_paid_by_the_worker(self, fund):
        fund.payee()
        fund.recorded_payee(holder="Quillford Dray Holdings")
        newer(list_naming("SHELTER HOUSE"))
        drain()

        assert Screening.objects.filter(occasion="NEW_LIST").count() == 1
        assert ScreeningHit.objects.count() == 1

    def test_is_made_good_by_the_sweep_when_the_promise_was_lost(self, fund):
        fund.payee()
        newer(list_naming("SHELTER HOUSE"))

        sweep_everything()
        sweep_everything()

        assert Screening.objects.filter(occasion="NEW_LIST").count() == 1

    def test_older_than_the_newest_or_to_come_is_refused(self, fund):
        with refuses("SANCTIONS-04"):
            newer(invented_list(clock.now() - timedelta(days=2)))
        with refuses("SANCTIONS-05"):
            newer(invented_list(clock.now() + timedelta(days=1)))

    def test_that_is_none_ends_the_command_with_the_reason(self, fund, tmp_path):
        file = tmp_path / "list.xml"
        file.write_bytes(b"<Document/>")

        with pytest.raises(CommandError, match="SANCTIONS-02"):
            call_command("load_sanctions", str(file))
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("load_sanctions", str(tmp_path / "none.xml"))


def test_a_year_of_birth_is_sealed_and_told_beside_the_hit(fund):
    version = fund.payee(holder=LISTED, birth_year="1994")

    stored = PayeeVersion.objects.get(pk=version.pk).birth_year

    assert not re.search("1994", stored)
    assert version.born == 1994
    assert ScreeningHit.objects.get().reasons["born"] == "differs"
