"""A person in a browser of her own, and what stands in an answer."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client

from finance.models import Disbursement, Statement, StatementLine
from gaf.accounts.models import User


@dataclass
class Visit:
    """A signed-in person: `Visit.of(person).get("/fund/")`."""

    client: Client

    @classmethod
    def of(cls, person: User) -> Visit:
        """Sign the person in."""
        client = Client()
        client.force_login(person)
        return cls(client)

    def get(self, address: str) -> HttpResponse:
        """Open a page."""
        return self.client.get(address)

    def press(self, address: str, **typed: object) -> HttpResponse:
        """Send a page's form to where its form sends it."""
        joint = "&" if "?" in address else "?"
        return self.client.post(f"{address}{joint}save=1", typed)

    def key(self, address: str) -> str:
        """The key a form carries so that it makes its record once."""
        found = re.search(r'name="idempotency_key" value="([0-9a-f]{32})"', self.get(address).content.decode())
        assert found, f"{address} carries no key"
        return found[1]


def words(answer: HttpResponse) -> str:
    """What a person reads on a page: text alone, plain spaces, each once."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    text = html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u202f", " ").replace("\u00a0", " ")
    return " ".join(text.split())


def problems(answer: HttpResponse) -> list[str]:
    """The lines of the error summary."""
    summary = answer.content.decode().partition('class="error-summary"')[2].partition("</ul>")[0]
    found = re.findall(r"<li><a[^>]*>(.*?)</a>", summary, re.S)
    return [html.unescape(line).replace("\u202f", " ") for line in found]


def codes(answer: HttpResponse) -> list[str]:
    """The rules a page of refusal names."""
    return re.findall(r'class="code">Rule ([A-Z]+-[0-9]+)<', answer.content.decode())


@dataclass
class Reported:
    """A disbursement that went to the bank, and the bank's statement about it."""

    disbursement: Disbursement
    statement: Statement

    def line(self, minor: int) -> StatementLine:
        """The one line of this amount."""
        return self.statement.lines.get(minor=minor)

    def address(self, minor: int, act: str) -> str:
        """The address of an act on the line of this amount."""
        return f"/reconciliation/GVA/lines/{self.line(minor).identity[:16]}/{act}/"
