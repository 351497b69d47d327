"""Which page of the money is there for whom: every page, every role. Written by hand, never from the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern

from finance import urls
from finance.actions.files import prepare_file
from finance.actions.rails import pause_rail
from finance.models import Disbursement, PayeeVersion
from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.roles import MISSION_ROLES, Role
from tests.finance.builders import Fund, usd
from tests.finance.pages.visits import Reported, Visit

PEOPLE = [role for role in Role if role != Role.SYSTEM]
R = Role

# Who reads the page (200), who stands within sight of it but may not do its act (403); everybody else gets 404.
PAGES: dict[str, tuple[set[Role], set[Role]]] = {
    "/disbursements/": (
        {R.PAYER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR, R.MISSION_FINANCE},
        set(),
    ),
    "/disbursements/export/": (
        {R.PAYER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR, R.MISSION_FINANCE},
        set(),
    ),
    "/reconciliation/GVA/export/?as=xlsx": ({R.RECONCILER, R.FUND_MANAGER, R.AUDITOR, R.PAYER}, set()),
    "/disbursements/{number}/": (
        {R.PAYER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR, R.MISSION_FINANCE},
        set(),
    ),
    "/disbursements/{number}/stop/": (
        {R.PAYER, R.FUND_MANAGER},
        {R.CERTIFYING_OFFICER, R.RECONCILER, R.AUDITOR, R.MISSION_FINANCE},
    ),
    "/disbursements/rails/": (
        {
            R.PAYER,
            R.CERTIFYING_OFFICER,
            R.FUND_MANAGER,
            R.RECONCILER,
            R.AUDITOR,
            R.SYSTEM_ADMINISTRATOR,
        },
        set(),
    ),
    "/disbursements/rails/pause/": (
        {R.PAYER, R.FUND_MANAGER},
        {R.CERTIFYING_OFFICER, R.RECONCILER, R.AUDITOR, R.SYSTEM_ADMINISTRATOR},
    ),
    "/disbursements/rails/{pause}/resume/": (
        {R.PAYER, R.FUND_MANAGER},
        {R.CERTIFYING_OFFICER, R.RECONCILER, R.AUDITOR, R.SYSTEM_ADMINISTRATOR},
    ),
    "/disbursements/prepare/GAF-2026-00042/": (
        {R.CERTIFYING_OFFICER},
        {R.PAYER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR},
    ),
    "/disbursements/files/": ({R.PAYER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR}, set()),
    "/disbursements/files/{file}/": ({R.PAYER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR}, set()),
    "/disbursements/files/{file}/bytes/": ({R.PAYER, R.CERTIFYING_OFFICER, R.FUND_MANAGER}, set()),
    "/disbursements/files/{file}/sign-first/": (
        {R.PAYER},
        {R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.RECONCILER, R.AUDITOR},
    ),
    "/disbursements/files/{file}/discard/": (
        {R.PAYER, R.FUND_MANAGER},
        {R.CERTIFYING_OFFICER, R.RECONCILER, R.AUDITOR},
    ),
    "/reconciliation/": ({R.RECONCILER, R.FUND_MANAGER, R.AUDITOR, R.PAYER}, set()),
    "/reconciliation/GVA/": ({R.RECONCILER, R.FUND_MANAGER, R.AUDITOR, R.PAYER}, set()),
    "/reconciliation/import/": ({R.RECONCILER}, {R.FUND_MANAGER, R.AUDITOR, R.PAYER}),
    "/reconciliation/STR/fetch/": ({R.RECONCILER}, {R.FUND_MANAGER, R.AUDITOR, R.PAYER}),
    "/reconciliation/GVA/lines/{line}/match/": ({R.RECONCILER}, {R.FUND_MANAGER, R.AUDITOR, R.PAYER}),
    "/reconciliation/GVA/lines/{line}/set-aside/": ({R.RECONCILER}, {R.FUND_MANAGER, R.AUDITOR, R.PAYER}),
    "/fund/": (
        {
            R.FUND_MANAGER,
            R.BUDGET_APPROVER,
            R.CERTIFYING_OFFICER,
            R.RECONCILER,
            R.PAYER,
            R.AUDITOR,
            R.PAYEE_CONFIRMER,
        },
        set(),
    ),
    "/fund/streams/A/": (
        {
            R.FUND_MANAGER,
            R.BUDGET_APPROVER,
            R.CERTIFYING_OFFICER,
            R.RECONCILER,
            R.PAYER,
            R.AUDITOR,
            R.PAYEE_CONFIRMER,
        },
        set(),
    ),
    "/receipts/new/": (
        {R.CERTIFYING_OFFICER, R.FUND_MANAGER},
        {R.BUDGET_APPROVER, R.RECONCILER, R.PAYER, R.AUDITOR, R.PAYEE_CONFIRMER},
    ),
    "/rates/": (
        {
            R.FUND_MANAGER,
            R.BUDGET_APPROVER,
            R.CERTIFYING_OFFICER,
            R.RECONCILER,
            R.PAYER,
            R.AUDITOR,
            R.PAYEE_CONFIRMER,
        },
        set(),
    ),
    "/rates/new/": (
        {R.CERTIFYING_OFFICER},
        {R.FUND_MANAGER, R.BUDGET_APPROVER, R.RECONCILER, R.PAYER, R.AUDITOR, R.PAYEE_CONFIRMER},
    ),
    "/payees/": (
        {R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR, R.MISSION_FINANCE},
        set(),
    ),
    "/payees/new/": (
        {R.MISSION_FINANCE},
        {R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR},
    ),
    "/payees/{payee}/": (
        {R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR, R.MISSION_FINANCE},
        set(),
    ),
    "/payees/{payee}/new-version/": (
        {R.MISSION_FINANCE},
        {R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR},
    ),
    "/payees/{payee}/1/confirm/": (
        {R.PAYEE_CONFIRMER},
        {R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR, R.MISSION_FINANCE},
    ),
    "/screening/": ({R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR}, set()),
    "/screening/{hit}/": ({R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR}, set()),
    "/screening/{hit}/clear/": (
        {R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER},
        {R.PAYER, R.AUDITOR},
    ),
    "/screening/{hit}/confirm/": (
        {R.PAYEE_CONFIRMER, R.CERTIFYING_OFFICER, R.FUND_MANAGER},
        {R.PAYER, R.AUDITOR},
    ),
    "/payees/{payee}/1/reject/": (
        {R.PAYEE_CONFIRMER},
        {R.CERTIFYING_OFFICER, R.FUND_MANAGER, R.PAYER, R.AUDITOR, R.MISSION_FINANCE},
    ),
}


@pytest.fixture
def places(fund: Fund, reported: Reported, recorded: PayeeVersion) -> dict[str, str]:
    """One of each kind of record: prepared, in a file to be signed, an open line, details not confirmed."""
    version = reported.disbursement.payee_version
    in_a_file, waiting = fund.prepare(usd("50.00"), version), fund.prepare(usd("60.00"), version)
    fund.release(in_a_file)
    made = prepare_file(bank_account=fund.geneva, actor=fund.divya, at=clock.now())
    return {
        "pause": pause_rail(rail="STRIPE", code="balance_negative", at=clock.now()).key,
        "number": waiting.number,
        "file": made.message_id,
        "line": reported.line(-40_000).identity[:16],
        "payee": recorded.payee.key,
        "hit": fund.payee(holder="Tarvek Osmarello").hits.get().key,
    }


class TestEachPageOfTheMoney:
    def test_is_there_for_exactly_the_people_it_is_for(
        self, places: dict[str, str], somebody: Callable[..., User]
    ) -> None:
        found, expected = {}, {}
        for role in PEOPLE:
            visit = Visit.of(somebody(role))
            for page, (readers, in_sight) in PAGES.items():
                found[page, role] = visit.get(page.format(**places)).status_code
                expected[page, role] = 200 if role in readers else 403 if role in in_sight else 404
        assert {place: code for place, code in found.items() if code != expected[place]} == {}

    def test_sends_strangers_to_the_sign_in_page(self, places: dict[str, str]) -> None:
        for page in PAGES:
            answer = Client().get(page.format(**places))
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")

    def test_says_in_its_code_who_it_is_for(self) -> None:
        silent = [str(pattern.pattern) for pattern in urls.urlpatterns if not hasattr(pattern.callback, "audience")]
        assert silent == []
        assert [p.name for p in urls.urlpatterns if isinstance(p, URLPattern) and p.callback.audience == ()] == [
            "stripe_webhook"
        ]


class TestAnotherMissionsFinanceOfficer:
    def test_finds_no_record_of_this_mission(
        self, places: dict[str, str], somebody: Callable[..., User], mexico: Mission
    ) -> None:
        visit = Visit.of(somebody(Role.MISSION_FINANCE, mexico))
        of_records = [page for page in PAGES if page.startswith(("/disbursements/{number}", "/payees/{payee}"))]
        assert {visit.get(page.format(**places)).status_code for page in of_records} == {404}

    def test_sees_empty_lists(
        self, places: dict[str, str], somebody: Callable[..., User], mexico: Mission, prepared: Disbursement
    ) -> None:
        visit = Visit.of(somebody(Role.MISSION_FINANCE, mexico))
        assert places["number"] not in visit.get("/disbursements/").content.decode()
        assert "There is no payee yet." in visit.get("/payees/").content.decode()


class TestARecordThatIsNotThere:
    OF_HEADQUARTERS = (
        "/disbursements/P-2026-99999/",
        "/disbursements/P-2026-99999/stop/",
        "/disbursements/prepare/GAF-2026-99999/",
        "/disbursements/prepare/GAF-2026-00042/?replaces=P-2026-99999",
        "/disbursements/prepare/GAF-2026-00042/?replaces=%00",
        "/disbursements/files/FILE-2026-99999/",
        "/fund/streams/Z/",
        "/payees/PAY-2026-99999/",
        "/rates/EUR/2026-02-30/approve/",
        "/rates/EUR/2026-02-01/approve/",
    )

    def test_answers_404(self, prepared: Disbursement, fund: Fund) -> None:
        visit = Visit.of(fund.marie)
        assert {address: visit.get(address).status_code for address in self.OF_HEADQUARTERS} == dict.fromkeys(
            self.OF_HEADQUARTERS, 404
        )

    OF_THE_BANK = (
        "/reconciliation/XXX/",
        "/reconciliation/GVA/fetch/",
        "/reconciliation/GVA/lines/0123456789abcdef/match/",
        "/reconciliation/GVA/lines/0/match/",
        "/reconciliation/STR/lines/{line}/match/",
    )

    def test_answers_404_to_the_reconciler_too(self, reported: Reported, fund: Fund) -> None:
        line, visit = reported.line(-40_000).identity[:16], Visit.of(fund.esi)
        found = {address: visit.get(address.format(line=line)).status_code for address in self.OF_THE_BANK}
        assert found == dict.fromkeys(self.OF_THE_BANK, 404)


class TestRolesOfThisTable:
    def test_are_all_the_roles_people_hold(self) -> None:
        assert set(MISSION_ROLES) < set(PEOPLE)
        assert len(PEOPLE) == 17
