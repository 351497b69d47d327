"""What a person's copy says: everything held about one person of a request, without what tells of others.

Words about a request are about all its persons. They are in the copy where there is one person only; otherwise the copy
names what was left out, and the head of unit tells the person of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from gaf.decisions.models import Decision
from gaf.policy import act_label
from gaf.privacy.models import Read
from gaf.templatetags.formats import day, plain_money
from workflow.codelists import ConsentGiver, ConsentMode, ConsentPurpose, MigrantCategory, ProfileTag, country_name
from workflow.models import AssistanceRequest, AssistedReturn, Consent, Person, PersonCopy
from workflow.protection.determinants import Factor, Need
from workflow.protection.trafficking import Exploitation
from workflow.states import LineState
from workflow.survey_scores import answers_of


@dataclass
class Part:
    """One part of the copy: its title, and rows of label and value."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, label: Any, value: Any) -> None:
        """One row; nothing is said of what is empty."""
        if value not in ("", None):
            self.rows.append((str(label), str(value)))


def parts_of(copy: PersonCopy) -> list[Part]:
    """The copy in its parts, in the reader's language; those about which nothing is held are left out."""
    assistance = copy.assistance
    person = assistance.persons.get(key=copy.person_key)
    alone = assistance.persons.count() == 1
    makers: list[Callable[[AssistanceRequest, Person, bool], Part]] = [
        _about_the_person,
        _consent,
        _request,
        _assessments,
        _screenings,
        _evidence,
        _referrals,
        _return,
        _help,
        _talk,
        _documents,
        _decisions,
        _readings,
    ]
    parts = [make(assistance, person, alone) for make in makers]
    return [part for part in parts if part.rows]


def left_out(copy: PersonCopy) -> list[str]:
    """What the copy does not say because it tells of other persons too; nothing where there is one person only."""
    if copy.assistance.persons.count() == 1:
        return []
    return [
        _("The words of situation, plan, questions, messages, notes and reports"),
        _("The assessment of the whole group"),
        _("Documents"),
        _("Amounts of lines for several persons"),
    ]


def as_text(copy: PersonCopy) -> str:
    """The copy as plain text, to be printed or kept."""
    lines = [_("Copy of what is held about one person: %(key)s") % {"key": copy.key}, ""]
    for part in parts_of(copy):
        lines += [part.title.upper(), *(f"{label}: {value}" for label, value in part.rows), ""]
    omitted = left_out(copy)
    if omitted:
        lines += [_("Left out, because it tells of other persons too:"), *(f"- {words}" for words in omitted), ""]
    return "\n".join(lines)


def _labels(kind: Any, codes: Iterable[str]) -> str:
    return ", ".join(str(kind(code).label) for code in codes if code in kind.values)


def _about_the_person(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("You"))
    part.add(_("Key"), person.key)
    part.add(_("Sex"), person.get_sex_display())
    part.add(_("Age"), person.get_age_band_display())
    part.add(_("Nationality"), country_name(person.nationality))
    part.add(_("Difficulty"), person.get_disability_display())
    if person.left_at:
        part.add(_("Left"), f"{day(person.left_at)}, {person.get_left_code_display()}")
    return part


def _consent(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part, row = Part(_("Consent")), Consent.objects.filter(assistance=assistance).first()
    if row is None:
        return part
    part.add(_("How"), ConsentMode(row.mode).label)
    part.add(_("Who agreed"), ConsentGiver(row.given_by).label if row.given_on else "")
    part.add(_("Day"), day(row.given_on) if row.given_on else "")
    part.add(_("To what"), _labels(ConsentPurpose, row.purposes))
    part.add(_("Taken back"), day(row.withdrawn_on) if row.withdrawn_on else "")
    part.add(_("Why there was none"), row.exception_text if alone else "")
    return part


def _request(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("Request"))
    part.add(_("Number"), assistance.reference)
    part.add(_("Mission"), assistance.mission)
    part.add(_("Begun"), day(assistance.started_at))
    part.add(_("State"), assistance.get_state_display())
    part.add(_("Category"), _labels(MigrantCategory, assistance.categories))
    if alone:
        part.add(_("What marked it"), _labels(ProfileTag, assistance.profile_tags))
        part.add(_("Situation"), assistance.situation_text)
        part.add(_("Assistance plan"), assistance.plan_text)
        for check in assistance.alternatives.all():
            said = ", ".join(filter(None, (check.programme_text, check.get_answer_display(), check.note_text)))
            part.add(_("Asked elsewhere"), said)
    return part


def _assessments(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("Assessments"))
    for row in assistance.assessments.order_by("number") if alone else ():
        said = [str(row.get_judged_display()), _labels(Factor, row.factors), _labels(Need, row.needs)]
        part.add(day(row.assessed_on), "\n".join(filter(None, (*said, row.reason_text, row.wishes_text))))
    return part


def _screenings(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("Screenings for trafficking"))
    for row in person.screenings.order_by("id"):
        where = country_name(row.country) if row.country else ""
        said = (str(row.get_status_display()), _labels(Exploitation, row.purposes), where, str(row.year or ""))
        part.add(day(row.recorded_at), "\n".join(filter(None, (*said, row.note_text))))
    return part


def _evidence(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("What gates asked for"))
    for row in person.gate_evidence.order_by("id"):
        said = (str(row.get_gate_display()), str(row.get_outcome_display()), row.note_text)
        part.add(day(row.found_on), "\n".join(filter(None, said)))
    return part


def _referrals(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("Referrals"))
    for row in person.referrals.prefetch_related("persons").order_by("id"):
        to_whom = row.to_whom_text if len(row.persons.all()) == 1 else _("together with others")
        part.add(day(row.recorded_at), f"{row.get_kind_display()}: {to_whom}")
    return part


def _return(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part, row = Part(_("Assisted return")), AssistedReturn.objects.filter(assistance=assistance).first()
    if row is None:
        return part
    part.add(_("State"), row.get_state_display())
    part.add(_("Left"), day(row.departed_on) if row.departed_on else "")
    part.add(_("Arrived"), day(row.arrived_on) if row.arrived_on else "")
    part.add(_("Outcome"), row.get_outcome_display())
    for plan in row.plans.all() if alone else ():
        part.add(_("Reintegration plan"), f"{day(plan.agreed_on)}\n{plan.words_text}")
    for visit in row.visits.all() if alone else ():
        part.add(_("Follow-up visit"), f"{day(visit.due_on)}, {visit.get_state_display()}\n{visit.words_text}".strip())
    for result in person.survey_results.prefetch_related("survey__questions"):
        said = [
            f"{result.get_moment_display()}, {result.get_outcome_display()}",
            *(f"{question} {answer}" for question, answer in answers_of(result)),
        ]
        part.add(day(result.asked_on), "\n".join(said))
    return part


def _help(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("Help"))
    for line in assistance.lines.prefetch_related("persons").order_by("number"):
        whose = list(line.persons.all())
        if whose and person not in whose:
            continue
        said = [str(LineState(line.state).label)]
        if alone or whose == [person]:
            said += [plain_money(line.approved_usd) if line.is_granted else "", line.description_text]
        else:
            said.append(_("together with others"))
        part.add(line.get_assistance_type_display(), "\n".join(filter(None, said)))
    return part


def _talk(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("What was written about it"))
    if not alone:
        return part
    for row in assistance.questions.order_by("number"):
        part.add(_("Question"), row.question_text)
        part.add(_("Answer"), row.answer_text)
    for remark in assistance.remarks.order_by("written_at"):
        part.add(remark.get_kind_display(), remark.body_text)
    for report in assistance.reports.order_by("number"):
        part.add(_("Report"), report.narrative_text)
    return part


def _documents(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("Documents"))
    for row in assistance.documents.order_by("id") if alone else ():
        part.add(row.get_kind_display(), f"{row.filename_text}, {day(row.uploaded_at)}")
    return part


def _decisions(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part = Part(_("What was decided"))
    for row in Decision.objects.filter(subject=assistance.reference).order_by("number"):
        part.add(day(row.at), act_label(row.act))
    return part


def _readings(assistance: AssistanceRequest, person: Person, alone: bool) -> Part:
    part, rows = Part(_("Who read it")), Read.objects.filter(reference=assistance.reference, refused=False)
    part.add(_("People of the fund and its missions"), rows.values("person").distinct().count())
    part.add(_("Pages opened"), rows.count())
    return part
