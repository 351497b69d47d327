"""Giving a case to another mission: the proposal, the narrowed view of who is asked, and the answer.

Until it is accepted the other mission reads codes alone: no text, no document, no number of the request.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, ask_act
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import missions_of
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.policy import act_label
from gaf.privacy.reads import read
from gaf.privacy.sight import is_strict
from gaf.sealing import unseal_all
from workflow.actions.case_transfers import accept_transfer, propose_transfer, refuse_transfer, withdraw_transfer
from workflow.forms.case_transfers import CaseTransferForm
from workflow.forms.fields import spoken_language_choices
from workflow.models import AssistanceRequest, CaseTransfer
from workflow.queries import reads_text, visible_to
from workflow.transferring import (
    against_transfer,
    answer_due,
    heads_elsewhere,
    is_told,
    open_transfer,
    visible_transfers,
)
from workflow.views.act_pages import about, do, page_of_act, person_of, request_within_sight, require_open

PROPOSERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)
READERS_OF_TRANSFERS = (*PROPOSERS, Role.AUDITOR)
ACT = "propose_transfer"
_ROWS_A_PAGE = 25


@audience(*PROPOSERS)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, reference: str) -> HttpResponse:
    """To which mission, what is asked of it, and why; or everything that stands against it."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    require_open(assistance, ACT, person)
    waits, missing = open_transfer(assistance), against_transfer(assistance)
    if waits is not None:
        missing.append(_("It is proposed already (%(key)s). Take that proposal back first.") % {"key": waits.key})
    form = CaseTransferForm(
        heads_elsewhere(assistance),
        is_strict(reference),
        request.POST if request.method == "POST" else None,
        initial={"seen_version": assistance.version},
    )
    if form.is_bound and form.is_valid() and do(form, propose_transfer, assistance, actor=person, **form.said()):
        newest = assistance.transfers.order_by("-pk")[0]
        return redirect("transfer", transfer=newest.key)
    context = {
        "form": form,
        "about": about(assistance),
        "missing": missing,
        "may_be_done": not missing,
        "will_happen": [
            _("The head of unit there sees sex and age band of each person, language, priority and kinds of help."),
            _("Until it is accepted nobody there reads a text, a document, or the number of the request."),
            _("Once accepted, your mission opens nothing of this case any more."),
            _("Without an answer the proposal lapses. You can take it back before."),
        ],
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, ACT, context)


@audience(*READERS_OF_TRANSFERS)
@require_safe
def transfers(request: HttpRequest) -> HttpResponse:
    """What one’s mission proposed and what was proposed to it, the newest first."""
    person = person_of(request)
    page = Paginator(visible_transfers(person), _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "workflow/transfers.html", {"page": page, "of_missions": bool(missions_of(person))})


def _within_sight(request: HttpRequest, key: str) -> CaseTransfer:
    return get_object_or_404(visible_transfers(person_of(request)), key=key)


@audience(*READERS_OF_TRANSFERS)
@require_safe
def transfer(request: HttpRequest, transfer: str) -> HttpResponse:
    """From where to where, what is told of the persons, and what may be done."""
    row, person, acts = _within_sight(request, transfer), person_of(request), Acts()
    for act in _ACTS:
        address = reverse("transfer_act", args=[row.key, act.replace("_", "-")])
        acts.offer(row, act, person, address, act_label(act), primary=act == "accept_transfer")
    sees = visible_to(person).filter(pk=row.assistance_id).exists()
    told = is_told(row)
    if told and not sees:
        read(person, "transfer", row.assistance.reference, row.key)
    context = {
        "row": row,
        "acts": acts,
        "sees": sees,
        "narrowed": narrowed(row.assistance) if told else [],
        "due": answer_due(row),
        "reasons": _reasons(row) if sees and reads_text(person, row.assistance.reference) else [],
    }
    return render(request, "workflow/transfer.html", context)


def narrowed(assistance: AssistanceRequest) -> list[tuple[str, str]]:
    """What the other mission sees before it answers: codes, and nothing that was written or put on file."""
    living = [one for one in assistance.persons.all() if not one.has_left]
    alike = Counter(f"{one.get_sex_display()}, {one.get_age_band_display()}" for one in living)
    spoken = dict(spoken_language_choices()).get(assistance.consent.consent_language, "")
    languages = [str(spoken), _("with an interpreter") if assistance.consent.with_interpreter else ""]
    return [
        (_("Persons"), "\n".join(f"{count} × {words}" if count > 1 else words for words, count in alike.items())),
        (_("They speak"), ", ".join(one for one in languages if one)),
        (_("Kinds of help"), "\n".join(str(one.get_assistance_type_display()) for one in assistance.help_asked.all())),
        (_("Priority"), f"{assistance.priority} {assistance.get_priority_display()}"),
        (_("Written in"), assistance.get_language_display()),
    ]


def _reasons(row: CaseTransfer) -> list[tuple[str, str]]:
    """Who said what about it, oldest first: the proposal stands among the request’s own decisions."""
    own = Decision.objects.filter(subject=row.key)
    of_request = Decision.objects.filter(subject=row.assistance.reference, act=ACT, at=row.proposed_at)
    said = (own | of_request).exclude(reason="").select_related("actor").order_by("number")
    texts = unseal_all([one.reason for one in said])
    return [(f"{act_label(one.act)}, {one.actor}", text) for one, text in zip(said, texts, strict=True)]


@audience(*PROPOSERS)
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_act(request: HttpRequest, transfer: str, act: str) -> HttpResponse:
    """Accept it, say why not, or take it back."""
    row, name = _within_sight(request, transfer), act.replace("-", "_")
    if name not in _ACTS:
        raise Http404
    ask_act(row, name, person_of(request))
    return plain_act(request, _ACTS[name](row))


def _page(row: CaseTransfer) -> str:
    return reverse("transfer", args=[row.key])


def _facts(row: CaseTransfer) -> list[tuple[str, Any]]:
    return [(_("From"), row.sending), (_("To"), row.receiving), (_("What is asked"), row.get_aim_display())]


def _accept(row: CaseTransfer) -> PlainAct:
    def do_it(person: User, _reason: str) -> CaseTransfer:
        return accept_transfer(transfer_id=row.pk, actor=person, at=clock.now())

    return PlainAct(
        title=f"{act_label('accept_transfer')}: {row.key}",
        button=act_label("accept_transfer"),
        done=_("Your mission has the case from now on."),
        effects=[
            _("Your mission reads all of it, and acts on it from now on."),
            _("%(mission)s opens nothing of it any more.") % {"mission": row.sending},
        ],
        back=_page(row),
        do=do_it,
        facts=_facts(row),
    )


def _refuse(row: CaseTransfer) -> PlainAct:
    return PlainAct(
        title=f"{act_label('refuse_transfer')}: {row.key}",
        button=act_label("refuse_transfer"),
        done=_("It is not accepted; the other mission reads why."),
        effects=[
            _("%(mission)s keeps the case and reads your reason.") % {"mission": row.sending},
            _("What you saw of it is closed."),
        ],
        back=_page(row),
        asks_reason=True,
        do=lambda person, reason: refuse_transfer(transfer_id=row.pk, reason=reason, actor=person, at=clock.now()),
        facts=_facts(row),
    )


def _withdraw(row: CaseTransfer) -> PlainAct:
    return PlainAct(
        title=f"{act_label('withdraw_transfer')}: {row.key}",
        button=act_label("withdraw_transfer"),
        done=_("It is taken back; your mission keeps the case."),
        effects=[_("What %(mission)s saw of it is closed.") % {"mission": row.receiving}],
        back=_page(row),
        do=lambda person, _reason: withdraw_transfer(transfer_id=row.pk, actor=person, at=clock.now()),
        facts=_facts(row),
    )


_ACTS = {"accept_transfer": _accept, "refuse_transfer": _refuse, "withdraw_transfer": _withdraw}
