"""One request from its first word to its closed file, as steps of whoever signs in, with or without a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from finance.actions.screening import load_list
from finance.models import BankAccount, Disbursement, PayeeVersion, StatementLine
from finance.screening.invented import invented_list
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.accounts.models import User
from gaf.decisions.models import Threshold
from gaf.demo.playing import PASSWORD
from gaf.demo.stage import open_bank
from gaf.demo.telling import path_of

AnyPage = Any  # what stands before somebody, of either kind
AnyPerson = Any  # somebody signed in: over HTTP (`person.Person`) or in Chromium (`in_chromium.Person`)
WHOLE_PATH = (
    "DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING "
    "REPORTING RECONCILING CLOSED"
)
PAYEE = {
    "holder": "Centre de transit",
    "account": with_luhn_digit("2270010045318"),
    "currency": "XOF",
    "bic": "DEMONENIXXX",
    "bank": "Banque de démonstration",
    "country": "NE",
    "town": "Agadez",
}


def day(name: str, moment: date) -> dict[str, int]:
    """A day as its three fields."""
    return {f"{name}_0": moment.day, f"{name}_1": moment.month, f"{name}_2": moment.year}


def write_the_request(amina: AnyPerson, say: Callable[[str], str] = str) -> str:
    """Amina's four steps, her buttons found by the words her language has for them; returns the reference."""
    return write_from(amina.open("/requests/new/"), say)


def write_from(start: AnyPage, say: Callable[[str], str] = str) -> str:
    """From “How urgent is it?” to the receipt; returns the reference."""
    today = clock.today()
    page = start.form().fill(urgency="standard").press()
    reference = page.url.split("/")[2]
    page = (
        page.form(say("Continue"))
        .fill({"persons-0-sex": "M", "persons-0-age_band": "25-39", "persons-0-nationality": "GN"})
        .fill({"consent-mode": "WRITTEN", "consent-consent_language": "fr", **day("consent-given_on", today)})
        .press(say("Continue"))
    )
    page = (
        page.form(say("Continue"))
        .fill({"categories": ["STRANDED"], "primary": "STRANDED", "situation": "Bloqué à la gare routière."})
        .fill(
            {"tried-0-programme": "Programme national", "tried-0-answer": "NO_FUNDS", **day("tried-0-asked_on", today)}
        )
        .press(say("Continue"))
    )
    page = (
        page.form(say("Continue"))
        .fill({"help-0-assistance_type": "SHEL", "help-0-rough_cost": "390 000", "priority": "P2"})
        .press(say("Continue"))
    )
    assert page.form().fill(declared=True).press().heading == say("Sent")
    return reference


def review(bruno: AnyPerson, reference: str) -> None:
    """Bruno takes it, answers every criterion, and finds it eligible."""
    bruno.open(f"/requests/{reference}/take/").form().fill(no_tie=True).press()
    form = bruno.open(f"/requests/{reference}/review/").form("Save the answers")
    criteria = [name for name in form.names if name.startswith("answer-")]
    irrelevant = [name for name in criteria if "NOT_RELEVANT" in form.options(name)]
    form.fill(dict.fromkeys(criteria, "YES"))
    form.fill(dict.fromkeys(irrelevant, "NOT_RELEVANT"))
    form.press("confirm")


def plan(amina: AnyPerson, reference: str) -> None:
    """Amina writes the plan and one line."""
    page = amina.open(f"/requests/{reference}/plan/assistance/").form()
    page = page.fill(plan="Repos, soins, retour.", delivery_months="1").press("Save the plan")
    assert page.errors == []
    line = {
        "lines-0-assistance_type": "SHEL",
        "lines-0-description": "Centre de transit",
        "lines-0-unit": "person-night",
        "lines-0-quantity": "60",
        "lines-0-unit_cost": "6500",
    }
    page = amina.open(f"/requests/{reference}/plan/budget/").form("Save the lines").fill(line).press("Save the lines")
    assert page.errors == []
    amina.open(f"/requests/{reference}/plan/check/").form().fill(declared=True).press()


def everybody_reads_english() -> None:
    """Pages are found by their English words here, whatever people's own languages are."""
    for person in User.objects.exclude(language="en"):
        person.language = "en"
        person.save(update_fields=["language"])


def let_it_be_payable() -> None:
    """A recent sanctions list, and no hours to wait after the call-back: a journey has no night in it."""
    load_list(content=invented_list(clock.now() - timedelta(minutes=1)), at=clock.now())
    Threshold.objects.create(code="payee_cooling_off_hours", value=0, unit="hours", effective_from=clock.today())


def whole_life(sign_in: Callable[[str], AnyPerson]) -> str:
    """Everybody does their part, each in a session of their own; returns the reference of the closed request."""
    amina, idriss, bruno = sign_in("amina"), sign_in("idriss"), sign_in("bruno")
    reference = write_the_request(amina)
    assert reference in idriss.open("/desk/").words
    idriss.open(f"/requests/{reference}/endorse/").form().press()
    assert reference in bruno.open("/inbox/").words
    review(bruno, reference)
    assert reference in amina.open("/desk/").words
    plan(amina, reference)

    chen = sign_in("chen")
    assert reference in chen.open("/approvals/").words
    page = chen.open(f"/requests/{reference}/approval/")
    page = page.form("effect").press("effect")
    page = page.form("Approve").press("Approve")
    assert path_of(reference).endswith("APPROVED")

    moussa, viktor, marie = sign_in("moussa"), sign_in("viktor"), sign_in("marie")
    moussa.open("/payees/new/").form().fill(kind="PARTNER", rail="BANK_FILE", account_is="NUMBER", **PAYEE).press()
    version = PayeeVersion.objects.get()
    assert version.payee.key in viktor.open("/payees/").words
    page = viktor.open(f"/payees/{version.payee.key}/1/confirm/")
    page.form().fill(call_back_note="Rang the number in our own directory.").press()
    let_it_be_payable()
    marie.open(f"/requests/{reference}/certify-funds/").form().press()
    assert path_of(reference).endswith("FUNDED")
    page = marie.open(f"/disbursements/prepare/{reference}/")
    page = page.form().fill(amount_L1="390 000", payee=version.decision_subject(), account="GVA-USD").press()

    divya, helena = sign_in("divya"), sign_in("helena")
    assert reference in divya.open("/disbursements/").words
    divya.open(f"/requests/{reference}/release/").form().fill(password=PASSWORD).press()
    page = divya.open("/disbursements/files/").form("Prepare").press()
    address = page.url
    divya.open(f"{address}sign-first/").form().press()
    helena.open(f"{address}sign-second/").form().press()
    call_command("worker", "--once")
    assert Disbursement.objects.get().state == "SENT"

    esi, bank = sign_in("esi"), open_bank()
    assert [received.outcome for received in bank.receive(clock.now())] == ["ACCEPTED"]
    account = BankAccount.objects.get(code="GVA-USD")
    statement = bank.statement(account.number, account.opened_on, clock.today())
    file = SimpleUploadedFile("statement.xml", statement.read_bytes(), content_type="text/xml")
    page = esi.open("/reconciliation/import/").form().attach("statement", file).press().form().press()
    assert "2 suggested" in page.words
    for line in StatementLine.objects.order_by("number"):
        address = f"/reconciliation/GVA-USD/lines/{line.identity[:16]}/"
        if line.state == "PROPOSED":
            esi.open(f"{address}match/").form().press()
        else:
            form = esi.open(f"{address}set-aside/").form()
            form.fill(reason_code="unknown_sender", reason="The bank was asked who sent it.").press()
    assert "Agrees with the bank" in esi.open("/reconciliation/").words
    call_command("worker", "--once")
    assert path_of(reference).endswith("IMPLEMENTING")

    amina.open(f"/requests/{reference}/end-delivery/").form().press()
    form = moussa.open(f"/requests/{reference}/report/").form()
    form.fill({"narrative": "Il est rentré chez lui.", "spent_L1": "390 000", "proofs_L1": "1"})
    form.fill({**day("period_from", clock.today()), **day("period_to", clock.today())}).press()
    form = marie.open(f"/requests/{reference}/accept-reports/").form()
    form.press()
    form = helena.open(f"/requests/{reference}/close/").form()
    form.fill(reason_code="REINTEGRATED").press()
    return reference
