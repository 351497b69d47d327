"""Who may see what of the money: one set of roles and one queryset for each kind of record. The rest does not exist.

Headquarters' finance people see every record of their kind; a mission's finance officer sees the payees of her own
mission and the disbursements that go to them.
"""

from __future__ import annotations

from django.db.models import QuerySet

from finance.models import Disbursement, Payee, PayeeVersion
from gaf.accounts.models import User
from gaf.accounts.queries import assignments_of, holds, roles_of
from gaf.accounts.roles import Role
from gaf.privacy.sight import open_to

HEADQUARTERS_FINANCE = (
    Role.PAYER,
    Role.CERTIFYING_OFFICER,
    Role.FUND_MANAGER,
    Role.RECONCILER,
    Role.AUDITOR,
)
SEES_DISBURSEMENTS = (*HEADQUARTERS_FINANCE, Role.MISSION_FINANCE)
SEES_FILES = HEADQUARTERS_FINANCE
# Codes, numbers and amounts; the system administrator looks after keys, clocks and messages.
SEES_RAILS = (*HEADQUARTERS_FINANCE, Role.SYSTEM_ADMINISTRATOR)
# Whoever signs a file reads its bytes, which name payees and their accounts.
READS_FILE_BYTES = (Role.PAYER, Role.CERTIFYING_OFFICER, Role.FUND_MANAGER)
# The file as it came names people; whoever looks into one reads it.
READS_STATEMENT_FILES = (Role.RECONCILER, Role.FUND_MANAGER, Role.AUDITOR)
SEES_STATEMENTS = (Role.RECONCILER, Role.FUND_MANAGER, Role.AUDITOR, Role.PAYER)
SEES_PAYEES_OF_ALL = (
    Role.PAYEE_CONFIRMER,
    Role.CERTIFYING_OFFICER,
    Role.FUND_MANAGER,
    Role.PAYER,
    Role.AUDITOR,
)
SEES_PAYEES = (*SEES_PAYEES_OF_ALL, Role.MISSION_FINANCE)
SEES_FUND = (
    Role.FUND_MANAGER,
    Role.BUDGET_APPROVER,
    Role.CERTIFYING_OFFICER,
    Role.RECONCILER,
    Role.PAYER,
    Role.AUDITOR,
    Role.PAYEE_CONFIRMER,
)
SEES_RATES = SEES_FUND


def belongs_to(person: User, roles: tuple[Role, ...]) -> bool:
    """Whether a person holds one of these roles today."""
    return not roles_of(person).isdisjoint(roles)


def _own_missions(person: User) -> set[int]:
    """Missions where the person is finance officer today."""
    found = assignments_of(person) if person.is_active else []
    return {row.mission_id for row in found if row.role == Role.MISSION_FINANCE and row.mission_id is not None}


def visible_disbursements(person: User) -> QuerySet[Disbursement]:
    """The disbursements a person may see, with what a list shows of each."""
    rows = Disbursement.objects.select_related("payee_version__payee__mission", "bank_account", "payment_file")
    rows = rows.filter(open_to(person))
    if belongs_to(person, HEADQUARTERS_FINANCE):
        return rows
    return rows.filter(payee_version__payee__mission_id__in=_own_missions(person))


def visible_payees(person: User) -> QuerySet[Payee]:
    """The payees a person may see."""
    rows = Payee.objects.select_related("mission")
    if belongs_to(person, SEES_PAYEES_OF_ALL):
        return rows
    return rows.filter(mission_id__in=_own_missions(person))


def may_read_account(person: User, version: PayeeVersion) -> bool:
    """Whether the whole account number is shown: to whoever recorded it and to whoever rings the payee back."""
    return version.recorded_by_id == person.pk or holds(person, Role.PAYEE_CONFIRMER)
