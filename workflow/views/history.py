"""Every change of what people write on a request, field by field, as the witness kept it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gaf.accounts.models import Mission, User
from gaf.audience import audience
from gaf.money import Money
from gaf.policy import act_label
from gaf.templatetags.formats import day, plain_moment, plain_money
from workflow.models import (
    AlternativeCheck,
    AssistanceRequest,
    BudgetLine,
    Consent,
    CriteriaSet,
    Criterion,
    EligibilityAnswer,
    HelpAsked,
    Person,
    Question,
    Report,
    ReportLine,
    UrgentAllowance,
)
from workflow.policy import ACTS
from workflow.views.act_pages import READERS, record_url, request_within_sight
from workflow.views.field_words import coded, field_words

_A_PAGE = 50
# Text about the case: that it changed is told, what it says is not.
SEALED = frozenset(
    {
        "situation",
        "plan",
        "description",
        "price_reason",
        "programme",
        "note",
        "question",
        "exception_reason",
        "narrative",
    }
)
UNTOLD = frozenset(
    {
        *("id", "assistance", "report", "case", "version", "idempotency_key", "last_line_number", "proposed_for"),
        *("moved_at", "due_at", "asked_from", "held_state"),  # told by the decisions
        *("for_help", "for_sharing", "for_referral"),  # what the purposes come to
        *("recorded_by", "recorded_at"),  # who and when of the version itself
    }
)
KINDS: tuple[tuple[type[models.Model], str, str | Promise], ...] = (
    (AssistanceRequest, "id", gettext_lazy("Request")),
    (Person, "assistance_id", gettext_lazy("Person")),
    (Consent, "assistance_id", gettext_lazy("Consent")),
    (AlternativeCheck, "assistance_id", gettext_lazy("Other help asked")),
    (HelpAsked, "assistance_id", gettext_lazy("Help needed")),
    (BudgetLine, "assistance_id", gettext_lazy("Budget line")),
    (UrgentAllowance, "assistance_id", gettext_lazy("Urgent spending")),
    (Question, "assistance_id", gettext_lazy("Question")),
    (EligibilityAnswer, "assistance_id", gettext_lazy("Criterion")),
    (Report, "assistance_id", gettext_lazy("Report")),
)

# What a version is shown by beside its own columns.
_NAMED_BY: dict[type[models.Model], str] = {AssistanceRequest: "criteria_set", EligibilityAnswer: "criterion"}


@dataclass(frozen=True)
class Change:
    """One field, as it was and as it is."""

    field: str
    was: str
    now: str
    sealed: bool
    name: str = ""  # of the column
    pieces: Sequence[Any] = ()  # of a sealed text, for those who read it: what is the same, gone and new


@dataclass(frozen=True)
class Edit:
    """What one person changed on one record at one moment."""

    at: datetime
    who: str
    record: str
    kind: str
    why: str
    changes: list[Change]
    by: int = 0  # whose edit it was
    reason: str = ""  # the act it was part of, by its code


class Names:
    """Names of people and missions, and currencies of lines, that history rows hold as numbers; read once."""

    def __init__(self, assistance: AssistanceRequest) -> None:
        lines = list(assistance.lines.all())
        self.currencies = {line.pk: line.currency for line in lines}
        self._lines = {line.pk: str(line.number) for line in lines}
        self.people = {person.pk: person.name for person in User.objects.only("pk", "name")}
        self.missions = {mission.pk: mission.name for mission in Mission.objects.only("pk", "name")}

    def of(self, field: models.Field[Any, Any], value: object, row: Any) -> str:
        """A value of a history row in words."""
        if value is None or value == "" or value == []:
            return "–"
        related = field.related_model
        if related is User:
            return self.people.get(value, "–")  # type: ignore[call-overload]
        if related is Mission:
            return self.missions.get(value, "–")  # type: ignore[call-overload]
        if related is CriteriaSet:
            return str(row.criteria_set.number)
        if related is Criterion:
            return str(row.criterion.question)
        if related is BudgetLine:
            return self._lines.get(value, "–")  # type: ignore[call-overload]
        if field.name.endswith("_minor") and isinstance(value, int):
            return plain_money(Money(value, self._currency(field.name, row)))
        if isinstance(value, datetime):
            return plain_moment(value)
        if isinstance(value, date):
            return day(value)
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        return coded(field.name, value)

    def _currency(self, name: str, row: Any) -> str:
        if "usd" in name:
            return "USD"
        return getattr(row, "currency", "") or self.currencies.get(getattr(row, "line_id", 0), "USD")


def rows_of(assistance: AssistanceRequest) -> Iterable[tuple[str, list[Any]]]:
    """History rows of each record of the request, oldest first, with the name of the record; a query for each kind."""
    for model, key, label in KINDS:
        rows = model.history.filter(**{key: assistance.pk})  # type: ignore[attr-defined]
        if model in _NAMED_BY:
            rows = rows.select_related(_NAMED_BY[model])
        yield from _by_record(str(label), rows)
    reports = Report.objects.filter(assistance=assistance).values_list("pk", flat=True)
    yield from _by_record(_("Report"), ReportLine.history.filter(report_id__in=list(reports)))


def _by_record(label: str, rows: Any) -> Iterable[tuple[str, list[Any]]]:
    found: dict[int, list[Any]] = {}
    for row in rows.order_by("history_date", "history_id"):
        found.setdefault(row.id, []).append(row)
    for versions in found.values():
        first = versions[0]
        known_as = getattr(first, "key", "") or getattr(first, "number", "")
        yield f"{label} {known_as}".strip(), versions


def changes_between(before: Any, row: Any, names: Names) -> list[Change]:
    """Fields that differ between two versions of a record; of its first version all that say something."""
    found = []
    for field in row.tracked_fields:
        if field.name in UNTOLD:
            continue
        was, now = (getattr(before, field.attname) if before is not None else None), getattr(row, field.attname)
        if was == now or (before is None and now in (None, "", [], 0, False)):
            continue
        sealed = field.name in SEALED or (field.name == "answer" and not field.flatchoices)
        shown = ("", "") if sealed else (names.of(field, was, before), names.of(field, now, row))
        found.append(Change(field_words(field.name), shown[0], shown[1], sealed, field.name))
    return found


_WHAT_HAPPENED = {"+": gettext_lazy("written"), "~": gettext_lazy("changed"), "-": gettext_lazy("removed")}


def edits_of(assistance: AssistanceRequest) -> list[Edit]:
    """Every edit, newest first; one that changed nothing anybody may see is left out."""
    names, found = Names(assistance), []
    for record, versions in rows_of(assistance):
        before = None
        for row in versions:
            changes = changes_between(before, row, names) if row.history_type != "-" else []
            if changes or row.history_type == "-":
                why = row.history_change_reason or ""
                found.append(
                    Edit(
                        at=row.history_date,
                        who=names.people.get(row.history_user_id, "–"),
                        record=record,
                        kind=str(_WHAT_HAPPENED[row.history_type]),
                        why=act_label(why) if why in ACTS else "",
                        changes=changes,
                        by=row.history_user_id or 0,
                        reason=why,
                    )
                )
            before = row
    return sorted(found, key=lambda edit: edit.at, reverse=True)


@audience(*READERS)
@require_safe
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """The page."""
    assistance = request_within_sight(request, reference)
    page = Paginator(edits_of(assistance), _A_PAGE).get_page(request.GET.get("page", "1"))
    context = {
        "reference": assistance.reference,
        "back_url": record_url(assistance),
        "page": page,
        "zone": assistance.mission.time_zone,
    }
    return render(request, "workflow/headquarters/history.html", context)
