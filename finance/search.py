"""What is searched of the money: disbursements, payees by key or account, lines of the bank by their references."""

from __future__ import annotations

import re
from dataclasses import replace

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from finance.models import Disbursement, Payee, PayeeVersion, PaymentFile, StatementLine
from finance.views.line_order import Place, page_of
from finance.visibility import (
    SEES_DISBURSEMENTS,
    SEES_FILES,
    SEES_PAYEES,
    SEES_STATEMENTS,
    belongs_to,
    visible_disbursements,
    visible_payees,
)
from gaf.accounts.models import User
from gaf.sealing import fingerprint
from gaf.search import MOST_SHOWN, Found, Hit, Source, register
from gaf.templatetags.formats import plain_money

_CODE = re.compile(r"[A-Z0-9][A-Z0-9/.-]{2,79}")
_ACCOUNT = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,34}")
_HINT = re.compile(r"[A-Z0-9]{4}")


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def _exact_disbursements(person: User, text: str) -> list[str]:
    code = _compact(text)
    if not belongs_to(person, SEES_DISBURSEMENTS) or not _CODE.fullmatch(code):
        return []
    named = Q(number=code) | Q(end_to_end=code) | Q(attempts__provider_reference=text.strip())
    numbers = visible_disbursements(person).filter(named).values_list("number", flat=True).distinct()
    found = [reverse("disbursement", args=[number]) for number in numbers[:2]]
    if found or not belongs_to(person, SEES_FILES):
        return found
    files = PaymentFile.objects.filter(message_id=code).values_list("message_id", flat=True)
    return [reverse("payment_file", args=[one]) for one in files]


def _disbursements(person: User, text: str) -> Found | None:
    code = _compact(text)
    if not belongs_to(person, SEES_DISBURSEMENTS) or not _CODE.fullmatch(code):
        return None
    rows = visible_disbursements(person).filter(
        Q(number__contains=code) | Q(reference=code) | Q(payee_version__payee__key=code)
    )
    return Found(
        _("Disbursements"), [_disbursement(row) for row in rows.order_by("-number")[:MOST_SHOWN]], rows.count()
    )


def _disbursement(row: Disbursement) -> Hit:
    why = " · ".join([row.reference, plain_money(row.money), str(row.get_state_display())])
    return Hit(row.number, reverse("disbursement", args=[row.number]), why)


def _exact_payees(person: User, text: str) -> list[str]:
    code = _compact(text)
    if not belongs_to(person, SEES_PAYEES):
        return []
    named = Q(key=code)
    if _ACCOUNT.fullmatch(code):
        # The number itself is nowhere: equal accounts have equal keyed hashes.
        named |= Q(pk__in=PayeeVersion.objects.filter(account_fingerprint=fingerprint(code)).values("payee"))
    keys = visible_payees(person).filter(named).values_list("key", flat=True)
    return [reverse("payee", args=[key]) for key in keys[:2]]


def _payees(person: User, text: str) -> Found | None:
    code = _compact(text)
    if not belongs_to(person, SEES_PAYEES) or not _CODE.fullmatch(code):
        return None
    fits = Q(key__contains=code) if code.startswith("PAY") else Q(pk__in=())
    if _HINT.fullmatch(code):
        fits |= Q(pk__in=PayeeVersion.objects.filter(account_hint=code).values("payee"))
    if _ACCOUNT.fullmatch(code):
        fits |= Q(pk__in=PayeeVersion.objects.filter(account_fingerprint=fingerprint(code)).values("payee"))
    rows: QuerySet[Payee] = visible_payees(person).filter(fits)
    hits = [
        Hit(row.key, reverse("payee", args=[row.key]), f"{row.mission.name} · {row.get_kind_display()}")
        for row in rows.order_by("-key")[:MOST_SHOWN]
    ]
    return Found(_("Payees"), hits, rows.count(), reverse("payees"))


def _lines(person: User, text: str) -> QuerySet[StatementLine]:
    rows = StatementLine.objects.select_related("statement__bank_account")
    if not belongs_to(person, SEES_STATEMENTS):
        return rows.none()
    return rows.filter(Q(end_to_end=_compact(text)) | Q(bank_reference=text.strip())).order_by("pk")


def _exact_lines(person: User, text: str) -> list[str]:
    return [_address_of(line) for line in _lines(person, text)[:2]]


def _lines_found(person: User, text: str) -> Found | None:
    rows = _lines(person, text)
    hits = [
        Hit(
            line.end_to_end or line.bank_reference,
            _address_of(line),
            f"{line.statement.bank_account.code} · {plain_money(line.money)}",
        )
        for line in rows[:_FEW]
    ]
    return Found(_("Lines of the bank"), hits, rows.count()) if hits else None


_FEW = 3  # each is asked for the page it stands on


def _address_of(line: StatementLine) -> str:
    place = Place(show="all")
    there = replace(place, page=page_of(line, place))
    account = reverse("reconcile_account", args=[line.statement.bank_account.code])
    return f"{account}?{there.query}#line-{line.identity[:16]}"


register(Source(20, _exact_disbursements, _disbursements))
register(Source(30, _exact_payees, _payees))
register(Source(40, _exact_lines, _lines_found))
