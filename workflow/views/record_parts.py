"""The parts of a record, as a summary list or a table shows them. Sealed text is read only by those who may."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gaf.accounts.models import User
from gaf.figures import colon
from gaf.money import Money, total
from gaf.templatetags.formats import day, plain_moment, plain_money
from workflow.codelists import (
    AssistanceType,
    ConsentGiver,
    ConsentMode,
    ConsentPurpose,
    Disability,
    MigrantCategory,
    ProfileTag,
    Section,
    country_name,
)
from workflow.models import AssistanceRequest, BudgetLine, Person
from workflow.reasons import CutReason, Gate
from workflow.states import LineState

Rows = list[dict[str, Any]]


def sealed() -> str:
    """What stands in place of text this person may not read."""
    return _("sealed")


def _row(label: str, value: object) -> dict[str, Any]:
    return {"label": label, "value": value}


def person_words(person: Person) -> str:
    """One person without a name: sex, age band, nationality, and a disability if they told of one."""
    words = f"{person.get_sex_display()}, {person.get_age_band_display()}, {country_name(person.nationality)}"
    if person.disability == Disability.YES:
        words = _("%(person)s, with a disability") % {"person": words}
    if not person.has_left:
        return words
    return _("%(person)s (left: %(why)s)") % {"person": words, "why": person.get_left_code_display()}


def _people(assistance: AssistanceRequest) -> str:
    alike = Counter(person_words(person) for person in assistance.persons.all())
    return "\n".join(f"{count} × {words}" if count > 1 else words for words, count in alike.items())


def _consent(assistance: AssistanceRequest, reads: bool) -> str:
    consent = getattr(assistance, "consent", None)
    if consent is None:
        return ""
    parts = [str(ConsentMode(consent.mode).label)]
    if consent.given_on:
        parts.append(day(consent.given_on))
    if consent.mode != ConsentMode.EXCEPTION:
        parts.append(str(ConsentGiver(consent.given_by).label))
    if consent.with_interpreter:
        parts.append(_("with an interpreter"))
    parts += [str(ConsentPurpose(code).label) for code in consent.purposes if code in ConsentPurpose.values]
    if consent.withdrawn_on:
        parts.append(_("taken back on %(day)s, in whole or in part") % {"day": day(consent.withdrawn_on)})
    if consent.exception_reason:
        parts.append(consent.exception_text if reads else sealed())
    return "\n".join(parts)


def asked_rows(assistance: AssistanceRequest, reads: bool) -> Rows:
    """People, consent, category, situation, help wanted and plan."""
    categories = [str(MigrantCategory(code).label) for code in assistance.categories]
    tags = [str(ProfileTag(code).label) for code in assistance.profile_tags if code in ProfileTag.values]
    wanted = [
        f"{AssistanceType(row.assistance_type).label}{colon()} {plain_money(row.rough_cost)}"
        for row in assistance.help_asked.all()
    ]
    rows = [
        _row(_("Persons"), _people(assistance)),
        _row(_("Consent"), _consent(assistance, reads)),
        _row(_("Category"), "\n".join([*categories, *tags])),
        _row(_("Situation"), (assistance.situation_text if reads else sealed()) if assistance.situation else ""),
        _row(_("Help needed, about"), "\n".join(wanted)),
    ]
    if assistance.plan:
        rows.append(_row(_("Assistance plan"), assistance.plan_text if reads else sealed()))
    return rows


@dataclass(frozen=True)
class AlternativeShown:
    """One programme that was asked before the fund."""

    programme: str
    asked_on: Any
    answer: str
    note: str


def alternatives_shown(assistance: AssistanceRequest, reads: bool) -> list[AlternativeShown]:
    """Other help that was asked, in order."""
    return [
        AlternativeShown(
            (check.programme_text if reads else sealed()) if check.programme else "",
            check.asked_on,
            check.get_answer_display(),
            (check.note_text if reads else sealed()) if check.note else "",
        )
        for check in assistance.alternatives.all()
    ]


@dataclass(frozen=True)
class LineShown:
    """One budget line with what became of it."""

    line: BudgetLine
    number: int
    what: str
    description: str
    mission: str
    persons: int | None  # not known of the past
    quantity: Decimal
    unit: str
    approved: Money | None
    approved_quantity: Decimal | None
    cancelled: Money | None
    outcome: str
    stream: str
    waits: str = ""  # closed gates that hold it back, in words


def line_outcome(line: BudgetLine) -> str:
    """What was decided about a line, with its reason or the condition it waits for."""
    words = str(LineState(line.state).label)
    if line.state in (LineState.CUT, LineState.DECLINED) and line.cut_code:
        return f"{words}{colon()} {CutReason(line.cut_code).label}"
    if line.state == LineState.DEFERRED and line.gate_code:
        return f"{words}{colon()} {Gate(line.gate_code).label}"
    return words


def line_shown(line: BudgetLine, reads: bool, waits: str = "") -> LineShown:
    """One line for a table; its persons were counted with it. `waits`: what holds it back, in words."""
    decided = line.approved_quantity is not None
    return LineShown(
        line=line,
        number=line.number,
        what=line.get_assistance_type_display(),
        description=line.description_text if reads else sealed(),
        mission=line.mission.name,
        persons=line.persons_count,  # type: ignore[attr-defined]
        quantity=line.quantity,
        unit=line.get_unit_display(),
        approved=line.approved_usd if decided else None,
        approved_quantity=line.approved_quantity,
        cancelled=Money(line.cancelled_usd_minor, "USD") if line.cancelled_usd_minor else None,
        outcome=line_outcome(line),
        stream=line.stream_code,
        waits=waits,
    )


@dataclass(frozen=True)
class LinesShown:
    """The budget: its lines and their sums in US dollars."""

    rows: list[LineShown]
    asked: Money
    approved: Money
    cancelled: Money
    was_decided: bool


def lines_shown(assistance: AssistanceRequest, reads: bool, waits: dict[int, str] | None = None) -> LinesShown:
    """All lines of a request, and what they come to. `waits`: what holds a line back, by its number in the database."""
    lines = list(assistance.lines.all())
    return LinesShown(
        rows=[line_shown(line, reads, (waits or {}).get(line.pk, "")) for line in lines],
        asked=total([line.usd for line in lines], "USD"),
        approved=total([line.approved_usd for line in lines], "USD"),
        cancelled=Money(sum(line.cancelled_usd_minor for line in lines), "USD"),
        was_decided=any(line.state != LineState.PROPOSED for line in lines),
    )


@dataclass(frozen=True)
class QuestionShown:
    """A question about one part, and its answer when there is one."""

    number: int
    about: str
    question: str
    asked_by: User
    asked_at: datetime
    answer: str
    answered_by: User | None
    answered_at: datetime | None


def questions_shown(assistance: AssistanceRequest, reads: bool) -> list[QuestionShown]:
    """Questions and answers, newest first."""
    return [
        QuestionShown(
            row.number,
            str(Section(row.field_code).label),
            row.question_text if reads else sealed(),
            row.asked_by,
            row.asked_at,
            (row.answer_text if reads else sealed()) if row.answer else "",
            row.answered_by,
            row.answered_at,
        )
        for row in reversed(list(assistance.questions.all()))
    ]


def fact_rows(assistance: AssistanceRequest) -> Rows:
    """What stands beside the record."""
    zone = assistance.mission.time_zone
    others = [row.mission.name for row in assistance.missions.all() if row.mission_id != assistance.mission_id]
    rows = [
        _row(_("Mission"), assistance.mission.name),
        _row(_("Priority"), f"{assistance.priority} {assistance.get_priority_display()}"),
        _row(_("Language"), assistance.get_language_display()),
        _row(_("Written by"), str(assistance.author)),
    ]
    if others:
        rows.insert(1, _row(_("With"), ", ".join(others)))
    moments = [
        (_("Sent"), assistance.submitted_at),
        (_("Endorsed"), assistance.endorsed_at),
        (_("Approved"), assistance.approved_at),
        (_("Closed"), assistance.closed_at),
    ]
    rows += [_row(label, plain_moment(at, zone)) for label, at in moments if at]
    days = [
        (_("Needed until"), assistance.needed_until),
        (_("Help ends"), assistance.delivery_ends_on),
        (_("Reports due"), assistance.reports_due_on),
    ]
    rows += [_row(label, day(on)) for label, on in days if on]
    if assistance.criteria_set is not None:
        number = assistance.criteria_set.number
        rows.append(_row(_("Criteria"), _("set %(number)s") % {"number": number}))
    if assistance.closure_code:
        rows.append(_row(_("How help ended"), assistance.get_closure_code_display()))
    living = [person for person in assistance.persons.all() if not person.has_left]
    words = ngettext("%(count)s person", "%(count)s persons", len(living)) % {"count": len(living)}
    return [*rows, _row(_("For"), words)]


@dataclass(frozen=True)
class Passage:
    """One part of the request, under the code that criteria and questions name it by."""

    code: str
    title: str
    text: str


def passages(assistance: AssistanceRequest, reads: bool) -> list[Passage]:
    """The request in its parts, to be read beside a form."""
    asked = {row["label"]: row["value"] for row in asked_rows(assistance, reads)}
    until = day(assistance.needed_until) if assistance.needed_until else ""
    urgency = f"{assistance.priority} {assistance.get_priority_display()}\n{until}".strip()
    texts = {
        Section.PERSONS: asked[_("Persons")],
        Section.CONSENT: asked[_("Consent")],
        Section.CATEGORY: asked[_("Category")],
        Section.SITUATION: asked[_("Situation")],
        Section.HELP: asked[_("Help needed, about")],
        Section.URGENCY: urgency,
        Section.PLAN: asked.get(_("Assistance plan"), ""),
    }
    return [Passage(code.value, str(code.label), text) for code, text in texts.items()]
