"""Measures every page a person's bar leads to, records and acts, on the database in use: statements, bytes, CPU."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gaf.accounts.models import User
from gaf.accounts.queries import assignments_in_force
from gaf.navigation import entries_for
from workflow.models import AssistanceRequest

# By whom, and in which state, a plain act is measured; it is undone at once.
ACTS = (
    ("endorse", "SUBMITTED", "head_of_unit"),
    ("take", "ELIGIBILITY_REVIEW", "eligibility_reviewer"),
    ("end-delivery", "IMPLEMENTING", "case_worker"),
    ("hold", "FUNDED", "fund_manager"),
    ("cancel", "APPROVED", "fund_manager"),
    ("certify-funds", "APPROVED", "certifying_officer"),
    ("approve-budget", "BUDGET_REVIEW", "budget_approver"),
    ("close", "RECONCILING", "fund_manager"),
)
RECORDS = ("ELIGIBILITY_REVIEW", "BUDGET_REVIEW", "IMPLEMENTING", "CLOSED")
ALSO = ("/requests/?page=2", "/requests/board/", "/search/?q=GAF", "/disbursements/?page=2")
_INPUT = re.compile(r"<input\b[^>]*>", re.S)
_TEXTAREA = re.compile(r'<textarea\b[^>]*name="([^"]+)"[^>]*>', re.S)
_SELECT = re.compile(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.S)


@dataclass(frozen=True)
class Cost:
    """One page or act as one person gets it: statements, bytes of HTML, milliseconds of CPU of this process."""

    what: str
    role: str
    status: int
    statements: int
    size: int
    cpu: float


class Measuring:
    """One measurement of the database in use; `times` says how often each page is asked for its CPU."""

    def __init__(self, times: int = 5) -> None:
        self._times = times
        self.people = _people()

    def pages(self) -> Iterator[Cost]:
        """Every page of every role's bar once warm, then lists and search, then records."""
        for role, person in self.people.items():
            client = _signed_in(person)
            for url in dict.fromkeys(entry.url for entry in entries_for(person)):
                yield self._page(client, url, role)
        for url in ALSO:
            yield self._page(_signed_in(self.people["auditor"]), url, "auditor")
        yield from self._records()

    def _records(self) -> Iterator[Cost]:
        for state in RECORDS:
            one = AssistanceRequest.objects.filter(state=state).order_by("pk").first()
            for role in ("fund_manager", "auditor"):
                if one is not None:
                    cost = self._page(_signed_in(self.people[role]), f"/requests/{one.reference}/", role)
                    yield Cost(f"record, {state}", *list(vars(cost).values())[1:])

    def _page(self, client: Client, url: str, role: str) -> Cost:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
        statements = len(queries)
        begun = time.process_time()
        for _time in range(self._times):
            client.get(url)
        cpu = (time.process_time() - begun) * 1000 / max(self._times, 1)
        return Cost(url, role, answer.status_code, statements, len(answer.content), cpu)

    def acts(self) -> Iterator[Cost]:
        """Each plain act once, on a request it is open on, and undone."""
        for act, state, role in ACTS:
            for one in AssistanceRequest.objects.filter(state=state, mission__code="NE").order_by("pk")[:3]:
                cost = self._act(act, one, role)
                if cost is not None:
                    yield cost
                    break

    def _act(self, act: str, one: AssistanceRequest, role: str) -> Cost | None:
        client, url = _signed_in(self.people[role]), f"/requests/{one.reference}/{act}/"
        page = client.get(url)
        if page.status_code != 200:
            return None
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                begun = time.process_time()
                answer = client.post(url, _filled(page))
                cpu = (time.process_time() - begun) * 1000
            transaction.set_rollback(True)
        cost = Cost(f"POST {act}", role, answer.status_code, len(queries), len(answer.content), cpu)
        return cost if answer.status_code == 302 else None


def _people() -> dict[str, User]:
    """One person of each role; at missions, those of the mission with the most requests."""
    found: dict[str, User] = {}
    for row in assignments_in_force().select_related("person", "mission").order_by("pk"):
        if row.mission is None or row.mission.code == "NE":
            found.setdefault(row.role, row.person)
    return found


def _signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _filled(page: HttpResponseBase) -> dict[str, str]:
    """A form as it stands on the page, with a word where one is asked for."""
    html = getattr(page, "content", b"").decode()
    said: dict[str, str] = {}
    for tag in _INPUT.findall(html):
        told = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        kind = told.get("type", "text")
        if "name" in told and (kind not in ("radio", "checkbox", "submit") or "checked" in tag):
            said[told["name"]] = told.get("value", "")
        elif "name" in told and kind == "radio":
            said.setdefault(told["name"], told.get("value", ""))
    for name in _TEXTAREA.findall(html):
        said.setdefault(name, "As agreed.")
    for name, options in _SELECT.findall(html):
        values = re.findall(r'<option value="([^"]+)"', options)
        chosen = re.findall(r'<option value="([^"]+)" selected', options)
        said.setdefault(name, (chosen or values or [""])[0])
    return said


def as_rows(costs: list[Cost]) -> str:
    """The costs as a Markdown table."""
    head = ["| page or act | role | statements | kB of HTML | ms of CPU |", "| --- | --- | --- | --- | --- |"]
    rows = [f"| {one.what} | {one.role} | {one.statements} | {one.size / 1000:.1f} | {one.cpu:.0f} |" for one in costs]
    return "\n".join([*head, *rows]) + "\n"
