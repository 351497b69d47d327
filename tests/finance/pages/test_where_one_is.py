"""The bar marks where one is, on the pages too whose address does not begin with their word."""

from __future__ import annotations

import pytest
from django.test import Client
from lxml import html

from tests.finance.builders import REQUEST, Fund, usd

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "path", "word"),
    [
        ("viktor", "/screening/", "Payees"),
        ("helena", "/rates/", "Fund"),
        ("marie", f"/tranches/{REQUEST}/", "Disbursements"),
        ("helena", "/fund/refunds/", "Fund"),
        ("esi", "/reconciliation/rules/", "Reconcile"),
    ],
)
def test_the_bar_marks_one_word(fund: Fund, name: str, path: str, word: str) -> None:
    fund.commit(usd("500.00"))
    client = Client()
    client.force_login(getattr(fund, name))

    tree = html.fromstring(client.get(path).content)

    marked = tree.xpath("//nav//a[@aria-current='page' and not(ancestor::nav[@class='breadcrumb'])]")
    assert [
        link.text_content().split()[0] for link in marked if "/reconciliation/rules/new" not in link.get("href")
    ] == [word]
