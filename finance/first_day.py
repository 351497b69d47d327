"""What people who work with the money do on their first day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.first_day import Task, learn

_SIGN_SECOND = Task(_("Sign a file for the bank as the second person."), "/disbursements/files/", ("sign_second",))

learn(
    Role.MISSION_FINANCE,
    Task(_("Record whom your mission pays, and their account."), "/payees/", ("record_payee",)),
    Task(_("Record what a kind of help usually costs."), "/cost-norms/", ("record_cost_norm",)),
    Task(_("Report what was done and spent."), "/desk/", ("report",)),
)
learn(
    Role.CERTIFYING_OFFICER,
    Task(_("Prepare a disbursement."), "/requests/", ("prepare_disbursement",)),
    _SIGN_SECOND,
    Task(_("Enter a rate, or a list of them."), "/rates/", ("enter_rate", "import_rates")),
)
learn(
    Role.PAYER,
    Task(_("Prepare a file for the bank."), "/disbursements/files/", ("prepare_file",)),
    Task(_("Sign it as the first person."), "/disbursements/files/", ("sign_first",)),
)
learn(
    Role.RECONCILER,
    Task(_("Import a statement of the bank."), "/reconciliation/", ("import_statement",)),
    Task(_("Match a line with what we booked."), "/reconciliation/", ("match_line",)),
    Task(_("Set a line aside, with a reason."), "/reconciliation/", ("set_aside_line",)),
    Task(_("Undo a match."), "/reconciliation/", ("undo_match",)),
)
learn(Role.FUND_MANAGER, _SIGN_SECOND)
learn(
    Role.PAYEE_CONFIRMER,
    Task(_("Ring a payee back, and confirm the account."), "/payees/", ("confirm_payee",)),
    Task(_("Reject details that are not theirs."), "/payees/", ("reject_payee",)),
    Task(_("Approve a rate that somebody else entered."), "/rates/", ("approve_rate", "approve_rates")),
)
