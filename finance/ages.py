"""How old each unfinished record of money may be, whose it is then, and what to do."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, Q, Value, When
from django.db.models.functions import Cast, Concat, Substr
from django.utils.translation import gettext_lazy as _

from finance.models import (
    AccountingPeriod,
    Agreement,
    Attempt,
    CommitmentReview,
    Disbursement,
    ExchangeRate,
    GatewayEvent,
    MatchRule,
    PayeeVersion,
    PaymentFile,
    PeriodException,
    RailPause,
    RateList,
    RefundDue,
    ScreeningHit,
    Statement,
    StatementFile,
    StatementLine,
    Tranche,
    WriteOff,
)
from gaf.accounts.roles import Role
from gaf.ages import Age, Kind, register

_TEXT = CharField()
_SECOND = _("A second person approves or refuses.")
_LOOK = _("Look at the rail whether it arrived; it is not sent again by itself.")
_COMPARE = _("Compare the payee with the entry of the list.")
_EXPLAIN = _("Match it, or set it aside with a reason.")
CO, PA, RE, FM, PC = (
    Role.CERTIFYING_OFFICER,
    Role.PAYER,
    Role.RECONCILER,
    Role.FUND_MANAGER,
    Role.PAYEE_CONFIRMER,
)


def _key(*parts: Any) -> Concat:
    """A key made of columns and of fixed text (`=RATE-`), as the record itself makes it."""
    made = [
        Value(part[1:]) if isinstance(part, str) and part[0] == "=" else Cast(part, output_field=_TEXT)
        for part in parts
    ]
    return Concat(*made, output_field=_TEXT)


def _state(**conditions: Q) -> Case:
    """A state for records that have none of their own."""
    return Case(*(When(test, then=Value(name)) for name, test in conditions.items()), output_field=_TEXT)


_PAYING = (
    Kind(
        "disbursement",
        _("Disbursement"),
        lambda: Disbursement.objects.all(),
        F("number"),
        (
            Age("PREPARED", "age_pay_days", PA, _("Release it, or stop it.")),
            Age("RELEASED", "age_pay_days", PA, _("Put it into a file for the bank, or see why the worker has not.")),
            Age("SENDING", "age_rail_hours", PA, _LOOK),
            Age("UNKNOWN", "age_rail_hours", PA, _LOOK),
            Age("SENT", "age_bank_days", RE, _("Match it with the bank’s statement, or ask the bank.")),
        ),
        lambda key, place: f"/disbursements/{key}/",
    ),
    Kind(
        "attempt",
        _("Try to pay"),
        lambda: Attempt.objects.all(),
        F("disbursement__number"),
        (
            Age("INTENT", "age_rail_hours", Role.SYSTEM_ADMINISTRATOR, _("See whether the worker runs.")),
            Age("UNKNOWN", "age_rail_hours", PA, _LOOK),
        ),
        lambda key, place: f"/disbursements/{key}/",
        since=F("created_at"),
    ),
    Kind(
        "file",
        _("Payment file"),
        lambda: PaymentFile.objects.all(),
        F("message_id"),
        (
            Age("PREPARED", "age_sign_days", PA, _("Sign first, or discard it.")),
            Age("SIGNED_ONCE", "age_sign_days", CO, _("Sign second, or discard it.")),
            Age("SIGNED", "age_rail_hours", Role.SYSTEM_ADMINISTRATOR, _("See whether the worker runs.")),
        ),
        lambda key, place: f"/disbursements/files/{key}/",
    ),
    Kind(
        "pause",
        _("Pause of a rail"),
        lambda: RailPause.objects.all(),
        F("key"),
        (Age("PAUSED", "age_pause_hours", FM, _("Remove the cause, and let the rail go on.")),),
        lambda key, place: "/disbursements/rails/",
        since=F("paused_at"),
    ),
    Kind(
        "tranche",
        _("Tranche"),
        lambda: Tranche.objects.all(),
        F("key"),
        (
            Age("WAITING", "age_tranche_days", CO, _("Open it, or cancel what it is for.")),
            Age("OPEN", "age_tranche_days", CO, _("Account for what was paid of it.")),
        ),
        lambda key, place: f"/tranches/{place}/",
        place=F("commitment__reference"),
    ),
)
_PAYEES = (
    Kind(
        "payee",
        _("Payee's details"),
        lambda: PayeeVersion.objects.all(),
        _key("payee__key", "=/", "number"),
        (
            Age("RECORDED", "age_second_person_days", PC, _("Ring back, and confirm or reject.")),
            Age("CONFIRMED", "age_payee_days", PC, _("Ring back again: the details are old.")),
        ),
        lambda key, place: "/payees/{}/?version={}".format(*key.split("/")),
    ),
    Kind(
        "hit",
        _("Hit of a screening"),
        lambda: ScreeningHit.objects.all(),
        F("key"),
        (
            Age("OPEN", "age_second_person_days", PC, _COMPARE),
            Age("CLEARED_ONCE", "age_second_person_days", FM, _COMPARE),
        ),
        lambda key, place: f"/screening/{key}/",
    ),
)
_RECONCILING = (
    Kind(
        "statement",
        _("Statement"),
        lambda: Statement.objects.all(),
        _key("=STMT-", "bank_account__code", "=-", "sequence"),
        (Age("NEEDS_REVIEW", "age_second_person_days", FM, _("Accept the statement, or ask the bank.")),),
        lambda key, place: f"/reconciliation/{place}/",
        place=F("bank_account__code"),
    ),
    Kind(
        "statement_file",
        _("Statement file"),
        lambda: StatementFile.objects.annotate(state=_state(KEPT=Q(statements=None))),
        Substr("sha256", 1, 16),
        (Age("KEPT", "age_line_days", RE, _("Import it, or say why not."), _("kept, not imported")),),
        lambda key, place: f"/reconciliation/import/{key}/",
        since=F("kept_at"),
    ),
    Kind(
        "line",
        _("Statement line"),
        lambda: StatementLine.objects.all(),
        _key("=LINE-", Substr("identity", 1, 16)),
        (
            Age("HELD", "age_second_person_days", FM, _("Accept the statement, or ask the bank.")),
            Age("UNMATCHED", "age_line_days", RE, _EXPLAIN),
            Age("PROPOSED", "age_line_days", RE, _EXPLAIN),
            Age("SET_ASIDE", "age_set_aside_days", RE, _("Find out what it is.")),
        ),
        lambda key, place: f"/reconciliation/{place}/",
        place=F("statement__bank_account__code"),
    ),
    Kind(
        "refund",
        _("Refund due"),
        lambda: RefundDue.objects.annotate(state=_state(DUE=Q(received_at=None))),
        F("key"),
        (Age("DUE", "age_refund_days", RE, _("Ask the mission for the money."), _("not received")),),
        lambda key, place: "/fund/refunds/",
        since=Cast("due_on", DateTimeField()),
    ),
    Kind(
        "write_off",
        _("Write-off"),
        lambda: WriteOff.objects.all(),
        F("key"),
        (
            Age("ASKED", "age_second_person_days", FM, _SECOND),
            Age("POSTED", "age_standing_rule_days", FM, _("See whether it is still right.")),
        ),
        lambda key, place: "/fund/refunds/",
    ),
    Kind(
        "match_rule",
        _("Rule of matching"),
        lambda: MatchRule.objects.all(),
        _key("key", "=/", "number"),
        (
            Age("DRAFT", "age_rule_days", RE, _("Test it, or retire it.")),
            Age("TESTED", "age_rule_days", FM, _("Put it in force, or retire it.")),
            Age("ACTIVE", "age_standing_rule_days", FM, _("See whether it is still right.")),
        ),
        lambda key, place: "/reconciliation/rules/{}/{}/".format(*key.split("/")),
    ),
    Kind(
        "event",
        _("Message of a provider"),
        lambda: GatewayEvent.objects.annotate(state=_state(RECEIVED=Q(handled_at=None, quarantine=""))),
        F("event_id"),
        (Age("RECEIVED", "age_job_hours", Role.SYSTEM_ADMINISTRATOR, _("See whether the worker runs."), _("waits")),),
        lambda key, place: "",
        since=F("received_at"),
    ),
)
_BOOKS = (
    Kind(
        "rate",
        _("Exchange rate"),
        lambda: ExchangeRate.objects.all(),
        _key("=RATE-", "currency", "=-", "effective_from"),
        (Age("ENTERED", "age_second_person_days", PC, _SECOND),),
        lambda key, place: "/rates/",
    ),
    Kind(
        "rate_list",
        _("List of rates"),
        lambda: RateList.objects.all(),
        F("key"),
        (Age("IMPORTED", "age_second_person_days", PC, _SECOND),),
        lambda key, place: f"/rates/lists/{key}/",
    ),
    Kind(
        "agreement",
        _("Agreement"),
        lambda: Agreement.objects.all(),
        F("key"),
        (Age("RECORDED", "age_second_person_days", FM, _SECOND),),
        lambda key, place: "/fund/agreements/",
    ),
    Kind(
        "period",
        _("Month of the books"),
        lambda: AccountingPeriod.objects.all(),
        _key("=PERIOD-", Substr(Cast("month", output_field=_TEXT), 1, 7)),
        (
            Age("OPEN", "age_month_days", CO, _("Close the month for all but a few.")),
            Age("SOFT_CLOSED", "age_month_days", FM, _("Close the month for good.")),
        ),
        lambda key, place: "/fund/months/",
    ),
    Kind(
        "exception",
        _("Exception for a month"),
        lambda: PeriodException.objects.all(),
        _key("=PERIOD-", Substr(Cast("period__month", output_field=_TEXT), 1, 7), "=/", "number"),
        (Age("ASKED", "age_second_person_days", FM, _SECOND),),
        lambda key, place: "/fund/months/",
    ),
    Kind(
        "review",
        _("Commitment at the year's end"),
        lambda: CommitmentReview.objects.all(),
        _key("=REVIEW-", "year", "=-", "commitment_id", "=/", "number"),
        (Age("PROPOSED", "age_second_person_days", FM, _SECOND),),
        lambda key, place: f"/fund/year-end/{place}/",
        place=F("year"),
    ),
)
register(*_PAYING, *_PAYEES, *_RECONCILING, *_BOOKS)
