"""Where the gates of a request stand today: which concern it, which hold back which lines, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gaf import clock
from gaf.templatetags.formats import day
from workflow.codelists import CHILD_CATEGORIES
from workflow.models import AmendmentLine, AssistanceRequest, AssistedReturn, BudgetLine, Consent, GateEvidence, Person
from workflow.protection.gates import (
    CHILD,
    CONSENT_RULE,
    EVERYBODY,
    FRAIL,
    FRAIL_TAGS,
    HELD_TYPES,
    ILL,
    ILL_TAGS,
    JOURNEY,
    PROMISED,
    RETURNEE,
    RULES,
    TRAFFICKED,
    TRAFFICKED_CATEGORIES,
    GateRule,
    Outcome,
)
from workflow.states import GRANTED, OPEN_AMENDMENTS, LineState

_KEPT, _TOGETHER = "_newest_evidence", "_evidence_read_with"
# A line of the budget, or one that an amendment asks for.
Line = BudgetLine | AmendmentLine
_ALIVE = (LineState.PROPOSED, LineState.DEFERRED, *GRANTED)


@dataclass(frozen=True)
class ForPerson:
    """One gate for one person: the newest evidence, if any, and whether it opens the gate today."""

    person: Person
    evidence: GateEvidence | None
    passes: bool
    expired: bool


@dataclass(frozen=True)
class GateStanding:
    """One gate of a request: for whom, which lines it holds back, and how each person stands."""

    rule: GateRule
    each: list[ForPerson]
    lines: list[Line] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it lets through everybody it is about."""
        return all(one.passes for one in self.each)

    @property
    def missing(self) -> list[Person]:
        """Those it does not let through."""
        return [one.person for one in self.each if not one.passes]

    @property
    def words(self) -> str:
        """How it stands, in words."""
        stopped = [one for one in self.each if not one.passes]
        if not stopped:
            ends = [one.evidence.valid_until for one in self.each if one.evidence and one.evidence.valid_until]
            return _("passed, counts until %(day)s") % {"day": day(min(ends))} if ends else _("passed")
        first = stopped[0]
        if first.evidence is None:
            return ngettext("missing for %(n)s person", "missing for %(n)s persons", len(stopped)) % {"n": len(stopped)}
        if first.expired and first.evidence.valid_until:
            return _("ended on %(day)s") % {"day": day(first.evidence.valid_until)}
        return _("not passed: %(outcome)s") % {"outcome": Outcome(first.evidence.outcome).label}

    @property
    def sentence(self) -> str:
        """Name and standing, as an obstacle reads it."""
        return f"{self.rule.code.label}: {self.words}."


@dataclass(frozen=True)
class ConsentStanding(GateStanding):
    """The same for consent to getting help, which the consent on file opens and closes."""

    consent: Consent | None = None

    @property
    def words(self) -> str:
        """Why it is closed."""
        if self.consent is not None and self.consent.withdrawn_on is not None:
            return _("withdrawn on %(day)s; only life-saving help goes on") % {"day": day(self.consent.withdrawn_on)}
        return _("not given yet; only life-saving help goes on")


def _consent_gate(assistance: AssistanceRequest, lines: list[Line], everybody: list[Person]) -> list[GateStanding]:
    """The gate of consent, closed, where lines wait for it; none while consent to help is there."""
    held = [line for line in lines if line.assistance_type in CONSENT_RULE.lines]
    consent = getattr(assistance, "consent", None) if held else None
    if consent is None or consent.for_help:
        return []
    living = [ForPerson(person, None, False, False) for person in everybody if not person.has_left]
    return [ConsentStanding(CONSENT_RULE, living, held, consent)] if living else []


def _is_child_alone(assistance: AssistanceRequest, person: Person) -> bool:
    return person.is_child and any(code in CHILD_CATEGORIES for code in assistance.categories)


def _tagged(tags: Iterable[str]) -> Callable[[AssistanceRequest, Person], bool]:
    return lambda assistance, person: any(tag in assistance.profile_tags for tag in tags)


_ABOUT: dict[str, Callable[[AssistanceRequest, Person], bool]] = {
    EVERYBODY: lambda assistance, person: True,
    CHILD: _is_child_alone,
    RETURNEE: lambda assistance, person: True,
    TRAFFICKED: lambda assistance, person: any(code in TRAFFICKED_CATEGORIES for code in assistance.categories),
    FRAIL: _tagged(FRAIL_TAGS),
    ILL: _tagged(ILL_TAGS),
}


def _concerns(rule: GateRule, assistance: AssistanceRequest, person: Person) -> bool:
    if rule.code in ("R1", "R4") and _is_child_alone(assistance, person):
        return False  # guardian, family and child consent together (G9), and reception comes with the escort (G10)
    return not person.has_left and _ABOUT[rule.about](assistance, person)


def _persons_of(line: Line, everybody: list[Person]) -> list[Person]:
    """For whom a line is; for all of the request when it does not say."""
    named = {person.pk for person in line.persons.all()}
    return [person for person in everybody if person.pk in named] if named else everybody


def _closing_concerns(rule: GateRule, lines: list[Line]) -> bool:
    """Follow-up visits are owed only where somebody was taken home."""
    return rule.code != "G11" or any(
        isinstance(line, BudgetLine) and line.is_granted and line.assistance_type == "TRVL" for line in lines
    )


def gates_of(
    assistance: AssistanceRequest,
    on: date | None = None,
    lines: Iterable[Line] | None = None,
    rules: Collection[GateRule] = (CONSENT_RULE, *RULES),
) -> list[GateStanding]:
    """Every gate that concerns the request, with its lines. Evidence is read only when a gate concerns anybody.

    `lines` are those to look at; every line that may still be paid when none are given.
    """
    if not rules:
        return []
    today = on or clock.today()
    everybody = list(assistance.persons.all())
    living: list[Line] = list(_lines_for(rules, assistance, everybody) if lines is None else lines)
    of_the_budget = [line for line in living if isinstance(line, BudgetLine)]
    asked = {
        kind
        for rule in rules
        if rule is not CONSENT_RULE and any(_concerns(rule, assistance, one) for one in everybody)
        for kind in rule.lines
    }
    held_back = [line for line in of_the_budget if line.assistance_type in asked & HELD_TYPES]
    prefetch_related_objects(held_back, "persons")
    found: list[tuple[GateRule, list[Person], list[Line]]] = []
    for rule in rules:
        if rule is CONSENT_RULE:
            continue
        persons, held = _held_by(rule, assistance, everybody, living)
        if persons and (held or not rule.lines) and _closing_concerns(rule, living):
            found.append((rule, persons, held))
    newest = _newest(assistance) if found else {}
    return [
        *(_consent_gate(assistance, living, everybody) if CONSENT_RULE in rules else ()),
        *(
            GateStanding(rule, [_stands(rule, person, newest, today) for person in persons], held)
            for rule, persons, held in found
        ),
    ]


def gates_with_what_is_asked(assistance: AssistanceRequest) -> list[GateStanding]:
    """The same with lines that an open amendment asks for, so that what they wait for can be recorded before."""
    asked = AmendmentLine.objects.filter(amendment__assistance=assistance, amendment__state__in=OPEN_AMENDMENTS)
    wanted = [line for line in asked.prefetch_related("persons") if line.adds]
    known = gates_of(assistance, lines=[*_lines(assistance), *wanted])
    return [*known, *_before_departure(assistance, known)]


def journey_gates(assistance: AssistanceRequest, on: date | None = None) -> list[GateStanding]:
    """Every gate of the journey for everybody who still takes part, whoever pays for it."""
    today, newest = on or clock.today(), _newest(assistance)
    everybody = list(assistance.persons.all())
    found = []
    for rule in RULES:
        about = [person for person in everybody if _concerns(rule, assistance, person)]
        if about and set(JOURNEY) <= set(rule.lines):
            found.append(GateStanding(rule, [_stands(rule, person, newest, today) for person in about]))
    return found


def _before_departure(assistance: AssistanceRequest, known: list[GateStanding]) -> list[GateStanding]:
    """The gates of a return that has begun, besides those that lines wait for."""
    codes = {gate.rule.code for gate in known}
    if not AssistedReturn.objects.filter(assistance=assistance, state="PRE_DEPARTURE").exists():
        return []
    return [gate for gate in journey_gates(assistance) if gate.rule.code not in codes]


def _held_by(
    rule: GateRule, assistance: AssistanceRequest, everybody: list[Person], lines: list[Line]
) -> tuple[list[Person], list[Line]]:
    """Whom a gate is about, and the lines it stands before."""
    about = [person for person in everybody if _concerns(rule, assistance, person)]
    if not about or not rule.lines:
        return about, []
    wanted = {person.pk for person in about}
    held = [
        line
        for line in lines
        if line.assistance_type in rule.lines and any(p.pk in wanted for p in _persons_of(line, everybody))
    ]
    travelling = {person.pk for line in held for person in _persons_of(line, everybody)}
    return [person for person in about if person.pk in travelling], held


def _lines_for(rules: Collection[GateRule], assistance: AssistanceRequest, everybody: list[Person]) -> list[BudgetLine]:
    """The lines, where a gate among these looks at them that is about anybody."""
    by_lines = [rule for rule in rules if rule.lines or rule.code == "G11"]
    about = (rule is CONSENT_RULE or any(_concerns(rule, assistance, one) for one in everybody) for rule in by_lines)
    return _lines(assistance) if any(about) else []


def _lines(assistance: AssistanceRequest) -> list[BudgetLine]:
    prefetched = getattr(assistance, "_prefetched_objects_cache", {}).get("lines")
    lines = prefetched if prefetched is not None else assistance.lines.all()
    return [line for line in lines if line.state in _ALIVE]


def _newest(assistance: AssistanceRequest) -> dict[tuple[str, int], GateEvidence]:
    """The newest evidence for each gate and person; read once for a request, until something is recorded."""
    kept: dict[tuple[str, int], GateEvidence] | None = assistance.__dict__.get(_KEPT)
    if kept is None:
        together: list[AssistanceRequest] = assistance.__dict__.get(_TOGETHER, [assistance])
        found: dict[int, dict[tuple[str, int], GateEvidence]] = {one.pk: {} for one in together}
        for row in GateEvidence.objects.filter(assistance__in=found).order_by("id"):
            found[row.assistance_id][(row.gate, row.person_id)] = row
        for one in together:
            one.__dict__[_KEPT] = found[one.pk]
        kept = found[assistance.pk]
    return kept


def with_what_gates_read(references: Iterable[str]) -> dict[str, AssistanceRequest]:
    """Requests by reference with persons and consent; their evidence is read together, once any of them asks."""
    rows = AssistanceRequest.objects.filter(reference__in=list(references)).select_related("consent")
    found = list(rows)
    read_together(found)
    return {assistance.reference: assistance for assistance in found}


def read_together(requests: list[AssistanceRequest]) -> None:
    """Give requests that were read with their consent what else gates read, as `with_what_gates_read`."""
    prefetch_related_objects(requests, "persons")
    for assistance in requests:
        assistance.__dict__[_TOGETHER] = requests


def forget_evidence(assistance: AssistanceRequest) -> None:
    """Read the evidence anew at the next question, after something was recorded."""
    assistance.__dict__.pop(_KEPT, None)
    assistance.__dict__.pop(_TOGETHER, None)


def _stands(rule: GateRule, person: Person, newest: dict[tuple[str, int], GateEvidence], today: date) -> ForPerson:
    evidence = newest.get((rule.code.value, person.pk))
    says_yes = evidence is not None and evidence.outcome in rule.passing
    expired = evidence is not None and evidence.valid_until is not None and evidence.valid_until < today
    return ForPerson(person, evidence, says_yes and not expired, expired)


def closed_lines(
    assistance: AssistanceRequest, act: str, on: date | None = None, lines: Iterable[Line] | None = None
) -> dict[int, list[GateStanding]]:
    """The lines that closed gates hold back from an act, by their number in the database. Other lines are not named."""
    found: dict[int, list[GateStanding]] = {}
    before = [rule for rule in (CONSENT_RULE, *RULES) if rule.lines and act in rule.before]
    for gate in gates_of(assistance, on, lines, before):
        if gate.is_open:
            continue
        prefetch_related_objects([line for line in gate.lines if isinstance(line, BudgetLine)], "persons")
        for line in gate.lines:
            stopped = {person.pk for person in gate.missing}
            if stopped & {person.pk for person in _persons_of(line, list(assistance.persons.all()))}:
                found.setdefault(line.pk, []).append(gate)
    return found


def act_gates(assistance: AssistanceRequest, act: str, at: datetime | None = None) -> list[str]:
    """What gates before a whole act miss, in words."""
    moment = at or clock.now()
    before = [rule for rule in RULES if not rule.lines and act in rule.before]
    return [
        gate.sentence
        for gate in gates_of(assistance, moment.date(), rules=before)
        if not gate.is_open and not _may_follow(gate, moment)
    ]


def _may_follow(gate: GateStanding, moment: datetime) -> bool:
    """Whether life comes first: an assessment may follow within hours, an authority may still be looked for."""
    assistance: AssistanceRequest = gate.each[0].person.assistance
    if assistance.priority != "P1":
        return False
    if gate.rule.code == "G3":
        return all(one.passes or (one.evidence and one.evidence.outcome == "IN_PROGRESS") for one in gate.each)
    began = assistance.review_began_at or assistance.submitted_at
    hours = gate.rule.hours_for_first_priority
    return bool(hours) and began is not None and moment <= began + timedelta(hours=hours)


def waiting_lines(gates: Iterable[GateStanding]) -> dict[int, str]:
    """Titles of the closed gates before each line, by its number in the database."""
    found: dict[int, list[str]] = {}
    for gate in gates:
        for line in gate.lines if not gate.is_open else ():
            found.setdefault(line.pk, []).append(str(gate.rule.code.label))
    return {pk: "; ".join(titles) for pk, titles in found.items()}


def why_closed(gates: Iterable[GateStanding]) -> str:
    """The gates that hold a line back, in one sentence each."""
    return " ".join(gate.sentence for gate in gates)


def is_promised_by(gate: GateStanding) -> bool:
    """Whether the gate stands before the approval, and a line waits for it deferred."""
    return gate.rule.before == PROMISED
