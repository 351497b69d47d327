"""The record of a request: where it stands, who has it, what may be done, and everything that was asked and decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from finance.queries import disbursements_of, money_of
from finance.visibility import SEES_DISBURSEMENTS
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.money import Money
from gaf.policy import act_label
from gaf.privacy.reads import looked_at, uncovered_by
from gaf.refusals import Refusal
from workflow.actions.privacy import watches
from workflow.activities import activities_for
from workflow.followers import choices_of, followers
from workflow.forms.remarks import RemarkForm
from workflow.models import AssistanceRequest, BudgetLine, Document, Question, Report, RequestMission, UrgentAllowance
from workflow.policy import has_both_sides
from workflow.protection.standing import gates_of, waiting_lines
from workflow.queries import (
    PossibleAct,
    all_decisions,
    may_read_text,
    open_sections,
    possible_acts,
    stays_covered,
    visible_to,
)
from workflow.retention.schedule import erased_as
from workflow.states import RequestState
from workflow.views.act_pages import READERS, act_url, person_of, record_url, side_of, state_detail
from workflow.views.activities import activities_shown
from workflow.views.assisted_returns import return_of
from workflow.views.changes import edits_since_look, news_since_look
from workflow.views.clock_shown import clock_words
from workflow.views.moved import transfer_rows
from workflow.views.record_parts import alternatives_shown, asked_rows, fact_rows, lines_shown, questions_shown
from workflow.views.related import related, with_counts
from workflow.views.remarks import message_title, note_composer
from workflow.views.timeline_shown import timeline_of
from workflow.views.who_has_it import who_has_it

S = RequestState
# Acts that are done on a page where the request is read beside them.
_DONE_AT = {"approve_budget": "approval", "confirm_eligibility": "review", "refuse_eligibility": "review"}
# The act each state waits for; its button is the first.
_FIRST = (
    "submit",
    "endorse",
    "answer",
    "take",
    "confirm_eligibility",
    "send_budget",
    "approve_budget",
    "certify_funds",
    "release",
    "end_delivery",
    "report",
    "accept_reports",
    "close",
    "resume",
    "allow_urgent_spending",
)


@dataclass(frozen=True)
class OpenAct:
    """A button of the act bar."""

    label: str
    url: str
    primary: bool = False


@dataclass(frozen=True)
class ClosedAct:
    """An act that is not possible for this person now, and why."""

    label: str
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class AllowanceShown:
    """Urgent spending that was allowed, and what was reported under it."""

    allowance: UrgentAllowance

    @property
    def limit(self) -> Money:
        """The most that may be spent."""
        return Money(self.allowance.limit_minor, "USD")

    @property
    def reported(self) -> Money | None:
        """What was spent; nothing until the mission says so."""
        minor = self.allowance.reported_minor
        return None if minor is None else Money(minor, "USD")


def whole_request(person: User, reference: str, *, line_persons: bool = False) -> AssistanceRequest:
    """The request with everything its record shows, in a fixed number of queries; 404 out of sight.

    `line_persons` also reads for whom each line is, where donors' rules are tested.
    """
    lines = BudgetLine.objects.select_related("mission").annotate(persons_count=Count("persons"))
    if line_persons:
        lines = lines.prefetch_related("persons")
    requests = (
        with_counts(visible_to(person), person)
        .annotate(is_uncovered=uncovered_by(person), looked_at=looked_at(person), erased_as=erased_as())
        .annotate(edits_since_look=edits_since_look(person))
        .select_related("consent", "allowance__allowed_by", "assisted_return__origin")
        .prefetch_related(
            "persons",
            "alternatives",
            "help_asked",
            Prefetch("missions", RequestMission.objects.select_related("mission")),
            Prefetch("lines", lines),
            Prefetch("documents", Document.objects.select_related("mission")),
            Prefetch("questions", Question.objects.select_related("asked_by", "answered_by")),
            Prefetch("reports", Report.objects.select_related("mission", "sent_by")),
        )
    )
    return get_object_or_404(requests, reference=reference)


@audience(*READERS)
@require_safe
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """The page."""
    person = person_of(request)
    assistance = whole_request(person, reference)
    side, covered = side_of(person), stays_covered(assistance, person)
    reads = may_read_text(person) and not covered
    decisions = list(all_decisions(assistance))
    erased = assistance.erased_as  # type: ignore[attr-defined]
    acts = [] if erased else possible_acts(assistance, person, decisions=decisions)
    allowance = getattr(assistance, "allowance", None)
    gates = [] if assistance.is_final else gates_of(assistance)
    waits = waiting_lines(gates)
    has_money = assistance.approved_at is not None or allowance is not None
    disbursements = disbursements_of(assistance.reference) if has_money else []
    activities = list(activities_for(person).filter(assistance=assistance))
    timeline = timeline_of(assistance, decisions, activities, person, reads=reads)
    context: dict[str, Any] = {
        "assistance": assistance,
        "reference": assistance.reference,
        "side": side,
        "state_detail": state_detail(assistance),
        "stands_at": assistance.held_state or assistance.asked_from,
        "who_has_it": who_has_it(assistance),
        "clock_words": clock_words(assistance),
        "open_acts": open_acts_shown(assistance, acts, person),
        "closed_acts": closed_acts_shown(acts),
        "asked": asked_rows(assistance, reads),
        "alternatives": alternatives_shown(assistance, reads),
        "lines": lines_shown(assistance, reads, waits),
        "closed_gates": [gate for gate in gates if not gate.is_open],
        "open_gates": [gate for gate in gates if gate.is_open],
        "questions": questions_shown(assistance, reads),
        "erased_as": erased,
        "reads": reads,
        "covered": covered,
        "watches": watches(assistance, person),
        "facts": [*fact_rows(assistance), *transfer_rows(decisions)],
        "timeline": timeline,
        "news": news_since_look(assistance, timeline, person),
        "followers": followers(assistance, decisions, choices_of(assistance)),
        **_composers(assistance, person),
        "zone": assistance.mission.time_zone,
        **return_of(assistance, person),
        "allowance": AllowanceShown(allowance) if allowance else None,
        "money": money_of(assistance.reference) if has_money else None,
        "disbursements": disbursements,
        "related": related(assistance, len(disbursements), len(activities)),
        "activities": activities_shown([one for one in activities if one.is_open], assistance.reference, reads),
        "sees_disbursements": not roles_of(person).isdisjoint(SEES_DISBURSEMENTS),
    }
    return render(request, "workflow/record.html", context)


def _composers(assistance: AssistanceRequest, person: User) -> dict[str, Any]:
    """The box for a note, and whether a message can be sent; for those who read the text."""
    if not may_read_text(person):
        return {}
    composer = note_composer(assistance, person)
    return {
        "composer": composer,
        "note_form": RemarkForm(label=composer.title),
        "message_to": message_title(assistance, person) if has_both_sides(assistance) else "",
    }


def open_acts_shown(
    assistance: AssistanceRequest, acts: list[PossibleAct], person: User, *, writing: bool = True
) -> list[OpenAct]:
    """The buttons, the one the request waits for first; with those for writing, which move nothing."""
    ready = {act.act: act for act in acts if act.is_open or (act.act in _DONE_AT and not act.refusals)}
    buttons: list[OpenAct] = []
    for code in sorted(ready, key=lambda code: _FIRST.index(code) if code in _FIRST else len(_FIRST)):
        url = _page_of(assistance, code)
        if url not in {button.url for button in buttons}:
            label = _("Review it") if code in ("confirm_eligibility", "refuse_eligibility") else ready[code].label
            buttons.append(OpenAct(label, url, primary=not buttons and code in _FIRST))
    return [*_writing(assistance, person), *buttons, *_preparing(assistance, person)] if writing else buttons


def _page_of(assistance: AssistanceRequest, act: str) -> str:
    if act in _DONE_AT:
        return f"{record_url(assistance)}{_DONE_AT[act]}/"
    return act_url(assistance.reference, act)


def _writing(assistance: AssistanceRequest, person: User) -> list[OpenAct]:
    """Where a mission goes on writing, while parts of the request are open to it."""
    if side_of(person) != "mission" or roles_of(person) == {Role.MISSION_FINANCE}:
        return []
    sections = open_sections(assistance)
    found = []
    if "SITUATION" in sections or "PERSONS" in sections or "HELP" in sections:
        found.append(OpenAct(_("Go on writing the request"), f"{record_url(assistance)}edit/check/"))
    if "PLAN" in sections or "LINES" in sections:
        found.append(OpenAct(_("Write plan and budget"), f"{record_url(assistance)}plan/", primary=True))
    if "DOCUMENTS" in sections:
        found.append(OpenAct(_("Add a document"), f"{record_url(assistance)}documents/"))
    return found


def _preparing(assistance: AssistanceRequest, person: User) -> list[OpenAct]:
    """Disbursements are prepared on finance's own page."""
    if Role.CERTIFYING_OFFICER not in roles_of(person) or assistance.state not in (
        S.FUNDED,
        S.DISBURSING,
        S.IMPLEMENTING,
    ):
        return []
    return [
        OpenAct(_("Prepare a disbursement"), f"/disbursements/prepare/{assistance.reference}/", primary=True),
        OpenAct(_("Tranches"), f"/tranches/{assistance.reference}/"),
    ]


def closed_acts_shown(acts: list[PossibleAct]) -> list[ClosedAct]:
    """Acts of this person's roles that somebody or something stands against."""
    found = []
    for act in acts:
        if act.refusals:
            found.append(ClosedAct(act_label(act.act), act.refusals))
        elif act.obstacles:
            found.append(ClosedAct(act_label(act.act), [Refusal("", "", words, "") for words in act.obstacles]))
    return found
