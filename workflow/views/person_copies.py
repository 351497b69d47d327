"""A copy for the person: recording that somebody asks, reading it, handing it over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, ask_act
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.policy import Question, act_label
from workflow import policy
from workflow.actions.person_copies import ask_copy, give_copy, refuse_copy
from workflow.forms.person_copies import AskCopyForm
from workflow.models import PersonCopy
from workflow.person_copies import as_text, left_out, parts_of
from workflow.views.act_pages import about, do, page_of_act, person_of, record_url, request_within_sight
from workflow.views.record_parts import person_words

WRITERS = (Role.CASE_WORKER, Role.HEAD_OF_UNIT)


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Who asks, for whose copy, since when, and how that was checked."""
    assistance, person = request_within_sight(request, reference), person_of(request)
    policy.MAY_ASK_COPY.require(Question(assistance, "ask_copy", person))
    persons = [(one.key, f"{person_words(one)} ({one.key})") for one in assistance.persons.all()]
    form = AskCopyForm(persons, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and do(form, ask_copy, assistance, actor=person, **form.cleaned_data):
        newest = assistance.person_copies.order_by("-number")[0]
        return redirect("person_copy", reference=reference, place=newest.number)
    context = {
        "form": form,
        "label": act_label("ask_copy"),
        "about": about(assistance),
        "missing": [],
        "may_be_done": True,
        "will_happen": [
            _("The head of unit reads the copy, and hands it to who may have it."),
            _("What tells of other persons is left out of it."),
        ],
    }
    return page_of_act(request, "workflow/headquarters/act.html", assistance, "ask_copy", context)


def _copy(request: HttpRequest, reference: str, place: int) -> PersonCopy:
    assistance = request_within_sight(request, reference)
    rows = PersonCopy.objects.select_related("assistance__mission", "recorded_by", "given_by")
    return get_object_or_404(rows, assistance=assistance, number=place)


@audience(*WRITERS)
@require_safe
def person_copy(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """Who asked for it, where it stands, and what may be done."""
    copy, person, acts = _copy(request, reference, place), person_of(request), Acts()
    give_at, refuse_at = (reverse("person_copy_act", args=[reference, place, act]) for act in ("give", "refuse"))
    acts.offer(copy, "give_copy", person, give_at, _("It was handed over"), primary=True)
    acts.offer(copy, "refuse_copy", person, refuse_at, _("Do not hand it over"))
    context = {
        "copy": copy,
        "acts": acts,
        "zone": copy.assistance.mission.time_zone,
        "may_read": bool(policy.MAY_GIVE_COPY.role_used(Question(copy, "give_copy", person))),
        "back_url": record_url(copy.assistance),
        "reference": reference,
    }
    return render(request, "workflow/person_copy.html", context)


@audience(Role.HEAD_OF_UNIT)
@require_safe
def person_copy_text(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """The copy as a page, for the head of unit of the lead mission."""
    copy = _copy(request, reference, place)
    policy.MAY_GIVE_COPY.require(Question(copy, "give_copy", person_of(request)))
    context = {"copy": copy, "parts": parts_of(copy), "left_out": left_out(copy), "reference": reference}
    return render(request, "workflow/person_copy_text.html", context)


@audience(Role.HEAD_OF_UNIT)
@require_safe
def person_copy_file(request: HttpRequest, reference: str, place: int) -> HttpResponse:
    """The copy as a file of plain text."""
    copy = _copy(request, reference, place)
    policy.MAY_GIVE_COPY.require(Question(copy, "give_copy", person_of(request)))
    answer = HttpResponse(as_text(copy), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{reference}-C{place}.txt"'
    return answer


@audience(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def person_copy_act(request: HttpRequest, reference: str, place: int, act: str) -> HttpResponse:
    """Say that it was handed over, or why not."""
    copy = _copy(request, reference, place)
    page = {"give": _give, "refuse": _refuse}.get(act)
    if page is None:
        return redirect("person_copy", reference=reference, place=place)
    ask_act(copy, f"{act}_copy", person_of(request))
    return plain_act(request, page(copy))


def _give(copy: PersonCopy) -> PlainAct:
    return PlainAct(
        title=_("Copy %(key)s was handed over") % {"key": copy.key},
        button=_("It was handed over"),
        done=_("It is recorded that you handed the copy over."),
        effects=[_("Your name and the day are kept.")],
        back=_page(copy),
        do=lambda person, _reason: give_copy(copy_id=copy.pk, actor=person, at=clock.now()),
        facts=[(_("Who asks"), copy.get_asked_by_display())],
    )


def _refuse(copy: PersonCopy) -> PlainAct:
    return PlainAct(
        title=_("Do not hand over copy %(key)s") % {"key": copy.key},
        button=_("Do not hand it over"),
        done=_("It is recorded that the copy is not handed over."),
        effects=[_("The reason is kept with the request. Tell the person, and where to complain.")],
        back=_page(copy),
        asks_reason=True,
        do=lambda person, reason: refuse_copy(copy_id=copy.pk, reason=reason, actor=person, at=clock.now()),
        facts=[(_("Who asks"), copy.get_asked_by_display())],
    )


def _page(copy: PersonCopy) -> str:
    return reverse("person_copy", args=[copy.assistance.reference, copy.number])
