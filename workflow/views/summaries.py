"""The parts of a request as their mission checks them: labels and values, each with the page where it is changed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gaf.figures import colon
from gaf.templatetags.formats import day, number, plain_money, short_day
from workflow.codelists import AssistanceType, ConsentGiver, ConsentMode, MigrantCategory, ProfileTag, Section
from workflow.forms.lines import person_words
from workflow.models import AssistanceRequest, Consent
from workflow.views.writing import section_url

Row = dict[str, Any]


def _row(label: str, value: str) -> Row:
    return {"label": label, "value": value}


def _persons(assistance: AssistanceRequest) -> list[Row]:
    persons = enumerate(assistance.persons.all(), start=1)
    words = [person_words(place, person) for place, person in persons if not person.has_left]
    others = [row.mission.name for row in assistance.missions.select_related("mission") if not row.leads]
    rows = [_row(_("Persons"), "\n".join(words))]
    return [*rows, _row(_("Other missions"), ", ".join(others))] if others else rows


def _consent(assistance: AssistanceRequest) -> list[Row]:
    consent = Consent.objects.filter(assistance=assistance).first()
    if consent is None:
        return [_row(_("Consent"), "")]
    words = [str(ConsentMode(consent.mode).label)]
    if consent.given_on:
        words.append(day(consent.given_on))
    if consent.mode != ConsentMode.EXCEPTION:
        words.append(str(ConsentGiver(consent.given_by).label))
    if consent.with_interpreter:
        words.append(_("an interpreter helped"))
    return [_row(_("Consent"), ", ".join(words) + (f"\n{consent.exception_text}" if consent.exception_reason else ""))]


def _category(assistance: AssistanceRequest) -> list[Row]:
    labels = [str(MigrantCategory(code).label) for code in assistance.categories]
    tags = [str(ProfileTag(code).label) for code in assistance.profile_tags]
    main = str(MigrantCategory(assistance.primary_category).label) if assistance.primary_category else ""
    rows = [_row(_("Main category"), main)]
    others = [label for label in labels if label != main]
    rows += [_row(_("Other categories"), "\n".join(others))] if others else []
    return rows + ([_row(_("What else matters"), "\n".join(tags))] if tags else [])


def _situation(assistance: AssistanceRequest) -> list[Row]:
    return [_row(_("What happened"), assistance.situation_text)]


def _alternatives(assistance: AssistanceRequest) -> list[Row]:
    words = []
    for check in assistance.alternatives.all():
        parts = [check.programme_text, short_day(check.asked_on) if check.asked_on else ""]
        parts += [check.get_answer_display(), check.note_text]
        words.append(" · ".join(part for part in parts if part))
    return [_row(_("Other help asked"), "\n".join(words))]


def _help(assistance: AssistanceRequest) -> list[Row]:
    words = [
        f"{AssistanceType(row.assistance_type).label}{colon()} {plain_money(row.rough_cost)}"
        for row in assistance.help_asked.all()
    ]
    return [_row(_("Help needed, rough cost"), "\n".join(words))]


def _urgency(assistance: AssistanceRequest) -> list[Row]:
    rows = [_row(_("Priority"), f"{assistance.priority} {assistance.get_priority_display()}")]
    return [*rows, _row(_("Until"), day(assistance.needed_until))] if assistance.needed_until else rows


def _documents(assistance: AssistanceRequest) -> list[Row]:
    count = assistance.documents.count()
    words = ngettext("%(count)s document", "%(count)s documents", count) % {"count": count}
    return [_row(_("Documents"), words if count else _("None"))]


def _plan(assistance: AssistanceRequest) -> list[Row]:
    months = assistance.delivery_months
    for_months = ngettext("%(count)s month", "%(count)s months", months or 0) % {"count": months}
    return [_row(_("Assistance plan"), assistance.plan_text), _row(_("Help lasts"), for_months if months else "")]


def _lines(assistance: AssistanceRequest) -> list[Row]:
    rows = []
    for line in assistance.lines.select_related("mission"):
        unit, kind = line.get_unit_display(), line.get_assistance_type_display()
        words = f"{kind}{colon()} {line.description_text}\n{number(line.quantity)} × {unit}, {plain_money(line.local)}"
        words += "" if line.currency == "USD" else f" ({plain_money(line.usd)})"
        words += f"\n{_('Why it costs more than usual')}{colon()} {line.price_reason_text}" if line.price_reason else ""
        rows.append(_row(_("Line %(number)s, %(mission)s") % {"number": line.number, "mission": line.mission}, words))
    return rows or [_row(_("Budget lines"), "")]


_ROWS = {
    Section.PERSONS.value: _persons,
    Section.CONSENT.value: _consent,
    Section.CATEGORY.value: _category,
    Section.SITUATION.value: _situation,
    Section.ALTERNATIVES.value: _alternatives,
    Section.HELP.value: _help,
    Section.URGENCY.value: _urgency,
    Section.DOCUMENTS.value: _documents,
    Section.PLAN.value: _plan,
    Section.LINES.value: _lines,
}


def section_rows(assistance: AssistanceRequest, section: str, then: str = "") -> list[Row]:
    """The rows of a part; with `then`, the first has a link to where it is changed, which comes back there."""
    rows = _ROWS[section](assistance)
    if then:
        label = str(Section(section).label)
        rows[0] = {**rows[0], "change_url": section_url(assistance, section, then), "change_what": label}
    return rows
