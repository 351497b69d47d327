"""Addresses of mission pages. An act is a page under the record; its name is the act's, with hyphens."""

from __future__ import annotations

from django.urls import path

from workflow.views import (
    amending,
    answering,
    assisted_returns,
    case_transfers,
    consent,
    delivery,
    desk,
    documents,
    gates,
    lost_receipts,
    planning,
    protection,
    reporting,
    start,
    steps,
    urgent,
)

_RECORD = "requests/<str:reference>"

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("requests/new/", start.new, name="request_new"),
    path("requests/new/standard/", start.standard, name="request_new_standard"),
    path("requests/new/urgent/", urgent.urgent, name="request_new_urgent"),
    path(f"{_RECORD}/edit/person/", steps.step, {"name": "person"}, name="edit_person"),
    path(f"{_RECORD}/edit/situation/", steps.step, {"name": "situation"}, name="edit_situation"),
    path(f"{_RECORD}/edit/help/", steps.step, {"name": "help"}, name="edit_help"),
    path(f"{_RECORD}/edit/check/", steps.check, name="edit_check"),
    path(f"{_RECORD}/submit/", steps.to_check, name="submit"),
    path(f"{_RECORD}/send-urgent/", steps.to_check, name="send_urgent"),
    path(f"{_RECORD}/sent/", steps.sent, name="sent"),
    path(f"{_RECORD}/answer/", answering.answer, name="answer"),
    path(f"{_RECORD}/plan/", planning.plan, name="plan"),
    path(f"{_RECORD}/plan/assistance/", planning.plan_text, name="plan_assistance"),
    path(f"{_RECORD}/plan/budget/", planning.budget, name="plan_budget"),
    path(f"{_RECORD}/plan/documents/", planning.plan_documents, name="plan_documents"),
    path(f"{_RECORD}/plan/check/", planning.plan_check, name="plan_check"),
    path(f"{_RECORD}/send-budget/", planning.to_plan_check, name="send_budget"),
    path(f"{_RECORD}/documents/", documents.documents, name="documents"),
    path(f"{_RECORD}/documents/<str:key>/", documents.document, name="document"),
    path(f"{_RECORD}/documents/<str:key>/remove/", documents.remove, name="document_remove"),
    path(f"{_RECORD}/begin-return/", assisted_returns.begin, name="begin_return"),
    path(f"{_RECORD}/withdraw-persons/", delivery.withdraw_persons, name="withdraw_persons"),
    path(f"{_RECORD}/ask-amendment/", amending.ask, name="ask_amendment"),
    path(f"{_RECORD}/declare-lost-receipt/", lost_receipts.declare, name="declare_lost_receipt"),
    path(f"{_RECORD}/assess/", protection.assessment, name="assess"),
    path(f"{_RECORD}/screen-trafficking/", protection.screening, name="screen_trafficking"),
    path(f"{_RECORD}/fingerprint-person/", protection.fingerprint, name="fingerprint_person"),
    path(f"{_RECORD}/refer-persons/", protection.referral, name="refer_persons"),
    path(f"{_RECORD}/propose-transfer/", case_transfers.propose, name="propose_transfer"),
    path("transfers/", case_transfers.transfers, name="transfers"),
    path("transfers/<str:transfer>/", case_transfers.transfer, name="transfer"),
    path("transfers/<str:transfer>/<str:act>/", case_transfers.transfer_act, name="transfer_act"),
    path("context/<str:code>/", protection.context_sheet, name="context_sheet"),
    path(f"{_RECORD}/record-consent/", consent.record, name="record_consent"),
    path(f"{_RECORD}/withdraw-consent/", consent.withdraw, name="withdraw_consent"),
    path(f"{_RECORD}/record-evidence/", gates.record, name="record_evidence"),
    path(f"{_RECORD}/end-delivery/", delivery.end_delivery, name="end_delivery"),
    path(f"{_RECORD}/report/", reporting.report, name="report"),
    path(f"{_RECORD}/report-urgent-costs/", delivery.report_urgent_costs, name="report_urgent_costs"),
]
