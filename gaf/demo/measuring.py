"""Measures every page a person's bar leads to, records and acts, on the database in use: statements, bytes, CPU.

Machines are shared and differ, so a page's CPU is also told as a multiple of a plain page's, asked for right before it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gaf.accounts.models import User
from gaf.accounts.queries import assignments_in_force
from gaf.demo import plain_page
from gaf.demo.served import WORKERS, Served
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
    """One page or act as one person gets it: statements, bytes of HTML, milliseconds of CPU of this process and of
    PostgreSQL's for it, and of a plain page at that time; 0 where it was not measured."""

    what: str
    role: str
    status: int
    statements: int
    size: int
    cpu: float
    server: float = 0.0
    plain: float = 0.0

    @property
    def multiple(self) -> str:
        """How many plain pages this one costs."""
        return f"{self.cpu / self.plain:.1f}" if self.plain else "–"


class Measuring:
    """One measurement of the database in use; `times` says how often each page is asked for its CPU.

    Their CPU is this process's, which asks itself, or that of the workers of `sites`: the site and the plain page.
    """

    def __init__(self, times: int = 5, sites: tuple[Served, Served] | None = None) -> None:
        self._times, self._sites = max(times, 1), sites
        self.people = _people()
        self._plain = plain_page.signed_in(next(iter(self.people.values()))) if self.people else Client()

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
        cpu, server = _cpu_of(client, url, self._times)
        if self._sites is None:
            with plain_page.only_the_plain_page():
                self._plain.get("/")
                plain, _server = _cpu_of(self._plain, "/", 4 * self._times)
        else:
            cpu, plain = self._served(*self._sites, client, url)
        return Cost(url, role, answer.status_code, statements, len(answer.content), cpu, server, plain)

    def _served(self, site: Served, plain: Served, client: Client, url: str) -> tuple[float, float]:
        """The CPU of a page and of the plain one, asked for in turn, so that both find the machine alike."""
        for one, place, person in ((site, url, client), (plain, "/", self._plain)):
            one.cpu_of(place, person, 3 * WORKERS)
        costs = [(site.cpu_of(url, client, 1), plain.cpu_of("/", self._plain, 4)) for _time in range(self._times)]
        return sum(cpu for cpu, _plain in costs) / len(costs), sum(plain for _cpu, plain in costs) / len(costs)

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


def _cpu_of(client: Client, url: str, times: int) -> tuple[float, float]:
    """Milliseconds of CPU of this process and of PostgreSQL's for it, each time a page is asked for."""
    begun, served = time.process_time(), _server_cpu()
    for _time in range(times):
        client.get(url)
    return (time.process_time() - begun) * 1000 / times, (_server_cpu() - served) * 1000 / times


def _server_cpu() -> float:
    """Seconds of CPU that PostgreSQL's process for this connection took, where it runs on this Linux; else 0."""
    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.exists() else 0.0


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
    heads = ("page or act", "role", "statements", "kB of HTML", "ms of CPU", "plain pages", "ms of PostgreSQL")
    lines = [_line(heads), _line(["---"] * len(heads))]
    for one in costs:
        cells = (one.what, one.role, one.statements, f"{one.size / 1000:.1f}", f"{one.cpu:.0f}", one.multiple)
        lines.append(_line([*map(str, cells), f"{one.server:.0f}" if one.server else "–"]))
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
