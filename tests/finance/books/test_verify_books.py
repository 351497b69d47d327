"""The books say whether they are true. Each corruption below was made past every guard, and is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from finance import postings
from finance.actions.acceptance import Accepted, accept_spending
from finance.actions.agreements import Terms, record_agreement
from finance.actions.periods import close, soft_close
from finance.actions.tranches import TranchePlan, account_for_tranche, plan_tranches
from finance.books import books_summary, verify
from finance.books_registry import CHECKS
from finance.ledger import credit, debit, post
from finance.models import BankAccount, Disbursement, Journal, JournalLine, PayeeVersion, PaymentFile
from gaf import clock
from gaf.decisions.models import Decision
from gaf.decisions.record import record_decision
from gaf.money import Money
from gaf.outbox.models import OutboxMessage
from gaf.sealing import seal
from tests.finance.builders import REQUEST, Fund, everything, usd
from tests.finance.raw_sql import drop_guard, run, settle, unguarded

pytestmark = [pytest.mark.both, pytest.mark.django_db]
PAID, WAITING = "P-2026-00001", "P-2026-00002"


@pytest.fixture
def books(fund: Fund) -> Fund:
    """One disbursement paid and matched, one waiting for release, a fee, a stranger's money set aside."""
    fund.commit(Money.of("176.250", "KWD"), rate="0.3060", line_key="L5")
    fund.commit(usd("500.00"))
    payee = fund.payee(currency="KWD")
    fund.send_by_file(Money.of("171.385", "KWD"), payee, line_key="L5")
    fund.prepare(usd("200.00"), fund.payee())
    fund.explain(fund.import_next_statement(date(2026, 11, 24)))
    return fund


def broken() -> dict[str, list[str]]:
    """What verify_books says: the rows that are broken, by the check that names them."""
    return {one.code: [row.row for row in one.broken] for one in verify() if one.broken}


def command(*words: str) -> tuple[int, str, str]:
    """`manage.py verify_books`: exit code, output, errors."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_books", *words, stdout=out, stderr=err)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def journal_of(kind: str) -> Journal:
    return Journal.objects.get(kind=kind)


def line_of(kind: str, account: str) -> int:
    return JournalLine.objects.get(journal__kind=kind, account__code=account).pk


# The corruptions, each with the row that must be named


def change_a_journal_line(books: Fund) -> str:
    with unguarded("finance_journalline"):
        run("UPDATE finance_journalline SET minor = minor + 1 WHERE id = %s", line_of("send", "1200"))
    return f"journal {journal_of('send').number}"


def change_two_lines_so_that_they_still_balance(books: Fund) -> str:
    with unguarded("finance_journalline"):
        run("UPDATE finance_journalline SET minor = minor + 100 WHERE id = %s", line_of("fee", "5100"))
        run("UPDATE finance_journalline SET minor = minor - 100 WHERE id = %s", line_of("fee", "1000-GVA"))
    return f"journal {journal_of('fee').number}"


def remove_a_journal(books: Fund) -> str:
    gone = journal_of("send")
    with unguarded("finance_journal", "finance_journalline"):
        run("DELETE FROM finance_journalline WHERE journal_id = %s", gone.pk)
        run("DELETE FROM finance_journal WHERE id = %s", gone.pk)
    return f"journal {gone.number + 1}"


def raise_a_balance(books: Fund) -> str:
    run(
        "UPDATE finance_balance SET minor = minor - 100000 WHERE stream_key = 'A' AND minor < 0 AND account_id = "
        "(SELECT id FROM finance_ledgeraccount WHERE code = '9100')"
    )
    return "balance 9100/A"


def overdraw_a_stream(books: Fund) -> str:
    run("UPDATE finance_ledgeraccount SET credit_only = %s WHERE code = '9100'", False)
    run("UPDATE finance_balance SET credit_only = %s", False)
    entries = [
        debit(postings.AVAILABLE, usd("20000.00"), books.stream),
        credit(postings.COMMITTED, usd("20000.00"), books.stream, "L9"),
    ]
    post(kind="commit", key="commit:overdraw", at=clock.now(), entries=entries, reference=REQUEST)
    run("UPDATE finance_ledgeraccount SET credit_only = %s WHERE code LIKE '9%%00' AND code <> '9000'", True)
    return "balance 9100/A"


def book_a_kind_nobody_knows(books: Fund) -> str:
    entries = [debit(postings.BANK_FEES, usd("5.00")), credit(postings.ADVANCES, usd("5.00"))]
    return f"journal {post(kind='present', key='present:1', at=clock.now(), entries=entries).number}"


def forget_that_a_commitment_was_disbursed(books: Fund) -> str:
    run("UPDATE finance_commitment SET disbursed_usd_minor = 0 WHERE line_key = 'L5'")
    return f"commitment {REQUEST} A L5"


def put_another_actor_on_a_decision(books: Fund) -> str:
    number = Decision.objects.get(act="release_disbursement").number
    with unguarded("decisions_decision"):
        run("UPDATE decisions_decision SET actor_id = %s WHERE number = %s", books.chen.pk, number)
    return f"decision {number}"


def change_what_was_decided(books: Fund) -> str:
    number = Decision.objects.get(act="prepare_file").number
    with unguarded("decisions_decision"):
        run("""UPDATE decisions_decision SET facts = '{"count": 2}' WHERE number = %s""", number)
    return f"decision {number}"


def remove_a_decision(books: Fund) -> str:
    number = Decision.objects.get(act="release_disbursement").number
    with unguarded("decisions_decision"):
        run("DELETE FROM decisions_decision WHERE number = %s", number)
    return f"decision {number + 1}"


def move_a_state_without_a_decision(books: Fund) -> str:
    with unguarded("finance_disbursement"):
        run("UPDATE finance_disbursement SET state = 'CONFIRMED' WHERE number = %s", WAITING)
    return f"disbursement {WAITING}"


def let_one_person_certify_and_release(books: Fund) -> str:
    waiting = Disbursement.objects.get(number=WAITING)
    with unguarded("decisions_decision"):
        made = record_decision(
            act="release_disbursement",
            actor=books.marie,
            role="payer",
            at=clock.now(),
            subject=WAITING,
            reference=REQUEST,
            related=waiting.decision_related(),
            from_state="PREPARED",
            to_state="RELEASED",
        )
    return f"decision {made.number}"


def change_a_line_of_the_bank(books: Fund) -> str:
    with unguarded("finance_statementline"):
        run("UPDATE finance_statementline SET minor = minor - 1 WHERE is_charge = %s", True)
    return "statement GVA 1"


def raise_the_closing_balance(books: Fund) -> str:
    with unguarded("finance_statement"):
        run("UPDATE finance_statement SET closing_minor = closing_minor + 1")
    return "statement GVA 1"


def remove_a_match(books: Fund) -> str:
    with unguarded("finance_match"):
        run("DELETE FROM finance_match WHERE kind = 'DISBURSEMENT'")
    return f"disbursement {PAID}"


def raise_a_receipt(books: Fund) -> str:
    with unguarded("finance_receipt"):
        run("UPDATE finance_receipt SET minor = minor + 100, usd_minor = usd_minor + 100")
    return "receipt R-2026-1"


def receive_money_past_the_ledger(books: Fund) -> str:
    entries = [debit(postings.bank("GVA"), usd("9.00")), credit(postings.ADVANCES, usd("9.00"))]
    post(kind="match", key="match:nothing", at=clock.now(), entries=entries)
    return "account 1000-GVA"


def put_another_account_behind_a_payee(books: Fund) -> str:
    version = PayeeVersion.objects.get(currency="KWD")
    other = seal(version.seal_owner(), "FR7630006000011234567890189")
    with unguarded("finance_payeeversion"):
        run("UPDATE finance_payeeversion SET account = %s WHERE id = %s", other, version.pk)
    return f"payee {version.decision_subject()}"


def open_a_second_attempt(books: Fund) -> str:
    settle()
    run("DROP INDEX one_open_attempt_a_disbursement")
    paid = Disbursement.objects.get(number=PAID)
    paid.attempts.create(key="f" * 32, created_at=clock.now())
    return f"disbursement {PAID}"


def change_what_left_the_account(books: Fund) -> str:
    run("UPDATE finance_disbursement SET account_minor = account_minor + 1000 WHERE number = %s", PAID)
    return f"disbursement {PAID}"


def change_the_bytes_of_a_file(books: Fund) -> str:
    kept = PaymentFile.objects.get()
    path = Path(settings.GAF_PRIVATE_FILES) / kept.stored_as
    path.write_bytes(path.read_bytes().replace(b"171.385", b"971.385"))
    return f"file {kept.message_id}"


def change_a_rate(books: Fund) -> str:
    with unguarded("finance_exchangerate"):
        run(
            "UPDATE finance_exchangerate SET units_per_usd = 0.2 WHERE currency = 'KWD' AND effective_from = %s",
            date(2026, 11, 1),
        )
    return "rate RATE-KWD-2026-11-01"


def drop_a_guard(books: Fund) -> str:
    drop_guard("finance_journal_balances", "finance_journal")
    return "guard finance_journal_balances"


def let_a_payment_stand_beside_the_one_it_replaces(books: Fund) -> str:
    paid = Disbursement.objects.get(number=PAID)
    run("UPDATE finance_disbursement SET replaces_id = %s WHERE number = %s", paid.pk, WAITING)
    return f"disbursement {WAITING}"


def remove_a_disbursement(books: Fund) -> str:
    gone = Disbursement.objects.get(number=WAITING)
    with unguarded("finance_disbursement", "finance_disbursementpart"):
        run("DELETE FROM finance_disbursementpart WHERE disbursement_id = %s", gone.pk)
        run("DELETE FROM finance_disbursement WHERE id = %s", gone.pk)
    return f"record {WAITING}"


def leave_a_promise_lying(books: Fund) -> str:
    long_ago = clock.now() - timedelta(hours=25)
    OutboxMessage.objects.create(key="notice:lying", topic="notice", created_at=long_ago, due_at=long_ago)
    return "promise notice:lying"


def forget_to_tell_the_mission(books: Fund) -> str:
    OutboxMessage.objects.filter(topic="disbursement_confirmed").delete()
    return f"decision {Decision.objects.get(act='mark_confirmed').number}"


def move_the_end_of_a_stream(books: Fund) -> str:
    run("UPDATE finance_fundingstream SET ends_on = %s", date(2027, 12, 31))
    return f"funding stream {books.stream}"


def cut_the_history_of_a_disbursement(books: Fund) -> str:
    run("DELETE FROM finance_historicaldisbursement WHERE number = %s AND state = 'RELEASED'", PAID)
    return f"disbursement {PAID}"


def date_a_journal_into_a_closed_month(books: Fund) -> str:
    october = date(2026, 10, 1)
    soft_close(month=october, actor=books.marie, at=clock.now())
    close(month=october, actor=books.helena, at=clock.now())
    entries = [debit(postings.BANK_FEES, usd("5.00")), credit(postings.ADVANCES, usd("5.00"))]
    late = post(kind="fee", key="fee:late", at=clock.now() + timedelta(hours=1), entries=entries)
    with unguarded("finance_journal"):
        run("UPDATE finance_journal SET dated_on = %s WHERE id = %s", date(2026, 10, 20), late.pk)
    return f"journal {late.number}"


def keep_an_unrealised_gain(books: Fund) -> str:
    gain = [debit(postings.REVALUATION, usd("7.00")), credit(postings.UNREALISED, usd("7.00"))]
    post(kind="revalue", key="REVALUE-2026-09", at=clock.now(), entries=gain)
    return "revaluation REVALUE-2026-09"


def raise_an_agreement(books: Fund) -> str:
    day = date(2026, 11, 2)
    terms = Terms("AG-1", "Donor A", books.stream, usd("5000.00"), signed_on=day, starts_on=day)
    record_agreement(terms=terms, actor=books.marie, at=clock.now())
    with unguarded("finance_agreement"):
        run("UPDATE finance_agreement SET minor = minor * 10")
    return "agreement AG-1"


def accounted(books: Fund) -> None:
    """KWD 150.000 of the paid line are accepted, 10.000 disallowed, the rest was not spent."""
    kwd = [Money.of(text, "KWD") for text in ("150.000", "10.000")]
    with transaction.atomic():
        accept_spending(
            reference=REQUEST, lines=[Accepted("L5", *kwd, "INELIGIBLE")], actor=books.marie, at=clock.now()
        )


def tamper_with_an_acceptance(books: Fund, change: str) -> str:
    accounted(books)
    with unguarded("finance_acceptance"):
        run(f"UPDATE finance_acceptance SET {change}")
    return f"acceptance {REQUEST} L5 step 1"


def accept_more(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "accepted_minor = accepted_minor + 1000")


def accept_a_little_more(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "accepted_minor = accepted_minor + 1")


def disallow_less(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "disallowed_minor = disallowed_minor - 1")


def account_for_more_dollars(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "usd_minor = usd_minor + 1")


def account_for_more_than_was_paid(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "minor = minor + 1000, accepted_minor = accepted_minor + 1000")


def disallow_for_another_reason(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "reason_code = 'OTHER'")


def date_an_acceptance_earlier(books: Fund) -> str:
    return tamper_with_an_acceptance(books, "at = '2026-01-01 00:00:00+00:00'")


def remove_an_acceptance(books: Fund) -> str:
    accounted(books)
    with unguarded("finance_acceptance"):
        run("DELETE FROM finance_acceptance")
    return f"journal {journal_of('accept').number}"


def in_tranches(books: Fund) -> None:
    """Another line in three tranches: the first is paid and accounted for, the second open, the third has a day."""
    books.commit(usd("900.00"), line_key="L7")
    plans = [
        TranchePlan(usd("300.00"), "AT_ONCE"),
        TranchePlan(usd("300.00"), "ACCOUNTED"),
        TranchePlan(usd("300.00"), "DATE", date(2026, 12, 1)),
    ]
    plan_tranches(reference=REQUEST, line_key="L7", plans=plans, actor=books.marie, at=clock.now())
    books.send_by_file(usd("300.00"), books.payee(), line_key="L7")
    first = f"{REQUEST}/L7/T1"
    told = {"accepted": usd("300.00"), "disallowed": usd("0.00")}
    account_for_tranche(key=first, **told, actor=books.marie, at=clock.now())


def tamper_with_a_tranche(books: Fund, number: int, change: str) -> str:
    in_tranches(books)
    with unguarded("finance_tranche"):
        run(f"UPDATE finance_tranche SET {change} WHERE number = %s", number)
    return f"tranche {REQUEST}/L7/T{number}"


def raise_a_tranche(books: Fund) -> str:
    return tamper_with_a_tranche(books, 2, "minor = minor + 1")


def let_a_tranche_wait_for_something_else(books: Fund) -> str:
    return tamper_with_a_tranche(books, 2, "condition = 'GATE'")


def move_the_day_of_a_tranche(books: Fund) -> str:
    return tamper_with_a_tranche(books, 3, "not_before = '2026-11-01'")


def open_a_tranche_at_another_moment(books: Fund) -> str:
    return tamper_with_a_tranche(books, 2, "opened_at = '2026-01-01 00:00:00+00:00'")


def forget_what_a_tranche_was_accounted_for_with(books: Fund) -> str:
    in_tranches(books)
    with unguarded("finance_acceptance"):
        run("UPDATE finance_acceptance SET accepted_minor = accepted_minor - 1")
    return f"tranche {REQUEST}/L7/T1"


def give_out_more_than_open_tranches(books: Fund) -> str:
    in_tranches(books)
    with unguarded("finance_commitment"):
        run("UPDATE finance_commitment SET disbursed_local_minor = 70000 WHERE line_key = 'L7'")
    return f"commitment {REQUEST} L7"


def write_off_what_nobody_asked_for(books: Fund) -> str:
    with unguarded("finance_journal"):
        run("UPDATE finance_journal SET kind = 'write_off' WHERE number = 1")
    return "journal 1"


CORRUPTIONS: list[tuple[str, Callable[[Fund], str]]] = [
    ("I1", change_a_journal_line),
    ("I2", raise_a_balance),
    ("I3", forget_that_a_commitment_was_disbursed),
    ("I4", let_a_payment_stand_beside_the_one_it_replaces),
    ("I5", put_another_actor_on_a_decision),
    ("I5", change_what_was_decided),
    ("I5", remove_a_decision),
    ("I6", move_a_state_without_a_decision),
    ("I7", remove_a_disbursement),
    ("I8", remove_a_match),
    ("I9", receive_money_past_the_ledger),
    ("I10", leave_a_promise_lying),
    ("I11", let_one_person_certify_and_release),
    ("I12", put_another_account_behind_a_payee),
    ("I13", forget_to_tell_the_mission),
    ("I14", open_a_second_attempt),
    ("I15", move_the_end_of_a_stream),
    ("I15", cut_the_history_of_a_disbursement),
    ("ACCEPTED", accept_more),
    ("ACCEPTED", accept_a_little_more),
    ("ACCEPTED", disallow_less),
    ("ACCEPTED", account_for_more_dollars),
    ("ACCEPTED", account_for_more_than_was_paid),
    ("ACCEPTED", disallow_for_another_reason),
    ("ACCEPTED", date_an_acceptance_earlier),
    ("ACCEPTED", remove_an_acceptance),
    ("AGREEMENTS", raise_an_agreement),
    ("CHAIN", change_two_lines_so_that_they_still_balance),
    ("CHAIN", remove_a_journal),
    ("FACTS", change_a_rate),
    ("FACTS", raise_a_receipt),
    ("FILES", change_the_bytes_of_a_file),
    ("FLOORS", overdraw_a_stream),
    ("GUARDS", drop_a_guard),
    ("KINDS", book_a_kind_nobody_knows),
    ("PERIODS", date_a_journal_into_a_closed_month),
    ("REVALUED", keep_an_unrealised_gain),
    ("SENT", change_what_left_the_account),
    ("STATEMENTS", change_a_line_of_the_bank),
    ("STATEMENTS", raise_the_closing_balance),
    ("TRANCHES", raise_a_tranche),
    ("TRANCHES", let_a_tranche_wait_for_something_else),
    ("TRANCHES", move_the_day_of_a_tranche),
    ("TRANCHES", open_a_tranche_at_another_moment),
    ("TRANCHES", forget_what_a_tranche_was_accounted_for_with),
    ("TRANCHES", give_out_more_than_open_tranches),
    ("WRITE-OFFS", write_off_what_nobody_asked_for),
]


# The four ways of F56, and the row that is named first of all
F56: list[tuple[Callable[[Fund], str], str]] = [
    (change_a_journal_line, ""),
    (remove_a_journal, "balance"),
    (drop_a_guard, ""),
    (cut_the_history_of_a_disbursement, ""),
]


class TestF56:
    @pytest.mark.parametrize(("tamper", "first"), F56, ids=lambda part: getattr(part, "__name__", "row"))
    def test_f56_names_the_first_broken_row_and_leaves_with_one(self, books, tamper, first):
        row = tamper(books)

        code, out, err = command()

        assert code == 1
        assert err.startswith(f"first broken row: {first or row}")
        assert row in out

    def test_f56_every_invariant_of_the_list_is_named_in_the_output(self, books):
        named = {line.split()[1] for line in command()[1].splitlines() if line.startswith("ok ")}
        assert {f"I{number}" for number in range(1, 16)} <= named


class TestVerifyBooks:
    def test_finds_nothing_wrong_with_books_the_fund_wrote_itself(self, books):
        assert broken() == {}
        assert str(books_summary()) == "ledger balanced, 1 payments, 3 statement lines, 0 unexplained"

    @pytest.mark.parametrize(("code", "corrupt"), CORRUPTIONS, ids=lambda part: getattr(part, "__name__", part))
    def test_names_the_row_and_leaves_with_one_when_somebody(self, books, code, corrupt):
        row = corrupt(books)

        assert row in broken().get(code, [])
        assert not books_summary().is_balanced

    def test_every_check_is_broken_by_a_corruption_above(self):
        checked = {one.code for one in CHECKS if one.find.__module__.startswith("finance.")}
        assert {code for code, _corrupt in CORRUPTIONS} == checked

    def test_names_the_one_broken_row_and_leaves_with_one(self, books):
        row = change_two_lines_so_that_they_still_balance(books)

        code, out, err = command()

        assert code == 1
        assert err.startswith("first broken row: balance 1000-GVA")
        assert "BROKEN  CHAIN       journals are numbered" in out
        assert f"{row}: is not what was posted" in out
        assert out.rstrip().endswith("LEDGER BROKEN at balance 1000-GVA, 1 payments, 3 statement lines, 0 unexplained")

    def test_says_ok_for_each_check_and_leaves_with_nothing_when_all_is_well(self, books):
        code, out, err = command()

        assert (code, err) == (0, "")
        assert out.startswith("ok      I1          every journal balances in every currency")
        assert out.count("ok      ") == len(CHECKS)
        assert "BROKEN" not in out

    def test_tells_machines_the_same(self, books):
        row = raise_a_balance(books)

        code, out, _err = command("--json")

        told = json.loads(out)
        checks = {one["code"]: one for one in told["checks"]}
        assert (code, told["ok"]) == (1, False)
        assert checks["I2"]["broken"][0]["row"] == row
        assert checks["I1"]["broken"] == []

    def test_changes_nothing(self, books):
        before = everything()

        command()

        assert everything() == before

    def test_calls_a_line_nobody_looked_at_unexplained_and_not_broken(self, fund):
        fund.commit(usd("500.00"))
        fund.send_by_file(usd("500.00"), fund.payee())
        fund.import_next_statement(date(2026, 11, 24))

        assert broken() == {}
        assert str(books_summary()) == "ledger balanced, 1 payments, 3 statement lines, 3 unexplained"

    def test_says_so_when_the_books_are_too_wrong_to_be_added_up(self, books):
        with unguarded("finance_journalline"):
            run("UPDATE finance_journalline SET currency = 'XXX' WHERE id = %s", line_of("fee", "5100"))

        assert broken()["I1"] == ["the check itself"]

    def test_holds_of_what_is_accounted_for_in_steps_and_in_tranches(self, books):
        accounted(books)
        in_tranches(books)

        assert broken() == {}

    def test_holds_while_a_disbursement_is_on_its_way(self, fund):
        fund.commit(usd("500.00"))
        disbursement = fund.prepare(usd("300.00"), fund.payee())
        for step in (lambda: fund.release(disbursement), fund.signed_file):
            step()
            assert broken() == {}

    def test_knows_each_of_the_funds_own_accounts(self, books):
        entries = [debit(postings.suspense("STR"), usd("1.00")), credit(postings.ADVANCES, usd("1.00"))]
        post(kind="suspense", key="suspense:nobody", at=clock.now(), entries=entries)

        assert BankAccount.objects.count() == 2
        assert broken() == {"I9": ["account 2000-STR"]}
