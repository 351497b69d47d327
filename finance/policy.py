"""Who may do what with money. Separation of duties on one request is asked by every permit and held by the database."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gaf.accounts.roles import Role
from gaf.policy import NOT_DONE, Question, Rule, name_act, permit, within_delegation
from gaf.refusals import Refusal


def second_person(code: str, *columns: str) -> Rule:
    """A rule: whoever stands in one of these columns of the record began it, and somebody else must finish it."""

    def rule(question: Question) -> Refusal | None:
        if question.actor.pk not in [getattr(question.subject, f"{column}_id", None) for column in columns]:
            return None
        return Refusal(code, NOT_DONE, gettext("You began this, and it takes two people."), gettext("Ask a colleague."))

    rule.__doc__ = f"{code}: whoever began it does not finish it."
    return rule


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
MAY_CLEAR_HIT = permit(Role.PAYEE_CONFIRMER, Role.FUND_MANAGER, Role.CERTIFYING_OFFICER)
MAY_ENTER_RATE = permit(Role.CERTIFYING_OFFICER)
MAY_APPROVE_RATE = permit(Role.PAYEE_CONFIRMER)
MAY_MATCH = permit(Role.RECONCILER)
MAY_WRITE_MATCH_RULE = permit(Role.RECONCILER)
MAY_ACTIVATE_MATCH_RULE = permit(Role.FUND_MANAGER, Role.RECONCILER, rules=(somebody_else_wrote_it,))
MAY_IMPORT_STATEMENT = permit(Role.RECONCILER)
MAY_PLAN_TRANCHES = permit(Role.CERTIFYING_OFFICER)
MAY_OPEN_TRANCHE = permit(Role.CERTIFYING_OFFICER, Role.SYSTEM)
MAY_ACCOUNT_FOR_TRANCHE = permit(Role.CERTIFYING_OFFICER)
MAY_ACCEPT_STATEMENT = permit(Role.RECONCILER, Role.FUND_MANAGER, rules=(second_person("STMT-39", "imported_by"),))
MAY_RECORD_RECEIPT = permit(Role.CERTIFYING_OFFICER, Role.FUND_MANAGER)
_FINANCE_HEADS = (Role.FUND_MANAGER, Role.CERTIFYING_OFFICER)
MAY_IMPORT_RATES = permit(Role.CERTIFYING_OFFICER)
MAY_APPROVE_RATES = permit(Role.PAYEE_CONFIRMER, rules=(second_person("RATE-09", "imported_by"),))
MAY_DISCARD_RATES = permit(Role.CERTIFYING_OFFICER, Role.PAYEE_CONFIRMER)
MAY_SOFT_CLOSE = permit(*_FINANCE_HEADS)
MAY_CLOSE_PERIOD = permit(*_FINANCE_HEADS, rules=(second_person("PERIOD-03", "soft_closed_by"),))
MAY_ASK_EXCEPTION = permit(*_FINANCE_HEADS, Role.RECONCILER)
MAY_APPROVE_EXCEPTION = permit(*_FINANCE_HEADS, rules=(second_person("PERIOD-05", "asked_by", "person"),))
MAY_REVALUE = permit(*_FINANCE_HEADS)
MAY_RECORD_AGREEMENT = permit(*_FINANCE_HEADS)
MAY_CONFIRM_AGREEMENT = permit(*_FINANCE_HEADS, rules=(second_person("AGREE-03", "recorded_by"),))
MAY_PROPOSE_REVIEW = permit(*_FINANCE_HEADS)
MAY_DECIDE_REVIEW = permit(*_FINANCE_HEADS, rules=(second_person("YEAR-03", "proposed_by"),))
MAY_ASK_WRITE_OFF = permit(Role.CERTIFYING_OFFICER)
_DECIDES_WRITE_OFF = (Role.BUDGET_APPROVER, Role.FUND_MANAGER)
MAY_APPROVE_WRITE_OFF = permit(*_DECIDES_WRITE_OFF, rules=(second_person("WRITEOFF-03", "asked_by"), within_delegation))
MAY_REFUSE_WRITE_OFF = permit(*_DECIDES_WRITE_OFF, rules=(second_person("WRITEOFF-03", "asked_by"),))
MAY_TAKE_BACK_WRITE_OFF = permit(Role.CERTIFYING_OFFICER, Role.FUND_MANAGER)
MAY_PAUSE_RAIL = permit(Role.PAYER, Role.FUND_MANAGER, Role.SYSTEM)
MAY_RESUME_RAIL = permit(Role.PAYER, Role.FUND_MANAGER, Role.SYSTEM)
# Whoever released it does not also say that it never left.
MAY_DECLARE_UNSENT = permit(Role.FUND_MANAGER, Role.RECONCILER)
MAY_LOOK_AGAIN = permit(Role.PAYER, Role.FUND_MANAGER, Role.RECONCILER)
BY_THE_SYSTEM = permit(Role.SYSTEM)

name_act("prepare_disbursement", _("Prepare a disbursement"))
name_act("release_disbursement", _("Release a disbursement"))
name_act("stop_disbursement", _("Stop a disbursement"))
name_act("prepare_file", _("Prepare a file for the bank"))
name_act("sign_first", _("Sign a file first"))
name_act("sign_second", _("Sign a file second"))
name_act("discard_file", _("Discard a file"))
name_act("recall_file", _("Keep a file from leaving"))
name_act("record_payee", _("Record a payee's details"))
name_act("confirm_payee", _("Confirm a payee's details"))
name_act("reject_payee", _("Reject a payee's details"))
name_act("screen_payee", _("Name like one on a sanctions list"))
name_act("clear_hit_first", _("Clear a hit as the first person"))
name_act("clear_hit_second", _("Clear a hit as the second person"))
name_act("confirm_hit", _("Confirm a hit"))
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
name_act("import_status_report", _("Take in a status report"))
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
name_act("take_up_after_restore", _("Take up work after a restore"))
name_act("mark_file_sent", _("File is at the bank"))
name_act("import_rates", _("Import a list of rates"))
name_act("approve_rates", _("Approve a list of rates"))
name_act("discard_rates", _("Discard a list of rates"))
name_act("open_period", _("Month opened"))
name_act("soft_close_period", _("Close a month for all but a few"))
name_act("reopen_period", _("Open a month again"))
name_act("close_period", _("Close a month for good"))
name_act("ask_exception", _("Ask to book into a closing month"))
name_act("approve_exception", _("Give leave to book into a closing month"))
name_act("refuse_exception", _("Refuse leave to book into a closing month"))
name_act("revalue", _("Revalue foreign balances"))
name_act("record_pledge", _("Record a pledge"))
name_act("record_agreement", _("Record an agreement"))
name_act("confirm_agreement", _("Confirm an agreement"))
name_act("discard_agreement", _("Discard an agreement"))
name_act("propose_review", _("Propose what becomes of a commitment"))
name_act("approve_review", _("Approve what becomes of a commitment"))
name_act("refuse_review", _("Refuse what was proposed for a commitment"))
name_act("pause_rail", _("Pause a rail"))
name_act("resume_rail", _("Resume a rail"))
name_act("declare_unsent", _("Say that it never left"))
name_act("look_again", _("Look again"))
name_act("plan_tranches", _("Plan tranches"))
name_act("open_tranche", _("Open a tranche"))
name_act("account_for_tranche", _("Account for a tranche"))
name_act("ask_write_off", _("Ask to write a refund off"))
name_act("approve_write_off", _("Approve a write-off"))
name_act("refuse_write_off", _("Refuse a write-off"))
name_act("take_back_write_off", _("Take a write-off back"))
name_act("propose_rule", _("Propose a separation rule"))
name_act("approve_rule", _("Approve a separation rule"))
