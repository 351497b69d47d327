"""What the bank answered to a file (pain.002): taken, or refused with a reason, whole or order by order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from finance.gateways.bank_file.hardened_xml import walk
from finance.gateways.bank_file.refusals import StatementRefused
from finance.gateways.port import ProviderStatus

_REJECTED = "RJCT"
_MOST_ANSWERS = 500  # of the newest; an answer comes within days


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What the bank says about one order. `reason` is its code (`AC01`). In transit: only a statement says paid."""

    status: ProviderStatus
    reason: str = ""


def answers_about(folder: Path, message_id: str, end_to_end: str) -> BankAnswer | None:
    """The newest answer in a folder that names this order of this file; None where there is none.

    A file that is no pain.002, or cannot be trusted, tells nothing.
    """
    for path in sorted(folder.glob("*.xml"), key=lambda found: found.stat().st_mtime_ns, reverse=True)[:_MOST_ANSWERS]:
        content = path.read_bytes()
        if b"CstmrPmtStsRpt" not in content or message_id.encode() not in content:
            continue
        try:
            found = _read(content, message_id, end_to_end)
        except StatementRefused:
            continue
        if found is not None:
            return found
    return None


def _read(content: bytes, message_id: str, end_to_end: str) -> BankAnswer | None:
    """The order's own status before the file's; nothing when the message is about another file."""
    about, group, group_reason = "", "", ""
    order: dict[str, str] = {}
    for event, path, element in walk(content):
        if event != "end":
            continue
        names = tuple(tag.rsplit("}", 1)[-1] for tag in path)
        text = (element.text or "").strip()
        if names[-1] == "OrgnlMsgId":
            about = text
        elif names[-2:] == ("OrgnlGrpInfAndSts", "GrpSts"):
            group = text
        elif names[-4:] == ("OrgnlGrpInfAndSts", "StsRsnInf", "Rsn", "Cd"):
            group_reason = text
        elif "TxInfAndSts" in names[:-1] and names[-1] in ("OrgnlEndToEndId", "TxSts", "Cd"):
            order.setdefault(names[-1], text)
        elif names[-1] == "TxInfAndSts":
            if about == message_id and order.get("OrgnlEndToEndId") == end_to_end and order.get("TxSts"):
                return _answer(order["TxSts"], order.get("Cd", ""))
            order = {}
    return _answer(group, group_reason) if about == message_id and group else None


def _answer(status: str, reason: str) -> BankAnswer:
    if status == _REJECTED:
        return BankAnswer(ProviderStatus.FAILED, reason or _REJECTED)
    return BankAnswer(ProviderStatus.PENDING if status == "PDNG" else ProviderStatus.IN_TRANSIT)
