"""Every act on a request, declared once: from which states, to which, by whose permit. The gate is its only caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django_fsm import GET_STATE, RETURN_VALUE, transition

from workflow import policy
from workflow.states import (
    BEFORE_APPROVAL,
    CONSENT_MOVES_IN,
    ENDED_WITHOUT_APPROVAL,
    GATES_MOVE_IN,
    MAY_BE_CANCELLED,
    MAY_BE_HELD,
    MAY_BE_TRANSFERRED,
    UNDER_REVIEW,
    UNDER_WAY,
    RequestState,
)

S = RequestState
_PAYING = [S.DISBURSING, S.IMPLEMENTING, S.REPORTING]


def act(name: str, source: Any, target: Any, permit: Any) -> Any:
    """Declare one way of doing an act; several for the same act are written one above the other."""
    sources = [source] if isinstance(source, str) else list(source)
    return transition("state", source=sources, target=target, permission=permit, custom=policy.described(name))


def _where_asked(assistance: Any, **when: Any) -> str:
    return str(assistance.asked_from)


def _where_held(assistance: Any, **when: Any) -> str:
    return str(assistance.held_state)


class RequestActs:
    """The acts. A body that is only a docstring moves the state and nothing else; `at` is when it moved."""

    moved_at: datetime
    mission: Any

    def _move(self, at: datetime) -> None:
        self.moved_at = at

    # Asking for help

    @act("write", S.DRAFT, None, policy.MAY_WRITE_DRAFT)
    @act("write", S.ELIGIBILITY_REVIEW, None, policy.MAY_COMPLETE_URGENT)
    @act("write", [S.CLARIFICATION, S.PLAN_AND_BUDGET], None, policy.MAY_WRITE)
    def write(self) -> None:
        """A person changes the text for the first time; from now on no decision on it is theirs."""

    @act("submit", S.DRAFT, S.SUBMITTED, policy.MAY_SUBMIT)
    def submit(self, *, at: datetime) -> None:
        """The case worker sends the request to the head of unit."""
        self._move(at)

    @act("return_to_author", S.SUBMITTED, S.DRAFT, policy.MAY_RETURN_TO_AUTHOR)
    def return_to_author(self, *, at: datetime) -> None:
        """The head of unit sends it back, with reasons."""
        self._move(at)

    @act("endorse", S.SUBMITTED, S.ELIGIBILITY_REVIEW, policy.MAY_ENDORSE)
    @act("endorse", UNDER_REVIEW, None, policy.MAY_ENDORSE_LATER)
    def endorse(self, *, at: datetime) -> None:
        """The head of unit stands for it; an urgent request is endorsed while headquarters already has it."""
        if str(getattr(self, "state", "")) == S.SUBMITTED:
            self._move(at)

    @act("let_pass", S.SUBMITTED, None, policy.MAY_MANAGE)
    def let_pass(self) -> None:
        """The manager lets a routine request pass although its mission owes a report on money it was paid."""

    @act("send_urgent", S.DRAFT, S.ELIGIBILITY_REVIEW, policy.MAY_SEND_URGENT)
    def send_urgent(self, *, at: datetime) -> None:
        """Life or safety is in danger: it goes to the duty officer at once."""
        self._move(at)

    @act("allow_urgent_spending", UNDER_REVIEW, None, policy.MAY_ALLOW_URGENT_SPENDING)
    def allow_urgent_spending(self) -> None:
        """The duty officer lets the mission spend up to a limit before the budget is decided."""

    @act("let_wait", UNDER_REVIEW, None, policy.MAY_LET_WAIT)
    def let_wait(self) -> None:
        """The duty officer finds that nothing must be spent before the next working day of headquarters."""

    @act("report_urgent_costs", [*UNDER_REVIEW], None, policy.MAY_REPORT_URGENT_COSTS)
    def report_urgent_costs(self) -> None:
        """The mission says what was spent under the allowance."""

    # Eligibility

    @act("take", S.ELIGIBILITY_REVIEW, None, policy.MAY_TAKE)
    def take(self) -> None:
        """A reviewer takes the request."""

    @act("recuse", S.ELIGIBILITY_REVIEW, None, policy.MAY_RECUSE)
    def recuse(self) -> None:
        """The reviewer declares a conflict of interest; the request goes to another."""

    @act("ask", S.ELIGIBILITY_REVIEW, S.CLARIFICATION, policy.MAY_REVIEW)
    @act("ask", S.BUDGET_REVIEW, S.CLARIFICATION, policy.MAY_REVIEW_BUDGET)
    def ask(self, *, at: datetime) -> None:
        """Headquarters asks the mission about named parts of the request."""
        self._move(at)

    @act(
        "answer",
        S.CLARIFICATION,
        GET_STATE(_where_asked, states=[S.ELIGIBILITY_REVIEW, S.BUDGET_REVIEW]),
        policy.MAY_ANSWER,
    )
    def answer(self, *, at: datetime) -> None:
        """The mission has answered every question; the request goes back to where it was asked."""
        self._move(at)

    @act("confirm_eligibility", S.ELIGIBILITY_REVIEW, S.PLAN_AND_BUDGET, policy.MAY_REVIEW)
    def confirm_eligibility(self, *, at: datetime) -> None:
        """The fund may help; the mission is asked for plan and budget."""
        self._move(at)

    @act("refuse_eligibility", S.ELIGIBILITY_REVIEW, S.INELIGIBLE, policy.MAY_REVIEW)
    def refuse_eligibility(self, *, at: datetime) -> None:
        """The fund cannot help; the mission is told why and where else to turn."""
        self._move(at)

    # Plan and budget

    @act("send_budget", S.PLAN_AND_BUDGET, S.BUDGET_REVIEW, policy.MAY_SEND_BUDGET)
    def send_budget(self, *, at: datetime) -> None:
        """The mission sends plan and budget to the approver."""
        self._move(at)

    @act("return_budget", S.BUDGET_REVIEW, S.PLAN_AND_BUDGET, policy.MAY_REVIEW_BUDGET)
    def return_budget(self, *, at: datetime) -> None:
        """The approver sends it back, with reasons."""
        self._move(at)

    @act("allow_repeated_help", S.BUDGET_REVIEW, None, policy.MAY_MANAGE)
    def allow_repeated_help(self) -> None:
        """The manager makes an exception: somebody is helped again whom the fund helped not long ago."""

    @act("approve_budget", S.BUDGET_REVIEW, S.APPROVED, policy.MAY_APPROVE_BUDGET)
    def approve_budget(self, *, at: datetime) -> None:
        """The approver decides every line; the money is committed."""
        self._move(at)

    @act("decline", S.BUDGET_REVIEW, S.DECLINED, policy.MAY_REVIEW_BUDGET)
    def decline(self, *, at: datetime) -> None:
        """The budget is not approved."""
        self._move(at)

    @act("approve_deferred_line", UNDER_WAY, None, policy.MAY_APPROVE_LINE)
    def approve_deferred_line(self) -> None:
        """What a deferred line waited for is there; it is approved and committed."""

    # Payment

    @act("certify_funds", S.APPROVED, S.FUNDED, policy.MAY_CERTIFY)
    @act(
        "certify_funds",
        [S.FUNDED, S.DISBURSING, S.IMPLEMENTING, *ENDED_WITHOUT_APPROVAL],
        None,
        policy.MAY_CERTIFY,
    )
    def certify_funds(self, *, at: datetime) -> None:
        """The certifying officer confirms stream, codes and rate; later for lines approved later."""
        if str(getattr(self, "state", "")) == S.APPROVED:
            self._move(at)

    @act("return_to_approver", S.APPROVED, S.BUDGET_REVIEW, policy.MAY_CERTIFY)
    def return_to_approver(self, *, at: datetime) -> None:
        """The certifying officer cannot confirm; the commitment is freed."""
        self._move(at)

    @act("release", S.FUNDED, S.DISBURSING, policy.MAY_RELEASE)
    @act("release", [*_PAYING, *ENDED_WITHOUT_APPROVAL], None, policy.MAY_RELEASE)
    def release(self, *, at: datetime) -> None:
        """The payer releases prepared disbursements; later ones do not move the request."""
        if str(getattr(self, "state", "")) == S.FUNDED:
            self._move(at)

    @act("first_payment_confirmed", S.DISBURSING, S.IMPLEMENTING, policy.BY_THE_SYSTEM)
    def first_payment_confirmed(self, *, at: datetime) -> None:
        """The bank confirmed the first payment."""
        self._move(at)

    # The person behind it

    @act("record_evidence", GATES_MOVE_IN, None, policy.MAY_RECORD_EVIDENCE)
    def record_evidence(self) -> None:
        """A mission records what a gate asks for; lines that waited for it can be decided."""

    @act("assess", GATES_MOVE_IN, None, policy.MAY_ASSESS)
    def assess(self) -> None:
        """A mission assesses how vulnerable the persons are; a newer assessment follows an older one."""

    @act("screen_trafficking", GATES_MOVE_IN, None, policy.MAY_ASSESS)
    def screen_trafficking(self) -> None:
        """A mission screens a person for trafficking; the category and its gates follow the judgement."""

    @act("refer_persons", CONSENT_MOVES_IN, None, policy.MAY_ASSESS)
    def refer_persons(self) -> None:
        """Persons are sent on to another service, with their consent."""

    @act("fingerprint_person", CONSENT_MOVES_IN, None, policy.MAY_FINGERPRINT)
    def fingerprint_person(self) -> None:
        """The mission makes a fingerprint by which the same person would be found in another request."""

    @act("record_consent", CONSENT_MOVES_IN, None, policy.MAY_RECORD_CONSENT)
    def record_consent(self) -> None:
        """The mission records how the persons agree now, or why they still could not."""

    @act("withdraw_consent", CONSENT_MOVES_IN, None, policy.MAY_RECORD_CONSENT)
    def withdraw_consent(self) -> None:
        """The persons take back what they agreed to; what saves life goes on."""

    @act("propose_transfer", MAY_BE_TRANSFERRED, None, policy.MAY_PROPOSE_TRANSFER)
    def propose_transfer(self) -> None:
        """The mission proposes that another one takes the case over."""

    @act("move_to_mission", MAY_BE_TRANSFERRED, None, policy.BY_THE_SYSTEM)
    def move_to_mission(self, *, mission: Any) -> None:
        """The head of unit there accepted: from now on that mission has the case."""
        self.mission = mission

    # Help and reports

    @act("withdraw_persons", [*UNDER_REVIEW, *UNDER_WAY], None, policy.MAY_LET_PERSONS_LEAVE)
    def withdraw_persons(self) -> None:
        """Persons leave; what was meant for them is cancelled and its money freed."""

    @act("ask_amendment", UNDER_WAY, None, policy.MAY_ASK_AMENDMENT)
    def ask_amendment(self) -> None:
        """The mission asks for new lines, for more of a line, or gives some up; the request stays where it is."""

    @act("extend_delivery", UNDER_WAY, None, policy.MAY_MANAGE)
    def extend_delivery(self) -> None:
        """Help may last longer for the same money."""

    @act("end_delivery", S.IMPLEMENTING, S.REPORTING, policy.MAY_END_DELIVERY)
    def end_delivery(self, *, at: datetime) -> None:
        """Help has ended; reports are due."""
        self._move(at)

    @act("report", S.REPORTING, None, policy.MAY_REPORT)
    def report(self) -> None:
        """A mission reports what was done and spent."""

    @act("declare_lost_receipt", [S.IMPLEMENTING, S.REPORTING], None, policy.MAY_DECLARE_LOST_RECEIPT)
    def declare_lost_receipt(self) -> None:
        """A mission declares what was spent without a receipt."""

    @act("accept_reports", S.REPORTING, S.RECONCILING, policy.MAY_ACCEPT_REPORTS)
    def accept_reports(self, *, at: datetime) -> None:
        """Headquarters' finance accepts what was spent, line by line."""
        self._move(at)

    @act("accept_urgent_costs", ENDED_WITHOUT_APPROVAL, None, policy.MAY_ACCEPT_REPORTS)
    def accept_urgent_costs(self) -> None:
        """Urgent costs that were honoured on a request that ended are accepted as spent."""

    @act("close", S.RECONCILING, S.CLOSED, policy.MAY_MANAGE)
    @act("close", ENDED_WITHOUT_APPROVAL, None, policy.MAY_MANAGE)
    def close(self, *, at: datetime) -> None:
        """Every cent is explained; the file is closed. One that ended without approval stays what it is."""
        if str(getattr(self, "state", "")) == S.RECONCILING:
            self._move(at)

    # Exceptions

    @act("reopen", S.INELIGIBLE, S.ELIGIBILITY_REVIEW, policy.MAY_ASK_AGAIN)
    @act("reopen", S.DECLINED, S.BUDGET_REVIEW, policy.MAY_ASK_FOR_REVIEW)
    @act("reopen", S.CLOSED, S.RECONCILING, policy.MAY_MANAGE)
    def reopen(self, *, at: datetime) -> None:
        """An ended request goes on where it ended."""
        self._move(at)

    @act("hold", MAY_BE_HELD, S.ON_HOLD, policy.MAY_MANAGE)
    def hold(self, *, at: datetime) -> None:
        """The request rests; its money stays committed."""
        self._move(at)

    @act("resume", S.ON_HOLD, GET_STATE(_where_held, states=list(MAY_BE_HELD)), policy.MAY_MANAGE)
    def resume(self, *, at: datetime) -> None:
        """The request goes on where it was held."""
        self._move(at)

    @act("withdraw", BEFORE_APPROVAL, S.WITHDRAWN, policy.MAY_WITHDRAW)
    def withdraw(self, *, at: datetime) -> None:
        """The mission takes the request back."""
        self._move(at)

    @act("cancel", MAY_BE_CANCELLED, RETURN_VALUE(S.CANCELLED, S.REPORTING), policy.MAY_MANAGE)
    def cancel(self, *, at: datetime, money_went_out: bool) -> str:
        """The manager ends the request; where money went out, it must still be reported."""
        self._move(at)
        return S.REPORTING if money_went_out else S.CANCELLED
