"""What must be true of amendments and of erasures; named by `verify_books` beside what must be true of the money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from finance.books_registry import Broken, Reading, check
from finance.models import Commitment
from gaf.decisions.models import Decision
from gaf.decisions.record import canonical, sha256
from gaf.sealing import has_key
from workflow.actions.amending import line_facts
from workflow.actions.erasing import certificate
from workflow.models import Amendment, AmendmentLine, Document, Erasure
from workflow.states import ErasureState

_AS_NUMBERS = ("quantity", "rate")


@check(
    "AMENDED",
    "every amendment asks for what was asked, and what was approved of it stands in the budget and is committed",
    part_of="I6",
)
def amendments_agree(reading: Reading) -> Iterator[Broken]:
    """By the decision that asked for it, the decision that approved it, and the commitments."""
    rows = Amendment.objects.select_related("assistance").prefetch_related("lines__line", "lines__became")
    for amendment in rows.order_by("pk"):
        decisions = reading.decided.get(amendment.key, [])
        lines = list(amendment.lines.all())
        for what in (*_asked_differs(amendment, lines, decisions), *_approved_differs(amendment, lines, decisions)):
            yield Broken(f"amendment {amendment.key}", what)


def _asked_differs(amendment: Amendment, lines: list[AmendmentLine], decisions: list[Decision]) -> Iterator[str]:
    if amendment.key != f"{amendment.assistance.reference}/A{amendment.number}":
        yield "stands on another request or in another place than its key says"
    if not decisions:
        yield "was never asked for"
        return
    asked, last = decisions[0], decisions[-1]
    if (amendment.asked_by_id, amendment.asked_at) != (asked.actor_id, asked.at):
        yield "was asked for by another person, or at another moment"
    if amendment.moved_at != last.at:
        yield "was moved at another moment than was decided"
    if _as_asked(line_facts(line) for line in lines) != _as_asked(asked.facts.get("lines", [])):
        yield "asks for other changes than were asked for"


def _as_asked(facts: Any) -> list[dict[str, Any]]:
    """Facts of changes, with numbers as numbers: 1 and 1.00 are one quantity."""
    return [{word: Decimal(str(v)) if word in _AS_NUMBERS else v for word, v in one.items()} for one in facts]


def _approved_differs(amendment: Amendment, lines: list[AmendmentLine], decisions: list[Decision]) -> Iterator[str]:
    approved = next((one for one in decisions if one.act == "approve_amendment"), None)
    if approved is None:
        if any(line.became_id for line in lines):
            yield "changed the budget, and nobody approved it"
        return
    if approved.facts.get("delta_usd_minor") != amendment.delta.minor:
        yield "adds another amount than was approved"
    streams = [one.get("stream", "") for one in approved.facts.get("lines", [])]
    for line, stream in zip(lines, streams, strict=False):
        if line.adds and not _is_in_the_budget(amendment, line, stream):
            yield f"was approved, and change {line.number} does not stand in the budget with its commitment"


def _is_in_the_budget(amendment: Amendment, line: AmendmentLine, stream: str) -> bool:
    made = line.became
    if made is None or made.assistance_id != amendment.assistance_id or made.stream_code != stream:
        return False
    if (made.approved_local_minor, made.approved_usd_minor) != (line.local_minor, line.usd_minor):
        return False
    return Commitment.objects.filter(
        reference=amendment.assistance.reference,
        line_key=made.key,
        stream__code=stream,
        usd_minor=line.usd_minor,
        local_minor=line.local_minor,
    ).exists()


@check("ERASED", "every certificate says what was decided, and nothing of an erased case can be read", part_of="I15")
def erased_is_gone(reading: Reading) -> Iterator[Broken]:
    """By the certificate's digest, the decision that carries it, the store of keys and the documents."""
    rows = Erasure.objects.filter(state=ErasureState.DONE).select_related("case").order_by("pk")
    for erasure in rows:
        for what in _not_gone(erasure, reading.last(erasure.key, "carry_out_erasure")):
            yield Broken(f"erasure {erasure.key}", what)


def _not_gone(erasure: Erasure, done: Decision | None) -> Iterator[str]:
    digest = sha256(canonical(certificate(erasure)))
    if erasure.digest != digest or done is None or done.facts.get("certificate") != digest:
        yield "has a certificate that says something else than was certified"
    if has_key(erasure.case_id):
        yield "was certified, and the key of the case is still there"
    if Document.objects.filter(assistance__case=erasure.case).exists():
        yield "was certified, and a document of the case is still there"
