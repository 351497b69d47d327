"""Measures what pages and lives cost: queries and compressed bytes exactly, time as this machine gives it."""

from __future__ import annotations

import gzip
import platform
import sqlite3
import time
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gaf import clock
from gaf.accounts.models import User
from gaf.demo.screening import fetch_list
from gaf.demo.stage import Stage
from gaf.demo.volume import a_payee, live_until, many
from workflow.models import AssistanceRequest


@dataclass(frozen=True)
class PageCost:
    """One page as one person gets it."""

    page: str
    person: str
    queries: int
    compressed_bytes: int


PAGES = (
    ("list", "/requests/", "omar", ""),
    ("record", "/requests/{reference}/", "helena", "PLAN_AND_BUDGET"),
    ("record, closed", "/requests/{reference}/", "helena", "CLOSED"),
    ("desk", "/desk/", "amina", ""),
    ("review", "/requests/{reference}/review/", "bruno", "ELIGIBILITY_REVIEW"),
    ("approval", "/requests/{reference}/approval/", "chen", "BUDGET_REVIEW"),
    ("fund", "/fund/", "helena", ""),
)


def measure_pages() -> list[PageCost]:
    """Each page once, warm: queries counted, body compressed as a browser would ask for it."""
    costs = []
    for page, address, name, state in PAGES:
        person = User.objects.get(email=f"{name}@gaf.example")
        client = Client()
        client.force_login(person)
        url = address.format(reference=_reference(state, person)) if state else address
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
        if answer.status_code != 200:
            raise RuntimeError(f"{url} answered {answer.status_code}")
        costs.append(PageCost(page, name, len(queries), len(gzip.compress(answer.content, 6))))
    return costs


def _reference(state: str, person: User) -> str:
    rows = AssistanceRequest.objects.filter(state=state)
    if state == "ELIGIBILITY_REVIEW":
        rows = rows.filter(taken_by=person)
    return rows.order_by("pk").values_list("reference", flat=True).first() or ""


@dataclass(frozen=True)
class Figures:
    """Everything one run measured on one engine."""

    engine: str
    machine: str
    lives_per_second: float
    small: list[PageCost]
    large: list[PageCost]
    requests: int


def machine() -> str:
    """What ran it, in a few words."""
    return f"Python {platform.python_version()}, {connection.vendor} {_engine_version()}, {platform.machine()}, 2 cores"


def _engine_version() -> str:
    if connection.vendor == "sqlite":
        return sqlite3.sqlite_version
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split(" ")[0]


def measure(stage: Stage, requests: int) -> Figures:
    """20 requests, their pages; then many, the same pages again; and whole lives per second in between."""
    with clock.at(stage.moment):
        fetch_list()
        payee = a_payee(stage)
    many(stage, payee, 20, 2)
    with clock.at(stage.moment):
        small = measure_pages()
    begun = time.perf_counter()
    for _life in range(10):
        with clock.at(stage.moment):
            live_until(stage, payee, "closed")
    lives = 10 / (time.perf_counter() - begun)
    many(stage, payee, requests - AssistanceRequest.objects.count(), 0)
    with clock.at(stage.moment):
        large = measure_pages()
    return Figures(connection.vendor, machine(), lives, small, large, AssistanceRequest.objects.count())


def as_table(figures: Figures) -> str:
    """The figures as Markdown."""
    rows = [
        f"### {figures.machine}",
        "",
        f"A request's whole life (draft to closed, paid and matched): {figures.lives_per_second:.1f} a second.",
        "",
        f"| page | person | queries at 20 | at {figures.requests:,} | bytes at 20 | at {figures.requests:,} |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for small, large in zip(figures.small, figures.large, strict=True):
        rows.append(
            f"| {small.page} | {small.person} | {small.queries} | {large.queries} | "
            f"{small.compressed_bytes:,} | {large.compressed_bytes:,} |"
        )
    return "\n".join(rows) + "\n"
