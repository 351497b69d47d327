"""What a case consists of: words sealed under its key, files, and codes that say something of persons.

One table of every sealed text; a test compares it with the models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from finance.models import Disbursement
from gaf.decisions.models import Decision
from gaf.privacy.models import Read
from gaf.sealing import has_key
from workflow.codelists import NATIONALITY_NOT_KNOWN, Disability
from workflow.models import (
    Activity,
    AlternativeCheck,
    Amendment,
    AmendmentLine,
    Assessment,
    AssistanceRequest,
    BudgetLine,
    Case,
    Complaint,
    Consent,
    Document,
    EligibilityAnswer,
    Fingerprint,
    FollowUpVisit,
    GateEvidence,
    HelpAsked,
    KnownPerson,
    Likeness,
    LostReceipt,
    Person,
    Question,
    Referral,
    ReintegrationMeasure,
    ReintegrationPlan,
    Remark,
    Report,
    SurveyResult,
    TraffickingScreening,
    Upload,
    UploadPiece,
)
from workflow.states import RequestState

KEY, TEXTS, FILES, CONSENT, PROTECTION, PERSONS = "key", "texts", "files", "consent", "protection", "persons"
GOES = {
    KEY: _("Keys of the case"),
    TEXTS: _("Sealed texts, earlier versions among them"),
    FILES: _("Documents"),
    CONSENT: _("Consent, and what was asked elsewhere"),
    PROTECTION: _("Assessments, screenings, referrals, evidence for gates, reintegration plans and surveys"),
    PERSONS: _("Persons: nationality, disability, and what marked the request; where nothing was sent, all of it"),
}
REQUESTS, DECISIONS, LINES, DISBURSEMENTS = "requests", "decisions", "lines", "disbursements"
STAYS = {
    REQUESTS: _("Requests: number, days, mission; where they were sent, category and persons by sex and age band"),
    DECISIONS: _("Decisions, under the keys of persons and the codes that were decided on"),
    LINES: _("Budget lines, without their words"),
    DISBURSEMENTS: _("Disbursements with their payees, as evidence for auditors"),
}


@dataclass(frozen=True)
class Words:
    """The sealed texts of one kind of row, and how the row hangs on the case."""

    model: type[models.Model]
    fields: tuple[str, ...]
    case: str = "assistance__case"


SEALED_WORDS = (
    Words(AssistanceRequest, ("situation", "plan"), "case"),
    Words(Consent, ("exception_reason",)),
    Words(AlternativeCheck, ("programme", "note")),
    Words(EligibilityAnswer, ("note",)),
    Words(Question, ("question", "answer")),
    Words(Document, ("filename",)),
    Words(Upload, ("filename",)),
    Words(UploadPiece, ("content",), "upload__assistance__case"),
    Words(BudgetLine, ("description", "price_reason")),
    Words(Report, ("narrative",)),
    Words(LostReceipt, ("statement",)),
    Words(Amendment, ("why",)),
    Words(AmendmentLine, ("description",), "amendment__assistance__case"),
    Words(Remark, ("body",)),
    Words(Activity, ("note", "outcome")),
    Words(Complaint, ("words", "answer")),
    Words(GateEvidence, ("note",)),
    Words(TraffickingScreening, ("note",)),
    Words(Referral, ("to_whom",)),
    Words(Assessment, ("reason", "wishes")),
    Words(ReintegrationPlan, ("words",)),
    Words(FollowUpVisit, ("words",)),
    Words(SurveyResult, ("answers",)),
)
# Rows that go altogether: each says something of a person in codes.
_OF_CONSENT = (Consent, AlternativeCheck)
_OF_PROTECTION = (
    GateEvidence,
    TraffickingScreening,
    Referral,
    Assessment,
    ReintegrationMeasure,
    ReintegrationPlan,
    SurveyResult,
)
# Rows that stay for their figures, without their words.
_BLANKED = (AssistanceRequest, BudgetLine, Report)


def _versions(model: Any) -> Any:
    """The model of the earlier versions of a row, where they are kept."""
    return getattr(getattr(model, "history", None), "model", None)


def _rows(case: Case) -> Iterator[tuple[QuerySet[Any], tuple[str, ...]]]:
    for words in SEALED_WORDS:
        for model in filter(None, (words.model, _versions(words.model))):
            yield model._default_manager.filter(**{words.case: case}), words.fields
    references = list(case.requests.values_list("reference", flat=True))
    holds = list(case.retention_holds.values_list("key", flat=True))
    alike = list(Likeness.objects.filter(second__assistance__case=case).values_list("key", flat=True))
    said = list(Complaint.objects.filter(assistance__case=case).values_list("key", flat=True))
    yield Decision.objects.filter(reference__in=[*references, *holds, *alike, *said]), ("reason",)
    yield Read.objects.filter(reference__in=references), ("reason",)


def _texts(case: Case) -> int:
    """How many texts are sealed under the key of a case; one statement."""
    counts = [
        rows.filter(**{f"{field}__startswith": f"s1:{case.key}:"})
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(many=Count("pk"))
        .values("many")
        for rows, fields in _rows(case)
        for field in fields
    ]
    return sum(row["many"] for row in counts[0].union(*counts[1:], all=True))


def what_goes(case: Case) -> dict[str, int]:
    """How much of a case an erasure destroys, by kind."""
    return {
        KEY: int(has_key(case.key)),
        TEXTS: _texts(case),
        FILES: Document.objects.filter(assistance__case=case).count(),
        CONSENT: _count(_OF_CONSENT, case),
        PROTECTION: _count(_OF_PROTECTION, case),
        PERSONS: Person.objects.filter(assistance__case=case).count(),
    }


def _count(kinds: Iterable[Any], case: Case) -> int:
    return sum(kind.objects.filter(assistance__case=case).count() for kind in kinds)


def what_stays(case: Case) -> dict[str, int]:
    """How much of a case stays, by kind."""
    references = list(case.requests.values_list("reference", flat=True))
    return {
        REQUESTS: len(references),
        DECISIONS: Decision.objects.filter(reference__in=references).count(),
        LINES: BudgetLine.objects.filter(assistance__case=case).count(),
        DISBURSEMENTS: Disbursement.objects.filter(reference__in=references).count(),
    }


def remove(case: Case) -> list[str]:
    """Take out of the tables, and out of the versions kept beside them, what goes; returns the names of its files."""
    files = list(Document.objects.filter(assistance__case=case).order_by("pk").values_list("key", flat=True))
    Document.objects.filter(assistance__case=case).delete()
    Upload.objects.filter(assistance__case=case).delete()
    _remove_likenesses(case)
    for kind in (*_OF_CONSENT, *_OF_PROTECTION):
        _remove_rows(kind, case)
    for words in SEALED_WORDS:
        if words.model in _BLANKED:
            _change(words.model, words.case, case, dict.fromkeys(words.fields, ""))
    _change(
        Person,
        "assistance__case",
        case,
        {"nationality": NATIONALITY_NOT_KNOWN, "disability": Disability.NOT_ASKED},
    )
    _change(AssistanceRequest, "case", case, {"profile_tags": [], "other_categories": []})
    if _was_never_sent(case):
        _remove_rows(HelpAsked, case)
        _remove_rows(Person, case)
        _change(AssistanceRequest, "case", case, {"primary_category": "", "needed_until": None})
    return files


def _was_never_sent(case: Case) -> bool:
    """Nobody but the mission ever saw it, and no figure counts it: nothing but its number and days stays."""
    sent = case.requests.exclude(state=RequestState.WITHDRAWN, submitted_at=None)
    return not sent.exists()


def _remove_likenesses(case: Case) -> None:
    """Nothing is left by which a person of the case would be found again, or be known as another."""
    Fingerprint.objects.filter(person__assistance__case=case).delete()
    KnownPerson.objects.filter(person__assistance__case=case).delete()
    Likeness.objects.filter(Q(first__assistance__case=case) | Q(second__assistance__case=case)).delete()


def _remove_rows(kind: Any, case: Case) -> None:
    """The rows, and every version of them; removing a row leaves one more version behind, so versions go last."""
    kind.objects.filter(assistance__case=case).delete()
    versions = _versions(kind)
    if versions is not None:
        versions.objects.filter(assistance__case=case).delete()


def _change(kind: Any, path: str, case: Case, values: dict[str, Any]) -> None:
    """The rows and every version of them alike, so that the last version stays what the row is."""
    for model in filter(None, (kind, _versions(kind))):
        model._default_manager.filter(**{path: case}).update(**values)
