"""A refund that never came: asked by one person, approved by another whose delegation covers it, booked in full."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from finance.actions.acceptance import Accepted, accept_spending
from finance.actions.write_offs import approve_write_off, ask_write_off, refuse_write_off, take_back_write_off
from finance.books import verify
from finance.models import Journal, RefundDue, WriteOff
from finance.queries import closing_obstacles, money_of
from gaf import clock
from gaf.accounts.models import Delegation
from gaf.accounts.roles import Role
from gaf.decisions.models import Decision
from gaf.gate import in_one_piece
from gaf.refusals import MovedOn, NotPermitted
from tests.finance.builders import REQUEST, YEAR_START, Fund, everything, free, last_journal, lines_of, refuses, usd
from tests.finance.disbursing.test_amounts import books_are_true, pay_in

pytestmark = [pytest.mark.both, pytest.mark.django_db]
DUE = date(2026, 12, 23)
RIPE = datetime(2027, 3, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def refund(fund: Fund) -> RefundDue:
    """Of USD 450.00 paid 50.00 is due on 23 December. Helena may decide up to USD 40.00, Chen to 500.00."""
    fund.commit(usd("500.00"))
    fund.send_by_file(usd("450.00"), fund.payee())
    fund.explain(fund.import_next_statement(date(2026, 11, 24)))
    told = [Accepted("L1", accepted=usd("400.00"), disallowed=usd("0.00"))]
    in_one_piece(accept_spending)(reference=REQUEST, lines=told, actor=fund.helena, at=clock.now())
    for person, ceiling, role in ((fund.helena, 4_000, Role.FUND_MANAGER), (fund.chen, 50_000, Role.BUDGET_APPROVER)):
        Delegation.objects.create(
            person=person, ceiling_minor=ceiling, instrument="Memo 1", starts_on=YEAR_START, role=role
        )
    return RefundDue.objects.get()


def asked(fund: Fund, refund: RefundDue) -> WriteOff:
    return ask_write_off(
        refund_key=refund.key, reason_code="gone", reason="Three letters came back.", actor=fund.marie, at=RIPE
    )


def now(refund: RefundDue) -> RefundDue:
    return RefundDue.objects.get(pk=refund.pk)


class TestAWriteOff:
    def test_is_booked_when_a_second_person_approves_and_the_request_can_be_closed(self, fund, refund):
        row = asked(fund, refund)
        assert (row.money, row.usd, row.state) == (usd("50.00"), usd("50.00"), "ASKED")
        assert closing_obstacles(REQUEST) == [f"Refund {refund.key} of USD 50.00 has not come."]
        before = free(fund.stream)

        approve_write_off(key=row.key, actor=fund.chen, at=RIPE)

        assert lines_of(last_journal("write_off")) == ["5400 USD 50.00", "1300 USD -50.00"]
        assert last_journal("write_off").reference == REQUEST
        assert (now(refund).open, now(refund).open_usd) == (usd("0.00"), usd("0.00"))
        assert (money_of(REQUEST).written_off, money_of(REQUEST).refunds_due) == (usd("50.00"), usd("0.00"))
        assert closing_obstacles(REQUEST) == []
        assert free(fund.stream) == before, "what was spent is spent; nothing is free again"
        assert books_are_true()

    def test_keeps_who_asked_why_and_who_approved(self, fund, refund):
        row = asked(fund, refund)
        approve_write_off(key=row.key, actor=fund.chen, at=RIPE)
        kept = Decision.objects.filter(subject=row.key).order_by("number")
        assert [(one.act, one.actor) for one in kept] == [
            ("ask_write_off", fund.marie),
            ("approve_write_off", fund.chen),
        ]
        assert b"letters" not in bytes(str(vars(kept[0])), "utf-8"), "the reason is sealed"

    def test_of_the_rest_after_a_part_came_is_of_the_rest(self, fund, refund):
        pay_in(refund.end_to_end, usd("20.00"))
        fund.explain(fund.import_next_statement(date(2026, 11, 27)))
        row = asked(fund, refund)
        approve_write_off(key=row.key, actor=fund.helena, at=RIPE)
        assert (row.money, now(refund).received, now(refund).open) == (usd("30.00"), usd("20.00"), usd("0.00"))
        assert books_are_true()


class TestItIsRefused:
    def test_before_it_was_waited_for_ninety_days(self, fund, refund):
        before = everything()
        for at in (datetime(2026, 12, 23, 9, 0, tzinfo=UTC), datetime(2027, 3, 22, 9, 0, tzinfo=UTC)):
            with refuses("WRITEOFF-01"):
                ask_write_off(refund_key=refund.key, reason_code="gone", reason="No answer.", actor=fund.marie, at=at)
        assert everything() == before
        assert asked(fund, refund).state == "ASKED"

    @pytest.mark.parametrize(("code", "reason"), [("gone", " "), ("because", "No answer.")])
    def test_without_a_reason(self, fund, refund, code, reason):
        with refuses("WRITEOFF-02"):
            ask_write_off(refund_key=refund.key, reason_code=code, reason=reason, actor=fund.marie, at=RIPE)

    def test_twice(self, fund, refund):
        row = asked(fund, refund)
        with refuses("WRITEOFF-02"):
            asked(fund, refund)
        approve_write_off(key=row.key, actor=fund.chen, at=RIPE)
        with refuses("WRITEOFF-02"):
            asked(fund, refund)

    def test_above_the_approvers_delegation(self, fund, refund):
        row = asked(fund, refund)
        before = everything()
        with pytest.raises(NotPermitted) as refusal:
            approve_write_off(key=row.key, actor=fund.helena, at=RIPE)
        assert [one.code for one in refusal.value.refusals] == ["DOA-01"]
        assert everything() == before

    @pytest.mark.parametrize("name", ["marie", "moussa", "divya", "esi"])
    def test_by_whoever_may_not_approve(self, fund, refund, name):
        row = asked(fund, refund)
        with pytest.raises(NotPermitted):
            approve_write_off(key=row.key, actor=getattr(fund, name), at=RIPE)
        assert now(refund).open == usd("50.00")

    def test_when_a_part_came_after_it_was_asked(self, fund, refund):
        row = asked(fund, refund)
        pay_in(refund.end_to_end, usd("20.00"))
        fund.explain(fund.import_next_statement(date(2026, 11, 27)))
        with refuses("WRITEOFF-04"):
            approve_write_off(key=row.key, actor=fund.chen, at=RIPE)
        refuse_write_off(key=row.key, reason="A part came.", actor=fund.chen, at=RIPE)
        assert asked(fund, refund).money == usd("30.00")

    def test_by_a_second_person_and_the_refund_stays_due(self, fund, refund):
        row = asked(fund, refund)
        refuse_write_off(key=row.key, reason="Write once more.", actor=fund.helena, at=RIPE)
        assert (now(refund).open, Journal.objects.filter(kind="write_off").count()) == (usd("50.00"), 0)
        with pytest.raises(MovedOn):
            approve_write_off(key=row.key, actor=fund.chen, at=RIPE)

    def test_by_the_database_for_one_person_alone_or_another_amount(self, fund, refund):
        row = asked(fund, refund)
        for wrong in ({"decided_by": fund.marie}, {"minor": 1}, {"state": "POSTED"}, {"asked_by": fund.chen}):
            with pytest.raises(IntegrityError), transaction.atomic():
                WriteOff.objects.filter(pk=row.pk).update(**wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            RefundDue.objects.filter(pk=refund.pk).update(written_off_minor=5_001)


class TestMoneyThatComesAfterAll:
    def test_is_due_again_once_the_write_off_is_taken_back_and_its_line_is_matched(self, fund, refund):
        row = asked(fund, refund)
        approve_write_off(key=row.key, actor=fund.chen, at=clock.now())
        pay_in(refund.end_to_end, usd("50.00"))
        statement = fund.import_next_statement(date(2026, 11, 27))
        line = statement.lines.get(minor=5_000)
        with refuses("MATCH-02"):
            fund.match(line)

        take_back_write_off(key=row.key, reason="It came.", actor=fund.marie, at=clock.now())
        fund.match(line)

        assert (now(refund).received, now(refund).written_off_minor) == (usd("50.00"), 0)
        assert closing_obstacles(REQUEST) == []
        assert books_are_true()


class TestTheBooks:
    def broken(self) -> set[str]:
        return {one.code for one in verify() if one.broken}

    def test_name_a_refund_that_says_more_was_given_up_than_was_decided(self, fund, refund):
        RefundDue.objects.filter(pk=refund.pk).update(written_off_minor=100, written_off_usd_minor=100)
        assert "WRITE-OFFS" in self.broken()


class TestThePages:
    def page(self, person, path: str = "/fund/refunds/", **posted: str):
        client = Client()
        client.force_login(person)
        with clock.at(RIPE):
            answer = client.post(f"{path}?save=1", posted) if posted else client.get(path)
        return answer

    def test_show_the_refund_by_age_and_lead_two_people_through(self, fund, refund):
        here = f"/fund/refunds/{refund.key}/write-off/"
        text = self.page(fund.marie).content.decode()
        assert "90 days overdue" in text
        assert here in text
        assert here not in self.page(fund.chen).content.decode()

        self.page(fund.marie, here, reason_code="gone", reason="Three letters came back.")
        assert f"{here}approve/" in self.page(fund.chen).content.decode()
        assert f"{here}approve/" not in self.page(fund.marie).content.decode()
        self.page(fund.chen, f"{here}approve/", press="yes")

        text = self.page(fund.helena).content.decode()
        assert "Written off" in text
        assert "asked by Marie, decided by Chen" in text
        assert now(refund).open == usd("0.00")

    def test_ask_for_a_reason(self, fund, refund):
        answer = self.page(fund.marie, f"/fund/refunds/{refund.key}/write-off/", reason_code="gone", reason="")
        assert answer.status_code == 422
        assert not WriteOff.objects.exists()
