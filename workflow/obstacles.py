"""What is still missing before an act can be done, in words; empty when nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.utils.translation import gettext as _

from finance import queries as finance
from finance.actions.commitments import URGENT
from finance.states import HOLDS_COMMITMENT
from gaf import clock
from gaf.decisions.so_far import may_have_done
from gaf.refusals import Incomplete
from gaf.thresholds import usd_threshold
from workflow.codelists import CHILD_CATEGORIES, PRIMARY_CATEGORIES, ConsentMode, Section
from workflow.cost_norms import above_usual, quotes_on_file, quotes_wanted
from workflow.kept_criteria import bound_criteria
from workflow.models import AssistanceRequest, AssistedReturn, BudgetLine, Complaint, Consent, CriteriaSet
from workflow.overdue import blocks
from workflow.protection.gates import ACTS_BEHIND_GATES
from workflow.protection.standing import act_gates
from workflow.repeated_help import needs_exceptional_approval, repeat_words, was_allowed
from workflow.reports_due import reports_missing
from workflow.states import (
    ENDED_WITHOUT_APPROVAL,
    GRANTED,
    OPEN_AMENDMENTS,
    OPEN_COMPLAINTS,
    OPEN_RETURNS,
    UNDECIDED_STATEMENTS,
    LineState,
    RequestState,
)


class MissingIn(str):
    """Something missing in words that hold figures, and the part of the request where it is written."""

    section: Section

    def __new__(cls, section: Section, words: str) -> MissingIn:
        """The words, which know their part."""
        made = super().__new__(cls, words)
        made.section = section
        return made


def obstacles(assistance: AssistanceRequest, act: str) -> list[str]:
    """Everything that is missing for an act, whoever asks."""
    check = _CHECKS.get(act)
    found = list(check(assistance)) if check else []
    return [*found, *act_gates(assistance, act)] if act in ACTS_BEHIND_GATES else found


def require_nothing_missing(assistance: AssistanceRequest, act: str, code: str) -> None:
    """Raise Incomplete with everything that is missing for an act."""
    missing = obstacles(assistance, act)
    if missing:
        raise Incomplete(code, _("It was not sent on."), missing)


def _request(assistance: AssistanceRequest) -> Iterator[str]:
    """A request that can be judged: persons, consent, category, situation, other help asked, help wanted."""
    prefetch_related_objects([assistance], "persons", "alternatives", "help_asked")  # the decision keeps them, too
    persons = [person for person in assistance.persons.all() if not person.has_left]
    if not persons:
        yield _("No person is written down.")
    yield from _consent(assistance)
    if assistance.primary_category not in PRIMARY_CATEGORIES:
        yield _("No main category is chosen.")
    if assistance.primary_category in CHILD_CATEGORIES and persons and not any(p.is_child for p in persons):
        yield _("The main category is for children, and no person is a child.")
    if not assistance.situation:
        yield _("The situation is not described.")
    if not assistance.alternatives.all():
        yield _("No other programme was asked, and nothing says that none exists.")
    if not assistance.help_asked.all():
        yield _("No kind of help is chosen.")


def _consent(assistance: AssistanceRequest) -> Iterator[str]:
    """Consent is on file, and covers the other missions where there are any."""
    consent = Consent.objects.filter(assistance=assistance).first()
    if consent is None:
        yield _("Consent is not recorded, nor why it could not be given.")
    elif consent.mode != ConsentMode.EXCEPTION and not consent.for_sharing and len(assistance.mission_ids()) > 1:
        yield _("They did not agree to sharing with the other missions.")


def _consent_given(assistance: AssistanceRequest) -> Iterator[str]:
    consent = Consent.objects.filter(assistance=assistance).first()
    if consent is None or consent.mode == ConsentMode.EXCEPTION or not consent.purposes:
        yield _("They have agreed to nothing that could be taken back.")


def _urgent(assistance: AssistanceRequest) -> Iterator[str]:
    """The few things a duty officer needs at night; the rest follows within the deadline."""
    prefetch_related_objects([assistance], "persons", "help_asked")  # the decision keeps them, too
    if not any(not person.has_left for person in assistance.persons.all()):
        yield _("No person is written down.")
    if not assistance.situation:
        yield _("What is the danger? It is not described.")
    if not assistance.help_asked.all():
        yield _("No kind of help is chosen.")
    if not Consent.objects.filter(assistance=assistance).exists():
        yield _("Consent is not recorded, nor why it could not be given.")


def _endorse(assistance: AssistanceRequest) -> Iterator[str]:
    yield from _request(assistance)
    if assistance.criteria_set_id is None and not CriteriaSet.objects.exists():
        yield _("No criteria are in force; the editor of guidance publishes them.")


def _eligibility(assistance: AssistanceRequest) -> Iterator[str]:
    yield from _request(assistance)
    if assistance.criteria_set_id is None:
        yield _("No criteria are bound to this request yet; they are when it is endorsed.")
        return
    prefetch_related_objects([assistance], "eligibility_answers")
    answered = {answer.criterion_id: answer for answer in assistance.eligibility_answers.all()}
    for criterion in bound_criteria(assistance):
        answer = answered.get(criterion.pk)
        if answer is None:
            yield _("Criterion %(number)s is not answered: %(question)s") % {
                "number": criterion.position,
                "question": criterion.question,
            }
        elif answer.answer == "NO":
            yield _("Criterion %(number)s is answered with no: %(question)s") % {
                "number": criterion.position,
                "question": criterion.question,
            }


def _refuse(assistance: AssistanceRequest) -> Iterator[str]:
    allowance = assistance.urgent_allowance()
    if allowance is not None and allowance.reported_minor is None:
        yield _("Urgent costs are not reported yet; they are honoured whatever is decided.")


def _budget(assistance: AssistanceRequest) -> Iterator[str]:
    prefetch_related_objects([assistance], "lines__persons")  # the decision keeps them, too
    lines = list(assistance.lines.all())
    if not lines:
        yield _("The budget has no line.")
    if not assistance.plan:
        yield _("The assistance plan is not written.")
    for line in lines:
        if line.mission_id not in assistance.mission_ids():
            yield _("Line %(number)s belongs to a mission that does not take part.") % {"number": line.number}
        if not line.persons.all():
            yield _("Line %(number)s does not say for which persons.") % {"number": line.number}
    yield from _above_usual(assistance, lines)
    asked = sum(line.usd_minor for line in lines)
    ceiling = usd_threshold("per_case_hard_ceiling_usd")
    if asked > ceiling.minor:
        yield _("The budget is above %(ceiling)s, the most the fund gives in one case.") % {"ceiling": ceiling}


def _above_usual(assistance: AssistanceRequest, lines: list[BudgetLine]) -> Iterator[str]:
    """A line that costs more than usual says why; far above, its mission brings quotes."""
    above = above_usual(assistance, lines)
    for line in lines:
        over = above.get(line.pk)
        if over is None:
            continue
        if not line.price_reason:
            yield MissingIn(
                Section.LINES,
                _("Line %(number)s costs %(over)s; why is not written.") % {"number": line.number, "over": over.words},
            )
        if over.asks_quotes and quotes_on_file(assistance, line.mission_id) < quotes_wanted():
            yield MissingIn(
                Section.DOCUMENTS,
                _("Line %(number)s costs %(over)s; %(wanted)s quotes are needed, %(count)s on file.")
                % {
                    "number": line.number,
                    "over": over.words,
                    "wanted": quotes_wanted(),
                    "count": quotes_on_file(assistance, line.mission_id),
                },
            )


def _approval(assistance: AssistanceRequest) -> Iterator[str]:
    if assistance.endorsed_at is None:
        yield _("The head of unit has not endorsed this urgent request yet.")
    if not any(line.state in (LineState.PROPOSED, *GRANTED) for line in assistance.lines.all()):
        yield _("There is no line to decide.")
    if needs_exceptional_approval(assistance, clock.now()):
        yield repeat_words()


def _allow_repeated_help(assistance: AssistanceRequest) -> Iterator[str]:
    if was_allowed(assistance):
        yield _("It was allowed already.")
    elif not needs_exceptional_approval(assistance, clock.now()):
        yield _("As far as is known, the fund did not help these persons before.")


def _reports(assistance: AssistanceRequest) -> Iterator[str]:
    for mission in reports_missing(assistance):
        yield _("The report of %(mission)s is not in.") % {"mission": mission}
    for number in finance.prepared_numbers(assistance.reference):
        yield _("Disbursement %(number)s is prepared; it is released or stopped first.") % {"number": number}
    yield from _statements(assistance)


def _close(assistance: AssistanceRequest) -> Iterator[str]:
    if assistance.state in ENDED_WITHOUT_APPROVAL:
        if assistance.closed_at is not None:
            yield _("Its money is closed already.")
        if not finance.went_out(assistance.reference):
            yield _("No money went out; there is nothing to close.")
    yield from finance.closing_obstacles(assistance.reference)
    complained, away = _complaint_and_return(assistance)
    if complained:
        yield _("A complaint about it is not answered yet.")
    if away and assistance.state not in ENDED_WITHOUT_APPROVAL:  # else it goes nowhere any more
        yield _("The return of its persons is not concluded with an outcome.")


def _complaint_and_return(assistance: AssistanceRequest) -> tuple[bool, bool]:
    """Whether a complaint about it is open, and whether the return of its persons is."""
    complaint = Complaint.objects.filter(assistance=OuterRef("pk"), state__in=OPEN_COMPLAINTS)
    away = AssistedReturn.objects.filter(assistance=OuterRef("pk"), state__in=OPEN_RETURNS)
    return AssistanceRequest.objects.filter(pk=assistance.pk).values_list(Exists(complaint), Exists(away)).get()


def _questions(assistance: AssistanceRequest) -> Iterator[str]:
    if not assistance.questions.filter(answered_at=None).exists():
        yield _("There is no open question.")


def _nothing_under_way(assistance: AssistanceRequest) -> Iterator[str]:
    if not may_have_done(assistance, "prepare_disbursement"):
        return
    for row in finance.disbursements_of(assistance.reference):
        if row.state in ("PREPARED", "RELEASED"):
            yield _("Disbursement %(number)s is under way; it is stopped or sent first.") % {"number": row.number}


def _deferred(assistance: AssistanceRequest) -> Iterator[str]:
    if not any(line.state == LineState.DEFERRED for line in assistance.lines.all()):
        yield _("No line is deferred.")


def _certify(assistance: AssistanceRequest) -> Iterator[str]:
    if not any(row.open and not row.wbs for row in finance.commitments_of(assistance.reference)):
        yield _("Everything that is committed is confirmed already.")


def _release(assistance: AssistanceRequest) -> Iterator[str]:
    if not finance.prepared_numbers(assistance.reference):
        yield _("No disbursement is prepared.")


def _endorse_now(assistance: AssistanceRequest) -> Iterator[str]:
    yield from _endorse(assistance)
    if assistance.state == RequestState.SUBMITTED:
        yield from blocks(assistance)


def _let_pass(assistance: AssistanceRequest) -> Iterator[str]:
    if not blocks(assistance):
        yield _("Nothing stands in its way.")


def _urgent_costs(assistance: AssistanceRequest) -> Iterator[str]:
    paid = finance.disbursed_by_line(assistance.reference).get(URGENT)
    if not paid or not finance.not_accounted_for(assistance.reference):
        yield _("Nothing was paid that is not accepted yet.")
    yield from _under_way_now(assistance)


def _under_way_now(assistance: AssistanceRequest) -> Iterator[str]:
    for row in finance.disbursements_of(assistance.reference):
        if row.state in HOLDS_COMMITMENT and row.state not in ("SENT", "CONFIRMED"):
            yield _("Disbursement %(number)s is under way; it is stopped or sent first.") % {"number": row.number}


def _statements(assistance: AssistanceRequest) -> Iterator[str]:
    if not may_have_done(assistance, "declare_lost_receipt"):
        return
    for row in assistance.lost_receipts.filter(state__in=UNDECIDED_STATEMENTS):
        yield _("Statement %(key)s in place of a receipt is not decided.") % {"key": row.key}


def _no_open_amendment(assistance: AssistanceRequest) -> Iterator[str]:
    if assistance.amendments.filter(state__in=OPEN_AMENDMENTS).exists():
        yield _("An amendment is open; it is decided or taken back first.")


_CHECKS: dict[str, Callable[[AssistanceRequest], Iterator[str]]] = {
    "submit": _request,
    "endorse": _endorse_now,
    "let_pass": _let_pass,
    "allow_repeated_help": _allow_repeated_help,
    "send_urgent": _urgent,
    "confirm_eligibility": _eligibility,
    "refuse_eligibility": _refuse,
    "send_budget": _budget,
    "approve_budget": _approval,
    "decline": _refuse,
    "answer": _questions,
    "approve_deferred_line": _deferred,
    "ask_amendment": _no_open_amendment,
    "certify_funds": _certify,
    "release": _release,
    "return_to_approver": _nothing_under_way,
    "cancel": _nothing_under_way,
    "withdraw_consent": _consent_given,
    "accept_reports": _reports,
    "accept_urgent_costs": _urgent_costs,
    "close": _close,
}
