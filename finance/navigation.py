"""Words of the bar for finance people, with what waits for them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from finance import first_day  # noqa: F401  # a checklist stands at the foot of the page, as an entry
from finance.models import Disbursement, PayeeVersion, PaymentFile, RailPause, ScreeningHit, StatementLine
from finance.states import (
    DisbursementState,
    HitState,
    PayeeDetailsState,
    PaymentFileState,
    RailPauseState,
    StatementLineState,
)
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.navigation import Entry, register


def _disbursements(roles: set[str]) -> Entry | None:
    if not roles & {Role.PAYER, Role.CERTIFYING_OFFICER, Role.FUND_MANAGER, Role.RECONCILER, Role.AUDITOR}:
        return None
    count = None
    if Role.PAYER in roles:
        count = (
            Disbursement.objects.filter(state__in=[DisbursementState.PREPARED, DisbursementState.UNKNOWN]).count()
            + PaymentFile.objects.filter(state=PaymentFileState.PREPARED).count()
        )
    elif Role.CERTIFYING_OFFICER in roles:
        count = PaymentFile.objects.filter(state=PaymentFileState.SIGNED_ONCE).count()
    return Entry(
        _("Disbursements"),
        "/disbursements/",
        20 if Role.PAYER in roles else 40,
        count,
        also=("/tranches/",),
        letter="p",
    )


def _reconciliation(roles: set[str]) -> Entry | None:
    if not roles & {Role.RECONCILER, Role.FUND_MANAGER, Role.AUDITOR}:
        return None
    count = None
    if Role.RECONCILER in roles:
        open_states = [StatementLineState.UNMATCHED, StatementLineState.PROPOSED]
        count = StatementLine.objects.filter(state__in=open_states).count()
    return Entry(_("Reconcile"), "/reconciliation/", 20 if Role.RECONCILER in roles else 60, count, letter="b")


def _payees(roles: set[str]) -> Entry | None:
    if not roles & {Role.PAYEE_CONFIRMER, Role.MISSION_FINANCE, Role.CERTIFYING_OFFICER, Role.AUDITOR}:
        return None
    count = None
    if Role.PAYEE_CONFIRMER in roles:
        count = (
            PayeeVersion.objects.filter(state=PayeeDetailsState.RECORDED).count()
            + ScreeningHit.objects.filter(state__in=[HitState.OPEN, HitState.CLEARED_ONCE]).count()
        )
    return Entry(
        _("Payees"), "/payees/", 20 if Role.PAYEE_CONFIRMER in roles else 50, count, also=("/screening/",), letter="y"
    )


def _fund(roles: set[str]) -> Entry | None:
    readers = {
        Role.FUND_MANAGER,
        Role.BUDGET_APPROVER,
        Role.CERTIFYING_OFFICER,
        Role.RECONCILER,
        Role.PAYER,
        Role.AUDITOR,
        Role.PAYEE_CONFIRMER,
    }
    return Entry(_("Fund"), "/fund/", 30, also=("/rates/",), letter="f") if roles & readers else None


def _rails(roles: set[str]) -> Entry | None:
    """The system administrator looks after keys, clocks and messages; payers come here from the disbursements."""
    if Role.SYSTEM_ADMINISTRATOR not in roles:
        return None
    count = RailPause.objects.filter(state=RailPauseState.PAUSED).count()
    return Entry(_("Rails"), "/disbursements/rails/", 40, count)


@register
def entries(person: User) -> list[Entry]:
    """The finance entries of a person's bar."""
    roles = roles_of(person)
    found = [_disbursements(roles), _reconciliation(roles), _payees(roles), _fund(roles), _rails(roles)]
    return [entry for entry in found if entry is not None]
