"""Addresses of headquarters pages. An act is a page under the record; its name is the act's, with hyphens."""

from __future__ import annotations

from django.urls import path

from workflow.views import history, record, requests_list, worklists
from workflow.views.acts import PLAIN_ACTS, plain_act

_RECORD = "requests/<str:reference>"

urlpatterns = [
    path("requests/", requests_list.requests_list, name="requests"),
    path("inbox/", worklists.inbox, name="inbox"),
    path("duty/", worklists.duty, name="duty"),
    path("approvals/", worklists.approvals, name="approvals"),
    path("certification/", worklists.certifying, name="certification"),
    path("closing/", worklists.closing, name="closing"),
    path(f"{_RECORD}/", record.record, name="record"),
    path(f"{_RECORD}/history/", history.history, name="history"),
    *(path(f"{_RECORD}/{act.replace('_', '-')}/", plain_act, {"act": act}, name=act) for act in PLAIN_ACTS),
]
