"""Acts that need no more than a reason: one page for all of them, which says what will happen before it does.

Acts with a page of their own stand in review, asking, approval, certifying, releasing, accepting and urgent_spending.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.queries import money_of
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.templatetags.formats import day, plain_moment
from gaf.working_days import headquarters_calendar
from workflow.actions import (
    allowance,
    approval,
    closing,
    delivery,
    eligibility,
    endorsement,
    exceptions,
    intake,
    payment,
    planning,
)
from workflow.actions.delivery import latest_end
from workflow.assignment import Tie, ties
from workflow.forms import acts as forms
from workflow.models import AssistanceRequest
from workflow.obstacles import obstacles
from workflow.overdue import blocks
from workflow.repeated_help import repeat_words
from workflow.states import ENDED_WITHOUT_APPROVAL, RequestState
from workflow.views.act_pages import (
    READERS,
    about,
    act_url,
    do_within_sight,
    done,
    page_of_act,
    person_of,
    request_within_sight,
    require_open,
)

Words = str | Promise


def _endorse(assistance: AssistanceRequest) -> list[Words]:
    words: list[Words] = [
        _("You stand for it: the need is real, and no other help is at hand."),
        _("Its text stands from now on; only what headquarters asks about can still be changed."),
        _("The criteria in force today bind it."),
    ]
    if assistance.state == RequestState.SUBMITTED:
        return [*words, _("The eligibility reviewers of the GAF team are told.")]
    return [*words, _("The duty officer and the reviewers have it already; it stays where it is.")]


def _let_pass(assistance: AssistanceRequest) -> list[Words]:
    return [*blocks(assistance), _("The head of unit can endorse it all the same, and is told.")]


def _allow_repeated_help(assistance: AssistanceRequest) -> list[Words]:
    return [repeat_words(), _("Another approver can approve the budget; you do not.")]


def _extend(assistance: AssistanceRequest) -> list[Words]:
    ends_on = assistance.delivery_ends_on
    return [
        _("Help ends on %(day)s now; it can end on %(latest)s at the latest.")
        % {"day": day(ends_on) if ends_on else "–", "latest": day(latest_end(assistance))},
        _("No money is added or taken; the missions are told."),
    ]


def _return_to_author(assistance: AssistanceRequest) -> list[Words]:
    return [_("It is a draft again, and %(author)s reads your reason.") % {"author": assistance.author}]


def _take(assistance: AssistanceRequest) -> list[Words]:
    return [_("Others see that you have it."), _("You answer the criteria, ask the mission if you must, and decide.")]


def _recuse(assistance: AssistanceRequest) -> list[Words]:
    return [
        _("The reviewer with the least to decide gets it; answers to the criteria stay on file."),
        _("It never comes back to you."),
    ]


def _confirm_eligibility(assistance: AssistanceRequest) -> list[Words]:
    return [
        _("The mission is told, and asked for plan and budget."),
        _("You cannot confirm or release its money afterwards, nor approve a large budget of it."),
    ]


def _keeps_urgent_costs(assistance: AssistanceRequest) -> list[Words]:
    if not assistance.has_allowance():
        return []
    return [_("Urgent costs that were allowed and reported are still paid; the rest of the allowance is freed.")]


def _let_wait(assistance: AssistanceRequest) -> list[Words]:
    until = headquarters_calendar().next_opening(clock.now())
    return [
        _("The mission is told, and reads your reason."),
        _("It leaves your page until %(moment)s; when the mission writes, it is back at once.")
        % {"moment": plain_moment(until)},
        _("The reviewers have it already, and its time to decision runs on."),
    ]


def _refuse_eligibility(assistance: AssistanceRequest) -> list[Words]:
    return [
        _("The mission is told, and reads your reason and where else to turn."),
        _("The head of unit or the fund manager can ask to look at it again."),
        *_keeps_urgent_costs(assistance),
    ]


def _return_budget(assistance: AssistanceRequest) -> list[Words]:
    return [_("Plan and budget are open to the mission again, and it reads your reason."), _("No money is committed.")]


def _decline(assistance: AssistanceRequest) -> list[Words]:
    return [
        _("The mission is told, and reads your reason."),
        _("It can ask for one review, which others than you decide."),
        *_keeps_urgent_costs(assistance),
    ]


def _return_to_approver(assistance: AssistanceRequest) -> list[Words]:
    money = money_of(assistance.reference)
    return [
        _("%(money)s go back to their streams.") % {"money": money.open},
        _("The approvers decide every line again."),
    ]


def _hold(assistance: AssistanceRequest) -> list[Words]:
    return [
        _("Nothing is done on it until you let it go on, from the state it is in now."),
        _("Its money stays committed. Payments that have left are not called back."),
        _("The missions are told."),
    ]


def _resume(assistance: AssistanceRequest) -> list[Words]:
    return [_("It goes on from: %(state)s.") % {"state": assistance.get_held_state_display()}]


def _withdraw(assistance: AssistanceRequest) -> list[Words]:
    return [
        _("It ends here; the same case can be asked for again in a new request."),
        *_keeps_urgent_costs(assistance),
    ]


def _cancel(assistance: AssistanceRequest) -> list[Words]:
    money = money_of(assistance.reference)
    words: list[Words] = [_("The missions are told, and read your reason.")]
    if money.open:
        words.append(_("%(money)s still open go back to their streams.") % {"money": money.open})
    if money.disbursed:
        words.append(
            _("%(money)s went out; the missions report on them before the file is closed.") % {"money": money.disbursed}
        )
    return [*words, *_keeps_urgent_costs(assistance)]


def _close(assistance: AssistanceRequest) -> list[Words]:
    money = money_of(assistance.reference)
    if assistance.state in ENDED_WITHOUT_APPROVAL:
        return [
            _("Its urgent costs are explained to the cent; it stays: %(state)s.")
            % {"state": assistance.get_state_display()}
        ]
    said = {"paid": money.disbursed, "accepted": money.accepted, "refunded": money.refunds_received}
    given_up = [_("%(money)s of it was written off by two people.") % {"money": money.written_off}]
    return [
        _("%(paid)s paid, %(accepted)s accepted, %(refunded)s refunded: every cent is explained.") % said,
        *(given_up if money.written_off else []),
        _("The file is closed; you can reopen it when money comes back or is still owed."),
    ]


def _reopen(assistance: AssistanceRequest) -> list[Words]:
    return [
        {
            RequestState.INELIGIBLE: _("It is judged again. A review of the decision is made once, by others."),
            RequestState.DECLINED: _("Its budget is reviewed once more, by others than who declined it."),
            RequestState.CLOSED: _("Its money is reconciled again, and it is closed anew."),
        }.get(RequestState(assistance.state), "")
    ]


@dataclass(frozen=True)
class PlainAct:
    """What is done, what is asked first, what will happen, and the words for it when it has."""

    action: Callable[..., AssistanceRequest]
    form: type[forms.ActForm]
    will_happen: Callable[[AssistanceRequest], list[Words]]
    done: Words
    ends_it: bool = False  # the button warns
    ties: Callable[[AssistanceRequest, User], list[Tie]] | None = None  # what to think of first


PLAIN_ACTS: dict[str, PlainAct] = {
    "endorse": PlainAct(
        endorsement.endorse, forms.EndorseForm, _endorse, gettext_lazy("endorsed; the GAF team has it.")
    ),
    "return_to_author": PlainAct(
        intake.return_to_author,
        forms.ReturnToAuthorForm,
        _return_to_author,
        gettext_lazy("sent back to its author."),
    ),
    "take": PlainAct(eligibility.take, forms.TakeForm, _take, gettext_lazy("you have it now."), ties=ties),
    "recuse": PlainAct(
        eligibility.recuse, forms.RecuseForm, _recuse, gettext_lazy("handed back; another reviewer will take it.")
    ),
    "confirm_eligibility": PlainAct(
        eligibility.confirm_eligibility,
        forms.ConfirmEligibilityForm,
        _confirm_eligibility,
        gettext_lazy("eligible; the mission is asked for plan and budget."),
    ),
    "let_wait": PlainAct(
        allowance.let_wait, forms.LetWaitForm, _let_wait, gettext_lazy("can wait; the mission reads why.")
    ),
    "refuse_eligibility": PlainAct(
        eligibility.refuse_eligibility,
        forms.RefuseEligibilityForm,
        _refuse_eligibility,
        gettext_lazy("not eligible; the mission reads your reason."),
        ends_it=True,
    ),
    "return_budget": PlainAct(
        planning.return_budget,
        forms.ReturnBudgetForm,
        _return_budget,
        gettext_lazy("plan and budget are with the mission again."),
    ),
    "decline": PlainAct(
        approval.decline,
        forms.DeclineForm,
        _decline,
        gettext_lazy("not approved; the mission reads your reason."),
        ends_it=True,
    ),
    "return_to_approver": PlainAct(
        payment.return_to_approver,
        forms.ReturnToApproverForm,
        _return_to_approver,
        gettext_lazy("returned to the approvers, and its money is free again."),
    ),
    "let_pass": PlainAct(endorsement.let_pass, forms.LetPassForm, _let_pass, gettext_lazy("it may be endorsed.")),
    "allow_repeated_help": PlainAct(
        approval.allow_repeated_help,
        forms.AllowRepeatedHelpForm,
        _allow_repeated_help,
        gettext_lazy("help may be given again."),
    ),
    "extend_delivery": PlainAct(
        delivery.extend_delivery, forms.ExtendForm, _extend, gettext_lazy("help may last longer.")
    ),
    "hold": PlainAct(exceptions.hold, forms.HoldForm, _hold, gettext_lazy("on hold.")),
    "resume": PlainAct(exceptions.resume, forms.ResumeForm, _resume, gettext_lazy("goes on where it was held.")),
    "withdraw": PlainAct(exceptions.withdraw, forms.EndForm, _withdraw, gettext_lazy("withdrawn."), ends_it=True),
    "cancel": PlainAct(exceptions.cancel, forms.EndForm, _cancel, gettext_lazy("cancelled."), ends_it=True),
    "close": PlainAct(closing.close, forms.CloseForm, _close, gettext_lazy("closed.")),
    "reopen": PlainAct(closing.reopen, forms.ReopenForm, _reopen, gettext_lazy("goes on again.")),
}


@audience(*READERS)
def plain_act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Say what the act does, ask the reason, do it."""
    plain, form = PLAIN_ACTS[act], None
    if request.method == "POST" and not _has_not_seen_ties(request, plain, reference):
        form = plain.form(request.POST)
        acted = do_within_sight(form, plain.action, request, reference, **form.said()) if form.is_valid() else None
        if acted is not None:
            return done(request, acted, str(plain.done))
    assistance = request_within_sight(request, reference)
    require_open(
        assistance, act, person_of(request)
    )  # the gate asked when the act was tried; here its page is asked for
    return _page(request, assistance, act, form or plain.form(initial={"seen_version": assistance.version}))


def _has_not_seen_ties(request: HttpRequest, plain: PlainAct, reference: str) -> bool:
    """From a list one sees no ties; where there may be one, the page with it comes first."""
    if "from_list" not in request.POST or plain.ties is None:
        return False
    return bool(plain.ties(request_within_sight(request, reference), person_of(request)))


def _page(request: HttpRequest, assistance: AssistanceRequest, act: str, form: forms.ActForm) -> HttpResponse:
    plain = PLAIN_ACTS[act]
    missing = obstacles(assistance, act)
    context = {
        "form": form,
        "about": about(assistance),
        "missing": missing,
        "will_happen": [words for words in plain.will_happen(assistance) if words],
        "ends_it": plain.ends_it,
        "ties": plain.ties(assistance, person_of(request)) if plain.ties else [],
        "recuse_url": act_url(assistance.reference, "recuse"),
        "may_be_done": form.is_bound or not missing,
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, act, context)
