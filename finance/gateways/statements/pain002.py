"""Reads pain.002: what the bank says about a payment file of ours, by local names in any namespace or in none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from lxml.etree import _Element

from finance.gateways.bank_file.hardened_xml import walk
from finance.gateways.bank_file.refusals import refuse_statement
from finance.gateways.statements import xml_values as strict

STATUSES: Final = {
    "ACCC", "ACCO", "ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP", "ACFC", "ACIS", "BLCK", "CANC", "CPUC", "PART",
    "PATC", "PDNG", "PRES", "RCVD", "RCVC", "RJCT",
}  # fmt: skip
REJECTED: Final = "RJCT"
_MESSAGE = re.compile(r"CstmrPmtStsRpt(V\d{2})?|pain\.002\.001\.\d{2}", re.ASCII)
_VERSION = re.compile(r"pain\.002\.\d{3}\.\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """What the bank says about one order; reasons are codes as AC01, or the bank's own."""

    end_to_end: str
    instruction_id: str
    status: str
    reasons: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What the bank says about one batch of a file, with the orders it names."""

    id: str
    status: str
    reasons: tuple[str, ...]
    transactions: tuple[TransactionStatus, ...]


@dataclass(frozen=True, slots=True)
class StatusReportRead:
    """One status report. An empty status means that the bank says nothing on that level."""

    format: str
    namespace: str | None
    message_id: str
    original_message_id: str
    group_status: str
    group_reasons: tuple[str, ...]
    words: str
    payments: tuple[PaymentStatus, ...]

    @property
    def transactions(self) -> tuple[TransactionStatus, ...]:
        """Every order that is named, in the file's order."""
        return tuple(one for payment in self.payments for one in payment.transactions)


def read_pain002(content: bytes) -> StatusReportRead:
    """The report. Raises StatementRefused (STMT-01 to STMT-24) with the first thing that is wrong."""
    root, message = None, None
    for event, path, element in walk(content):
        if event == "end" and len(path) == 1:
            root = element
        elif event == "end" and len(path) == 2:
            if message is not None or not _MESSAGE.fullmatch(strict.local(element)):
                raise _not_a_report()
            message = element
    if root is None or message is None:
        raise _not_a_report()
    return _report(root, message)


def _not_a_report() -> Exception:
    return refuse_statement("STMT-07", _("The file is not a payment status report (pain.002)."))


def _report(root: _Element, message: _Element) -> StatusReportRead:
    space = str(root.tag)[1:].partition("}")[0] if str(root.tag).startswith("{") else None
    group = strict.child(message, "OrgnlGrpInfAndSts")
    if group is None:
        raise refuse_statement("STMT-10", _("The report does not say which payment file it is about."))
    loose = tuple(_transaction(one) for one in strict.children(message, "TxInfAndSts"))  # as the second version did
    payments = tuple(_payment(one) for one in strict.children(message, "OrgnlPmtInfAndSts"))
    return StatusReportRead(
        format=_format(root, space),
        namespace=space,
        message_id=strict.text(message, "GrpHdr", "MsgId"),
        original_message_id=strict.text(group, "OrgnlMsgId"),
        group_status=_status(group, "GrpSts"),
        group_reasons=_reasons(group),
        words=_words(group),
        payments=payments + ((PaymentStatus("", "", (), loose),) if loose else ()),
    )


def _format(root: _Element, space: str | None) -> str:
    for place in (space or "", *(str(value) for value in root.attrib.values())):
        found = _VERSION.search(place)
        if found:
            return found[0]
    return "pain.002"


def _payment(element: _Element) -> PaymentStatus:
    return PaymentStatus(
        id=strict.text(element, "OrgnlPmtInfId"),
        status=_status(element, "PmtInfSts"),
        reasons=_reasons(element),
        transactions=tuple(_transaction(one) for one in strict.children(element, "TxInfAndSts")),
    )


def _transaction(element: _Element) -> TransactionStatus:
    return TransactionStatus(
        end_to_end=strict.text(element, "OrgnlEndToEndId"),
        instruction_id=strict.text(element, "OrgnlInstrId"),
        status=_status(element, "TxSts"),
        reasons=_reasons(element),
        words=_words(element),
    )


def _status(element: _Element, name: str) -> str:
    written = strict.text(element, name)
    if written and written not in STATUSES:
        raise refuse_statement("STMT-19", _("The status “%(status)s” is not known.") % {"status": written[:30]})
    return written


def _reasons(element: _Element) -> tuple[str, ...]:
    found = []
    for information in strict.children(element, "StsRsnInf"):
        reason = strict.child(information, "Rsn")
        code = strict.text(reason, "Cd") or strict.text(reason, "Prtry")
        if code:
            found.append(code[:40])
    return tuple(found)


def _words(element: _Element) -> str:
    told = [
        one for information in strict.children(element, "StsRsnInf") for one in strict.children(information, "AddtlInf")
    ]
    return strict.joined_text(told, "AddtlInf")
