"""The gates of a request: what each asks for, what it holds back, what is on file; and recording one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaf.accounts.models import User
from gaf.audience import audience
from gaf.gate import edge_of
from gaf.policy import Question, act_label
from gaf.sealing import unseal_all
from workflow.actions.gate_evidence import may_record, record_evidence, require_recorder
from workflow.forms.gate_evidence import EvidenceForm
from workflow.models import AssistanceRequest, BudgetLine
from workflow.policy import works_in
from workflow.protection.gates import CONSENT_RULE, RULE_OF, GateRule, Outcome, Statement
from workflow.protection.standing import ForPerson, GateStanding, Line, gates_with_what_is_asked
from workflow.queries import reads_text
from workflow.views.act_pages import (
    READERS,
    about,
    do,
    done,
    page_of_act,
    person_of,
    record_url,
    request_within_sight,
    require_open,
)
from workflow.views.record_parts import person_words, sealed
from workflow.views.writing import WRITERS, pressed_twice

ACT = "record_evidence"


@dataclass(frozen=True)
class PersonShown:
    """How one person stands at one gate."""

    who: str
    passes: bool
    outcome: str
    found_on: Any
    valid_until: Any
    statements: list[str]
    note: str


@dataclass(frozen=True)
class GateShown:
    """One gate with everything a page says of it."""

    code: str
    title: str
    words: str
    is_open: bool
    holds: str
    before: str
    each: list[PersonShown]
    url: str = ""


def holds_words(gate: GateStanding) -> str:
    """Which lines a gate is about, or which act."""
    if gate.lines:
        return _("lines %(numbers)s") % {"numbers": ", ".join(_number(line) for line in gate.lines)}
    return _("the whole request")


def _number(line: Line) -> str:
    return str(line.number) if isinstance(line, BudgetLine) else line.key


def before_words(rule: GateRule) -> str:
    """The first act it stands before, as on its button."""
    return _("“%(act)s”") % {"act": act_label(rule.before[0])}


def gates_shown(assistance: AssistanceRequest, gates: Iterable[GateStanding], person: User) -> list[GateShown]:
    """Every gate for a page; its sealed notes only for those who read them."""
    reads, standing = reads_text(person, assistance.reference), list(gates)
    rows = [one.evidence for gate in standing for one in gate.each if one.evidence]
    texts = dict(zip([row.pk for row in rows], unseal_all([row.note for row in rows]), strict=True)) if reads else {}
    acts = edge_of(assistance, ACT)
    may = acts is not None and not acts.permission.why_not(Question(assistance, ACT, person))
    return [
        GateShown(
            gate.rule.code.value,
            str(gate.rule.code.label),
            gate.words,
            gate.is_open,
            holds_words(gate),
            before_words(gate.rule),
            [_person(one, texts, reads) for one in gate.each],
            _record_url(assistance, gate.rule, person) if may else "",
        )
        for gate in standing
    ]


def _record_url(assistance: AssistanceRequest, rule: GateRule, person: User) -> str:
    """Where this person records what the gate asks for; nowhere when somebody else does."""
    if rule is CONSENT_RULE:
        return f"{record_url(assistance)}record-consent/" if works_in(person, assistance.mission_id) else ""
    if not may_record(assistance, rule, person):
        return ""
    return f"{record_url(assistance)}record-evidence/?gate={rule.code.value}"


def _person(one: ForPerson, texts: dict[int, str], reads: bool) -> PersonShown:
    row = one.evidence
    if row is None:
        return PersonShown(person_words(one.person), False, "", None, None, [], "")
    return PersonShown(
        person_words(one.person),
        one.passes,
        str(Outcome(row.outcome).label),
        row.found_on,
        row.valid_until,
        [str(Statement(code).label) for code in row.statements],
        texts.get(row.pk, "") if reads else sealed(),
    )


@audience(*READERS)
@require_safe
def gates(request: HttpRequest, reference: str) -> HttpResponse:
    """Every gate of the request."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    context = {
        "gates": gates_shown(assistance, gates_with_what_is_asked(assistance), person),
        "about": about(assistance),
    }
    return page_of_act(request, "workflow/gates.html", assistance, ACT, context)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """One gate (`?gate=G8`), or the list of them when none is named."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    if pressed_twice(request, assistance, ACT):
        return redirect(f"{record_url(assistance)}gates/")
    require_open(assistance, ACT, person)
    standing = {gate.rule.code.value: gate for gate in gates_with_what_is_asked(assistance)}
    code = request.POST.get("gate", "") or request.GET.get("gate", "")
    if code not in RULE_OF or code not in standing:
        return redirect(f"{record_url(assistance)}gates/")
    gate = standing[code]
    require_recorder(assistance, gate.rule, person)
    persons = [(one.person.key, f"{person_words(one.person)} ({one.person.key})") for one in gate.each]
    posted = request.POST if request.method == "POST" else None
    form = EvidenceForm(gate.rule, persons, posted, initial={"seen_version": assistance.version})
    if form.is_bound and form.is_valid() and do(form, record_evidence, assistance, actor=person, **form.said()):
        done(request, assistance, _("recorded."))
        return redirect(f"{record_url(assistance)}gates/")
    context = {
        "form": form,
        "gate": gate,
        "holds": holds_words(gate),
        "before": before_words(gate.rule),
        "about": about(assistance),
        "back_url": f"{record_url(assistance)}gates/",
    }
    return page_of_act(request, "workflow/record_evidence.html", assistance, ACT, context)
