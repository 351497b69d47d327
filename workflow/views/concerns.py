"""Raising a concern, from the foot of every page; what becomes of it, oversight alone sees."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, ask_act, done
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.policy import act_label
from gaf.sealing import unseal, unseal_all
from workflow.actions import concerns as actions
from workflow.complaint_sight import open_concerns
from workflow.forms.complaints import CloseConcernForm, ConcernForm
from workflow.models import Concern
from workflow.queries import visible_to
from workflow.views.act_pages import person_of

EVERYBODY = tuple(role for role in Role if role != Role.SYSTEM)
_ROWS_A_PAGE = 25
_ACTS = ("look_into_concern", "close_concern", "note_concern")


@audience(*EVERYBODY)
@require_http_methods(["GET", "HEAD", "POST"])
def raise_new(request: HttpRequest) -> HttpResponse:
    """What happened, about what, and whether one's name may be seen."""
    person = person_of(request)
    form = ConcernForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        if done(form, lambda: actions.raise_concern(**said, actor=person, at=clock.now())) is not None:
            messages.success(request, _("Oversight has it. Nobody else hears of it."))
            return redirect("own_concerns")
    context = {
        "form": form,
        "title": act_label("raise_concern"),
        "button": _("Send it to oversight"),
        "effects": [
            _("Only oversight reads it: nobody in your mission, and no manager."),
            _("Nothing appears on a request, and nobody else is told."),
            _("You see here that it was received, and whether it was looked into."),
        ],
        "back": reverse("own_concerns"),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


@audience(*EVERYBODY)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own: when each was raised, and whether it was looked into."""
    rows = actions.raised_by(person_of(request))
    page = Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "workflow/own_concerns.html", {"page": page})


@audience(Role.OVERSIGHT)
@require_safe
def concerns(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    page = Paginator(open_concerns(person_of(request)), _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "workflow/concerns.html", {"page": page})


@audience(Role.OVERSIGHT)
@require_safe
def concern(request: HttpRequest, concern: str) -> HttpResponse:
    """What was raised, the notes, and what may be done."""
    person, acts = person_of(request), Acts()
    row = get_object_or_404(open_concerns(person), key=concern)
    for act in _ACTS:
        address = reverse("concern_act", args=[row.key, act.replace("_", "-")])
        acts.offer(row, act, person, address, act_label(act), primary=act != "note_concern")
    context = {
        "row": row,
        "acts": acts,
        "words": unseal(row.words),
        "reasons": _reasons(row),
        "request_in_sight": visible_to(person).filter(reference=row.reference).exists(),
    }
    return render(request, "workflow/concern.html", context)


def _reasons(row: Concern) -> list[tuple[str, str]]:
    """Notes and findings, oldest first."""
    said = Decision.objects.filter(subject=row.key).exclude(reason="").select_related("actor").order_by("number")
    texts = unseal_all([one.reason for one in said])
    return [(f"{act_label(one.act)}, {one.actor}", text) for one, text in zip(said, texts, strict=True)]


@audience(Role.OVERSIGHT)
@require_http_methods(["GET", "HEAD", "POST"])
def concern_act(request: HttpRequest, concern: str, act: str) -> HttpResponse:
    """Look into it, keep a note, or close it with what was found."""
    person, name = person_of(request), act.replace("-", "_")
    row = get_object_or_404(open_concerns(person), key=concern)
    if name not in _ACTS:
        raise Http404
    ask_act(row, name, person)
    return _close(request, row, person) if name == "close_concern" else plain_act(request, _plain(row, name))


def _close(request: HttpRequest, row: Concern, person: User) -> HttpResponse:
    form = CloseConcernForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        closed = done(form, lambda: actions.close_concern(concern_id=row.pk, **said, actor=person, at=clock.now()))
        if closed is not None:
            messages.success(request, _("It is kept."))
            return redirect("concern", concern=row.key)
    context = {
        "form": form,
        "title": f"{act_label('close_concern')}: {row.key}",
        "button": act_label("close_concern"),
        "effects": [_("Who raised it sees that it was looked into, and nothing of what was found.")],
        "back": reverse("concern", args=[row.key]),
    }
    return render(request, "finance/plain_form.html", context, status=422 if form.errors else 200)


def _plain(row: Concern, name: str) -> PlainAct:
    action: Callable[..., Concern] = getattr(actions, name)
    notes = name == "note_concern"

    def do(who: User, reason: str) -> Concern:
        return action(concern_id=row.pk, **({"reason": reason} if notes else {}), actor=who, at=clock.now())

    effect = _("Only oversight reads the note.") if notes else _("Who raised it sees that it is being looked into.")
    return PlainAct(
        title=f"{act_label(name)}: {row.key}",
        button=act_label(name),
        done=_("It is kept."),
        effects=[effect],
        back=reverse("concern", args=[row.key]),
        asks_reason=notes,
        do=do,
        facts=[(_("What it is about"), row.get_kind_display())],
    )
