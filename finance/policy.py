"""Who may do what with money. Separation of duties on one request is asked by every permit and held by the database."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.policy import NOT_DONE, Question, name_act, permit
from gaf.refusals import Refusal


def somebody_else_wrote_it(question: Question) -> Refusal | None:
    """RULE-01: whoever wrote a rule of matching does not put it in force."""
    if question.act != "activate_match_rule" or question.subject.author_id != question.actor.pk:
        return None
    return Refusal(
        "RULE-01",
        NOT_DONE,
        gettext("You wrote this rule, and one person may not do both."),
        gettext("Ask somebody else who may."),
    )


MAY_PREPARE = permit(Role.CERTIFYING_OFFICER)
MAY_RELEASE = permit(Role.PAYER)
MAY_STOP = permit(Role.PAYER, Role.FUND_MANAGER)
MAY_PREPARE_FILE = permit(Role.PAYER)
MAY_SIGN_FIRST = permit(Role.PAYER)
MAY_SIGN_SECOND = permit(Role.CERTIFYING_OFFICER, Role.FUND_MANAGER)
MAY_DISCARD_FILE = permit(Role.PAYER, Role.FUND_MANAGER)
MAY_RECORD_PAYEE = permit(Role.MISSION_FINANCE)
MAY_CONFIRM_PAYEE = permit(Role.PAYEE_CONFIRMER)
MAY_ENTER_RATE = permit(Role.CERTIFYING_OFFICER)
MAY_APPROVE_RATE = permit(Role.PAYEE_CONFIRMER)
MAY_MATCH = permit(Role.RECONCILER)
MAY_WRITE_MATCH_RULE = permit(Role.RECONCILER)
MAY_ACTIVATE_MATCH_RULE = permit(Role.FUND_MANAGER, Role.RECONCILER, rules=(somebody_else_wrote_it,))
MAY_IMPORT_STATEMENT = permit(Role.RECONCILER)
MAY_ACCEPT_STATEMENT = permit(Role.RECONCILER, Role.FUND_MANAGER)
MAY_RECORD_RECEIPT = permit(Role.CERTIFYING_OFFICER, Role.FUND_MANAGER)
BY_THE_SYSTEM = permit(Role.SYSTEM)

name_act("prepare_disbursement", _("Prepare a disbursement"))
name_act("release_disbursement", _("Release a disbursement"))
name_act("stop_disbursement", _("Stop a disbursement"))
name_act("prepare_file", _("Prepare a file for the bank"))
name_act("sign_first", _("Sign a file first"))
name_act("sign_second", _("Sign a file second"))
name_act("discard_file", _("Discard a file"))
name_act("record_payee", _("Record a payee's details"))
name_act("confirm_payee", _("Confirm a payee's details"))
name_act("reject_payee", _("Reject a payee's details"))
name_act("enter_rate", _("Enter a rate"))
name_act("approve_rate", _("Approve a rate"))
name_act("match_line", _("Match a statement line"))
name_act("set_aside_line", _("Set a statement line aside"))
name_act("match_by_itself", _("Matched without a person"))
name_act("undo_match", _("Undo a match"))
name_act("take_back_confirmation", _("Confirmation taken back"))
name_act("write_match_rule", _("Write a rule of matching"))
name_act("test_match_rule", _("Test a rule of matching"))
name_act("activate_match_rule", _("Put a rule of matching in force"))
name_act("retire_match_rule", _("Retire a rule of matching"))
name_act("record_receipt", _("Record a receipt"))
name_act("import_statement", _("Import a statement"))
name_act("accept_statement", _("Accept a statement after a second look"))
name_act("import_line", _("Line of the bank"))
name_act("let_line_go", _("Line may be matched"))
name_act("propose_match", _("Match suggested"))
name_act("supersede_payee", _("Details superseded"))
name_act("begin_sending", _("Begins to be sent"))
name_act("mark_sent", _("Sent"))
name_act("mark_unknown", _("No answer: result unknown"))
name_act("mark_failed", _("Failed"))
name_act("mark_confirmed", _("Confirmed"))
name_act("mark_returned", _("Came back"))
name_act("mark_file_sent", _("File is at the bank"))
name_act("propose_rule", _("Propose a separation rule"))
name_act("approve_rule", _("Approve a separation rule"))
