"""One request from its first word to its closed file, over HTTP only: each act by that person's own session, scripts off."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from finance.books import books_summary
from finance.models import BankAccount, Disbursement, PayeeVersion, StatementLine
from finance.stand_ins.bank import with_luhn_digit
from gaf import clock
from gaf.decisions.models import Decision
from gaf.demo.playing import the_stage
from gaf.demo.stage import open_bank
from gaf.demo.telling import path_of
from tests.journeys.person import Person

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]
WHOLE_PATH = (
    "DRAFT SUBMITTED ELIGIBILITY_REVIEW PLAN_AND_BUDGET BUDGET_REVIEW APPROVED FUNDED DISBURSING IMPLEMENTING REPORTING "
    "RECONCILING CLOSED"
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


@pytest.fixture
def house(tmp_path, settings):
    """The installation as `setup` leaves it: people, accounts, streams, rates, guidance; no request yet."""
    settings.GAF_BANK_FOLDER = tmp_path / "bank"
    settings.GAF_PRIVATE_FILES = tmp_path / "private"
    with the_stage(tmp_path):
        yield


def day(name: str, moment) -> dict[str, int]:
    """A day as its three fields."""
    return {f"{name}_0": moment.day, f"{name}_1": moment.month, f"{name}_2": moment.year}


def write_the_request(amina: Person) -> str:
    """Amina's four steps; returns the reference."""
    today = clock.today()
    page = amina.open("/requests/new/").form().fill(urgency="standard").press()
    page = page.form("Start").press()
    reference = page.url.split("/")[2]
    page = (
        page.form("Continue")
        .fill({"persons-0-sex": "M", "persons-0-age_band": "25-39", "persons-0-nationality": "GN"})
        .fill({"consent-mode": "WRITTEN", "consent-consent_language": "fr", **day("consent-given_on", today)})
        .press("Continue")
    )
    page = (
        page.form("Continue")
        .fill({"categories": ["STRANDED"], "primary": "STRANDED", "situation": "Bloqué à la gare routière."})
        .fill({"tried-0-programme": "Programme national", "tried-0-answer": "NO_FUNDS", **day("tried-0-asked_on", today)})
        .press("Continue")
    )
    page = (
        page.form("Continue")
        .fill({"help-0-assistance_type": "SHEL", "help-0-rough_cost": "390 000", "priority": "P2"})
        .press("Continue")
    )
    assert page.form("Send").fill(declared=True).press().heading == "Sent"
    return reference


def review(bruno: Person, reference: str) -> None:
    """Bruno takes it, answers every criterion, and finds it eligible."""
    bruno.open(f"/requests/{reference}/take/").form().fill(no_tie=True).press()
    form = bruno.open(f"/requests/{reference}/review/").form("Save the answers")
    irrelevant = [name for name in form.names if "NOT_RELEVANT" in getattr(form.element.inputs[name], "value_options", [])]
    form.fill({name: "YES" for name in form.names if name.startswith("answer-")})
    form.fill(dict.fromkeys(irrelevant, "NOT_RELEVANT"))
    form.press("confirm").form().press()


def plan(amina: Person, reference: str) -> None:
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


class TestARequest:
    def test_goes_from_draft_to_closed_by_different_people_in_a_browser_without_scripts(self, house):
        amina, idriss, bruno = Person("amina"), Person("idriss"), Person("bruno")
        reference = write_the_request(amina)
        assert reference in idriss.open("/desk/").words
        idriss.open(f"/requests/{reference}/endorse/").form().press()
        assert reference in bruno.open("/inbox/").words
        review(bruno, reference)
        assert reference in amina.open("/desk/").words
        plan(amina, reference)

        chen = Person("chen")
        assert reference in chen.open("/approvals/").words
        page = chen.open(f"/requests/{reference}/approval/")
        page = page.form("effect").press("effect")
        page = page.form("Approve").press("Approve")
        assert path_of(reference).endswith("APPROVED")

        moussa, viktor, marie = Person("moussa"), Person("viktor"), Person("marie")
        moussa.open("/payees/new/").form().fill(kind="PARTNER", rail="BANK_FILE", account_is="NUMBER", **PAYEE).press()
        version = PayeeVersion.objects.get()
        assert version.payee.key in viktor.open("/payees/").words
        page = viktor.open(f"/payees/{version.payee.key}/1/confirm/")
        page.form().fill(call_back_note="Rang the number in our own directory.").press()
        marie.open(f"/requests/{reference}/certify-funds/").form().press()
        assert path_of(reference).endswith("FUNDED")
        page = marie.open(f"/disbursements/prepare/{reference}/")
        page = page.form().fill(amount_L1="390 000", payee=version.decision_subject(), account="GVA-USD").press()

        divya, helena = Person("divya"), Person("helena")
        assert reference in divya.open("/disbursements/").words
        divya.open(f"/requests/{reference}/release/").form().press()
        page = divya.open("/disbursements/files/").form("Prepare").press()
        address = page.url
        divya.open(f"{address}sign-first/").form().press()
        helena.open(f"{address}sign-second/").form().press()
        call_command("worker", "--once")
        assert Disbursement.objects.get().state == "SENT"

        esi, bank = Person("esi"), open_bank()
        assert [received.outcome for received in bank.receive(clock.now())] == ["ACCEPTED"]
        account = BankAccount.objects.get(code="GVA-USD")
        statement = bank.statement(account.number, account.opened_on, clock.today())
        file = SimpleUploadedFile("statement.xml", statement.read_bytes(), content_type="text/xml")
        page = esi.open("/reconciliation/import/").form().attach("statement", file).press()
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
        print(form.names, form.values())
        form.press()
        form = helena.open(f"/requests/{reference}/close/").form()
        print(form.names)
        form.fill(reason_code="REINTEGRATED").press()

        assert path_of(reference) == WHOLE_PATH
        summary = books_summary()
        assert summary.is_balanced
        assert (summary.payments, summary.statement_lines, summary.unexplained) == (1, 3, 0)
        assert len({decision.actor_id for decision in Decision.objects.filter(reference=reference)}) >= 8
