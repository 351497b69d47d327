"""Who else may say no before a disbursement leaves. The money does not know why; it only asks, and holds.

A room above registers what it objects to; it is asked when a payer releases, and once more before anything leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from finance.models import Disbursement
from gaf.refusals import Refusal

Objector = Callable[[Sequence[Disbursement], datetime], dict[int, list[Refusal]]]
_objectors: list[Objector] = []


def objects(objector: Objector) -> Objector:
    """Register somebody who may say no: many disbursements in, refusals by their number in the database out."""
    _objectors.append(objector)
    return objector


def objections_of(disbursements: Sequence[Disbursement], at: datetime) -> dict[int, list[Refusal]]:
    """Everything that is said against letting these go, by their number in the database."""
    found: dict[int, list[Refusal]] = {row.pk: [] for row in disbursements}
    for objector in _objectors if disbursements else ():
        for pk, refusals in objector(disbursements, at).items():
            found[pk].extend(refusals)
    return found
