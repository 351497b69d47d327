"""Addresses of the money pages: the field's words, the record's own key, an act under its record."""

from __future__ import annotations

from datetime import date

from django.urls import path, register_converter
from django.urls.resolvers import URLPattern

from finance import webhooks
from finance.views import (
    agreements,
    disbursements,
    exporting,
    files,
    fund,
    importing,
    line_acts,
    match_rules,
    months,
    payees,
    preparing,
    rails,
    rate_lists,
    reconciliation,
    recording,
    runway,
    screening,
    statements,
    tranches,
    write_offs,
    year_end,
)


class DayInAddress:
    """A day as `2026-11-01`."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day; an address that names no day of the calendar leads nowhere."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """The day as it stands in the address."""
        return str(value)


class MonthInAddress:
    """A month as `2026-11`; to the code it is its first day."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The first day; an address that names no month of the calendar leads nowhere."""
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date | str) -> str:
        """The month as it stands in the address."""
        return str(value)[:7]


register_converter(DayInAddress, "day")
register_converter(MonthInAddress, "month")

_DISBURSEMENTS = [
    path("disbursements/", disbursements.disbursements, name="disbursements"),
    path("disbursements/prepare/<slug:reference>/", preparing.prepare, name="prepare_disbursement"),
    path("disbursements/export/", exporting.disbursements_export, name="disbursements_export"),
    path("disbursements/files/", files.payment_files, name="payment_files"),
    path("disbursements/files/<slug:message_id>/", files.payment_file, name="payment_file"),
    path("disbursements/files/<slug:message_id>/bytes/", files.payment_file_bytes, name="payment_file_bytes"),
    path("disbursements/files/<slug:message_id>/sign-first/", files.sign_first_page, name="sign_first"),
    path("disbursements/files/<slug:message_id>/sign-second/", files.sign_second_page, name="sign_second"),
    path("disbursements/files/<slug:message_id>/discard/", files.discard_page, name="discard_file"),
    path("disbursements/rails/", rails.rails, name="rails"),
    path("disbursements/rails/pause/", rails.pause, name="pause_rail"),
    path("disbursements/rails/<slug:pause>/resume/", rails.resume, name="resume_rail"),
    path("disbursements/<slug:number>/", disbursements.disbursement, name="disbursement"),
    path("disbursements/<slug:number>/stop/", disbursements.stop, name="stop_disbursement"),
    path("disbursements/<slug:number>/look-again/", rails.look_again_page, name="look_again"),
    path("disbursements/<slug:number>/declare-unsent/", rails.declare_unsent_page, name="declare_unsent"),
]

_LINE = "reconciliation/<slug:code>/lines/<slug:identity>"
_RECONCILIATION = [
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("reconciliation/rules/", match_rules.rules, name="match_rules"),
    path("reconciliation/rules/new/", match_rules.write, name="write_match_rule"),
    path("reconciliation/rules/<slug:key>/<int:number>/", match_rules.rule, name="match_rule"),
    path("reconciliation/rules/<slug:key>/<int:number>/test/", match_rules.try_out, name="test_match_rule"),
    path("reconciliation/rules/<slug:key>/<int:number>/activate/", match_rules.activate, name="activate_match_rule"),
    path("reconciliation/rules/<slug:key>/<int:number>/retire/", match_rules.retire, name="retire_match_rule"),
    path("reconciliation/import/", importing.import_file, name="import_statement"),
    path("reconciliation/import/mapping/", importing.mapping_new, name="mapping_new"),
    path("reconciliation/import/<slug:key>/", importing.import_found, name="import_found"),
    path("reconciliation/import/<slug:key>/bytes/", importing.statement_file_bytes, name="statement_file_bytes"),
    path("reconciliation/<slug:code>/", reconciliation.account, name="reconcile_account"),
    path("reconciliation/<slug:code>/export/", exporting.lines_export, name="lines_export"),
    path("reconciliation/<slug:code>/fetch/", statements.fetch, name="fetch_statement"),
    path("reconciliation/<slug:code>/statements/<int:sequence>/accept/", importing.accept, name="accept_statement"),
    path("reconciliation/<slug:code>/exact/", line_acts.match_exact, name="match_exact"),
    path(f"{_LINE}/match/", line_acts.match, name="match_line"),
    path(f"{_LINE}/find/", line_acts.find, name="find_record"),
    path(f"{_LINE}/set-aside/", line_acts.set_aside, name="set_aside_line"),
    path(f"{_LINE}/undo/", line_acts.undo, name="undo_match"),
]

_FUND = [
    path("fund/", fund.fund, name="fund"),
    path("fund/streams/<slug:code>/", fund.stream, name="fund_stream"),
    path("fund/streams/<slug:code>/<slug:figure>/", fund.stream_ledger, name="stream_ledger"),
    path("fund/runway/", runway.runway, name="runway"),
    path("fund/refunds/", write_offs.refunds, name="refunds"),
    path("fund/refunds/<slug:refund>/write-off/", write_offs.ask, name="write_off"),
    path("fund/refunds/<slug:refund>/write-off/<slug:act>/", write_offs.act_on, name="write_off_act"),
    path("fund/agreements/", agreements.agreements, name="agreements"),
    path("fund/agreements/new/", agreements.agreement_new, name="agreement_new"),
    path("fund/agreements/<slug:agreement>/<slug:act>/", agreements.agreement_act, name="agreement_act"),
    path("fund/pledges/new/", agreements.pledge_new, name="pledge_new"),
    path("fund/months/", months.months, name="months"),
    path("fund/months/<month:month>/revalue/", months.month_revalue, name="month_revalue"),
    path("fund/months/<month:month>/exception/", months.exception_new, name="exception_new"),
    path("fund/months/<month:month>/exceptions/<int:place>/<slug:act>/", months.exception_act, name="exception_act"),
    path("fund/months/<month:month>/<slug:act>/", months.month_act, name="month_act"),
    path("fund/year-end/<int:year>/", year_end.year_end, name="year_end"),
    path("fund/year-end/<int:year>/<int:commitment>/propose/", year_end.review_new, name="review_new"),
    path("fund/year-end/<int:year>/<int:commitment>/<slug:act>/", year_end.review_act, name="review_act"),
    path("rates/lists/", rate_lists.rate_lists, name="rate_lists"),
    path("rates/lists/import/", rate_lists.rate_list_new, name="rate_list_new"),
    path("rates/lists/<slug:rates>/", rate_lists.rate_list, name="rate_list"),
    path("rates/lists/<slug:rates>/<slug:act>/", rate_lists.rate_list_act, name="rate_list_act"),
    path("receipts/new/", recording.receipt_new, name="receipt_new"),
    path("rates/", recording.rates, name="rates"),
    path("rates/new/", recording.rate_new, name="rate_new"),
    path("rates/<slug:currency>/<day:day>/approve/", recording.rate_approve, name="approve_rate"),
]

_PAYEES = [
    path("payees/", payees.payees, name="payees"),
    path("payees/new/", payees.payee_new, name="payee_new"),
    path("payees/<slug:key>/", payees.payee, name="payee"),
    path("payees/<slug:key>/new-version/", payees.payee_new_version, name="payee_new_version"),
    path("payees/<slug:key>/<int:number>/confirm/", payees.confirm, name="confirm_payee"),
    path("payees/<slug:key>/<int:number>/reject/", payees.reject, name="reject_payee"),
]

_SCREENING = [
    path("screening/", screening.screening, name="screening"),
    path("screening/<slug:hit>/", screening.one_hit, name="screening_hit"),
    path("screening/<slug:hit>/clear/", screening.clear, name="clear_hit"),
    path("screening/<slug:hit>/confirm/", screening.confirm, name="confirm_hit"),
]

urlpatterns: list[URLPattern] = [
    path("tranches/<str:reference>/", tranches.tranches, name="tranches"),
    path("tranches/<str:reference>/<str:line>/", tranches.plan, name="plan_tranches"),
    path("tranches/<str:reference>/<str:line>/<int:place>/<str:act>/", tranches.tranche_act, name="tranche_act"),
    *_DISBURSEMENTS,
    *_RECONCILIATION,
    *_FUND,
    *_PAYEES,
    *_SCREENING,
    path("webhooks/stripe/", webhooks.stripe_webhook, name="stripe_webhook"),
]
