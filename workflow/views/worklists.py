"""Where people at headquarters begin: what waits for each of them, most urgent and oldest first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gaf.accounts.models import User
from gaf.accounts.queries import absent_people
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.money import Money
from gaf.privacy.sight import open_to
from workflow import queries, worklists
from workflow.actions.amendment_decisions import new_total
from workflow.decision_clock import Clocks
from workflow.models import AssistanceRequest
from workflow.queries import Requests
from workflow.standing_in import Reasons
from workflow.states import RequestState
from workflow.views.act_pages import act_url, authority_of, person_of
from workflow.views.amending import address_of as amendment_url
from workflow.views.requests_list import Row, as_rows, page_of, row_of
from workflow.worklists import Worklist

Words = str | Promise
S = RequestState
FIRST_ROWS = 15  # of a list that has no pages of its own; the sentence under it leads to all


@dataclass(frozen=True)
class Work:
    """One row of a worklist: the request, where its work is done, and what is worth knowing before."""

    row: Row
    url: str
    note: Words = ""
    due_at: datetime | None = None
    version: int = 0  # as it is now, for an act from the list


@dataclass
class Section:
    """One list on a page: its name, why it may be empty, its rows."""

    key: str
    title: Words
    work: list[Work]
    count: int
    why: Words = ""
    fill: Words = ""
    page: Page[AssistanceRequest] | None = None
    clocked: bool = False
    rows: list[AssistanceRequest] = field(default_factory=list)

    @property
    def takes(self) -> bool:
        """Whether its requests can be taken right here."""
        return self.key == "new"


def _section(
    request: HttpRequest,
    key: str,
    title: Words,
    requests: Requests,
    act: str = "",
    *,
    paged: bool = False,
    clocked: bool = False,
    size: int | None = None,
    **words: str,
) -> Section:
    """A section of a page; the one that is `paged` follows `?page=`, the others show their first rows.

    `clocked` lets each row say by when it is to be decided. `size` is how many there are, where that is known.
    """
    page = page_of(as_rows(requests), request.GET.get("page", "1"), size) if paged else None
    rows = list(page) if page is not None else list(as_rows(requests)[:FIRST_ROWS])
    work = [_work(assistance, act) for assistance in rows]
    count = page.paginator.count if page is not None else requests.count() if size is None else size
    return Section(key, title, work, count, page=page, clocked=clocked and bool(rows), rows=rows, **words)


def _waiting(request: HttpRequest, key: str, title: Words, worklist: Worklist, act: str = "", **said: Any) -> Section:
    """A section that is a worklist of one's role; how many there are stands in the bar too, and is asked once."""
    person = person_of(request)
    return _section(
        request, key, title, worklist(person), act, size=worklists.counts(person).get(worklist.name), **said
    )


def _work(assistance: AssistanceRequest, act: str) -> Work:
    row = row_of(assistance)
    return Work(row, act_url(row.reference, act) if act else row.url, version=assistance.version)


def _with_clocks(sections: list[Section]) -> list[Section]:
    """The same lists; where it matters, each row says by when it is to be decided."""
    clocked = [section for section in sections if section.clocked]
    clocks = Clocks([assistance for section in clocked for assistance in section.rows]) if clocked else None
    for section in clocked:
        due = {one.reference: clock.due_at for one in section.rows if clocks and (clock := clocks.of(one))}
        section.work = [replace(one, due_at=due.get(one.row.reference)) for one in section.work]
    return sections


def _show(request: HttpRequest, title: Words, sections: list[Section], **more: Any) -> HttpResponse:
    return render(
        request,
        "workflow/headquarters/worklist.html",
        {"title": title, "sections": _with_clocks(sections), "side": "hq", **more},
    )


@audience(Role.ELIGIBILITY_REVIEWER)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The reviewer's: what nobody has taken, what is mine, what waits for missions."""
    person = person_of(request)
    absent = absent_people(person, Role.ELIGIBILITY_REVIEWER)
    sections = [
        _section(
            request,
            "new",
            _("New, nobody has it"),
            worklists.proposed_first(worklists.to_review(person), person),
            "take",
            paged=True,
            clocked=True,
            size=worklists.counts(person).get("to_review"),
            why=_("Nothing new."),
            fill=_("Requests come here when a head of unit endorses them."),
        ),
        _waiting(
            request,
            "mine",
            _("Mine, to decide"),
            worklists.taken_by,
            "review",
            clocked=True,
            why=_("You have no request to decide."),
            fill=_("Take one of the new ones."),
        ),
        _waiting(
            request,
            "missions",
            _("Mine, waiting for missions"),
            worklists.asked_by,
            why=_("No mission owes you an answer."),
        ),
    ]
    sections[0].work = _with_proposals(sections[0], person)
    sections[2:2] = [_for_absent(request, one, person) for one in absent]
    if worklists.counts(person).get("amendments_to_review"):
        sections.insert(1, _amendments(request, _("Amendments to review"), worklists.amendments_to_review))
    return _show(request, _("Inbox"), sections, absent=absent)


def _with_proposals(section: Section, person: User) -> list[Work]:
    """The rows nobody has taken, each saying to whom it is proposed."""
    names = {one.reference: one.proposed_to for one in section.rows}  # type: ignore[attr-defined]
    return [replace(one, note=_proposal(names[one.row.reference], person.name)) for one in section.work]


def _proposal(name: str | None, own: str) -> Words:
    if not name:
        return ""
    return _("proposed to you") if name == own else _("proposed to %(name)s") % {"name": name}


def _for_absent(request: HttpRequest, absent: User, person: User) -> Section:
    """What somebody who is away has taken; what this deputy may not decide says why."""
    rows = worklists.taken_by(absent).filter(open_to(person))
    section = _section(
        request,
        f"for-{absent.pk}",
        _("For %(name)s, to decide") % {"name": absent},
        rows,
        "review",
        clocked=True,
        why=_("%(name)s has no request to decide.") % {"name": absent},
    )
    section.work = _with_reasons(section.work, [person, absent], Role.ELIGIBILITY_REVIEWER)
    return section


def _with_reasons(work: list[Work], people: list[User], role: str) -> list[Work]:
    """The rows, with the reason where one of these people worked on a request before and it goes to somebody else."""
    if not work:
        return []
    requests = AssistanceRequest.objects.in_bulk([one.row.reference for one in work], field_name="reference")
    for row in work:
        requests[row.row.reference].asked_usd_minor = row.row.asked.minor if row.row.asked else 0  # type: ignore[attr-defined]
    reasons = Reasons(people, role, list(requests.values()))
    found = []
    for one in work:
        against = next((why for person in people if (why := reasons.against(person, requests[one.row.reference]))), "")
        found.append(replace(one, note=_("not for you: %(why)s") % {"why": against}) if against else one)
    return found


def _amendments(request: HttpRequest, title: Words, worklist: Worklist, ceiling: Money | None = None) -> Section:
    """Amendments that wait, each leading to its own page; those whose new total is above a ceiling say so."""
    section = _waiting(request, "amendments", title, worklist)
    found = queries.open_amendments([work.row.reference for work in section.work])
    section.work = [
        Work(work.row, amendment_url(one.assistance.reference, one.number), _above(new_total(one), ceiling))
        for work in section.work
        if (one := found.get(work.row.reference)) is not None
    ]
    return section


def _above(total: Money, ceiling: Money | None) -> Words:
    return (
        _("above your authority: comes to %(total)s") % {"total": total}
        if ceiling is not None and total > ceiling
        else ""
    )


@audience(Role.BUDGET_APPROVER, Role.FUND_MANAGER)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """The approvers': budgets to decide, with the amount asked and one's own authority."""
    person = person_of(request)
    authority = authority_of(person)
    absent = absent_people(person, Role.BUDGET_APPROVER) + absent_people(person, Role.FUND_MANAGER)
    section = _waiting(
        request,
        "to-approve",
        _("Budgets to decide"),
        worklists.to_approve,
        "approval",
        paged=True,
        clocked=True,
        why=_("Nothing to approve."),
        fill=_("Budgets come here when a mission sends them."),
    )
    section.work = [_with_authority(work, authority.ceiling if authority else None) for work in section.work]
    if absent:
        section.work = _with_reasons(section.work, [person], Role.BUDGET_APPROVER)
    sections, ceiling = [section], authority.ceiling if authority else Money.zero("USD")
    waiting, lines = worklists.counts(person), worklists.lines_to_decide
    if waiting.get("lines_to_decide"):
        sections.append(_waiting(request, "lines", _("Lines whose condition is met"), lines, "approve_deferred_line"))
    if waiting.get("amendments_to_approve"):
        sections.append(_amendments(request, _("Amendments to decide"), worklists.amendments_to_approve, ceiling))
    return _show(request, _("Approvals"), sections, absent=absent, authority=authority, needs_authority=True)


def _with_authority(work: Work, ceiling: Money | None) -> Work:
    asked = work.row.asked or Money.zero("USD")
    if ceiling is None or asked > ceiling:
        return replace(work, note=_("above your authority as it is asked"))
    return work


@audience(Role.CERTIFYING_OFFICER)
@require_safe
def certifying(request: HttpRequest) -> HttpResponse:
    """The certifying officer's: funds to confirm, disbursements to prepare, reports to accept."""
    worklists.counts(person_of(request), worklists.to_prepare)
    sections = [
        _waiting(
            request,
            "to-certify",
            _("Funds to confirm"),
            worklists.to_certify,
            "certify_funds",
            paged=True,
            why=_("No funds to confirm."),
            fill=_("Approved requests come here."),
        ),
        _to_prepare(request),
        _waiting(
            request,
            "reports",
            _("Reports to accept"),
            worklists.reports_to_accept,
            "accept_reports",
            why=_("No report waits."),
            fill=_("Reports come here when missions send them."),
        ),
    ]
    return _show(request, _("Certifying"), sections)


def _to_prepare(request: HttpRequest) -> Section:
    """Requests with certified money that no disbursement has taken yet."""
    section = _waiting(
        request,
        "to-prepare",
        _("Disbursements to prepare"),
        worklists.to_prepare,
        why=_("Nothing to prepare."),
        fill=_("Requests come here when their funds are confirmed."),
    )
    section.work = [Work(work.row, f"/disbursements/prepare/{work.row.reference}/", work.note) for work in section.work]
    return section


@audience(Role.FUND_MANAGER)
@require_safe
def closing(request: HttpRequest) -> HttpResponse:
    """The fund manager's: files to close, what is on hold, what was declined."""
    worklists.counts(person_of(request), worklists.on_hold, worklists.not_granted)
    sections = [
        _waiting(
            request,
            "to-close",
            _("Files to close"),
            worklists.to_close,
            "close",
            paged=True,
            why=_("No file to close."),
            fill=_("Requests come here when their reports are accepted."),
        ),
        _waiting(request, "on-hold", _("On hold"), worklists.on_hold, "resume", why=_("Nothing is on hold.")),
        _waiting(
            request,
            "not-granted",
            _("Declined or not eligible"),
            worklists.not_granted,
            why=_("Nothing was declined."),
        ),
    ]
    return _show(request, _("Closing"), sections)


@audience(Role.PAYER)
@require_safe
def paying(request: HttpRequest) -> HttpResponse:
    """The payer's: requests with funds confirmed or disbursements prepared."""
    section = _waiting(
        request,
        "to-pay",
        _("Requests to pay"),
        worklists.to_pay,
        "release",
        paged=True,
        why=_("Nothing to release."),
        fill=_("Requests come here when their funds are confirmed."),
    )
    return _show(request, _("To release"), [section], together_url=reverse("release_together") if section.count else "")
