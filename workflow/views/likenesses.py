"""Two persons who may be one: which missions to ask, what they answered, and the decision of a third.

Nothing of either case stands here: a key for each mission to find its own person by, and the missions' names.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, ask_act, done
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.decisions.models import Decision
from gaf.policy import act_label
from gaf.privacy.sight import open_to
from gaf.sealing import unseal_all
from workflow.actions.likenesses import join_persons, keep_persons_apart, weigh_likeness
from workflow.forms.likenesses import WeighForm
from workflow.models import Likeness
from workflow.states import LikenessState
from workflow.views.act_pages import person_of

JUDGES = (Role.DATA_STEWARD, Role.PRIVACY_FOCAL_POINT)
_ROWS_A_PAGE = 25


def open_likenesses(person: User) -> QuerySet[Likeness]:
    """The likenesses a person may see: both requests are open to them, and what is only possible to stewards alone."""
    rows = Likeness.objects.select_related(
        "first__assistance__mission", "second__assistance__mission", "weighed_by", "decided_by"
    ).filter(open_to(person, "first__assistance__reference"), open_to(person, "second__assistance__reference"))
    if Role.DATA_STEWARD in roles_of(person):
        return rows
    return rows.exclude(state=LikenessState.FOUND)


@audience(*JUDGES)
@require_safe
def likenesses(request: HttpRequest) -> HttpResponse:
    """What is to be asked and decided, the newest first."""
    rows = open_likenesses(person_of(request))
    page = Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "workflow/likenesses.html", {"page": page})


@audience(*JUDGES)
@require_safe
def likeness(request: HttpRequest, likeness: str) -> HttpResponse:
    """Whom to ask, by what the two look alike, and what may be done."""
    person, acts = person_of(request), Acts()
    row = get_object_or_404(open_likenesses(person), key=likeness)
    for act, words in (
        ("weigh_likeness", act_label("weigh_likeness")),
        ("join_persons", act_label("join_persons")),
        ("keep_persons_apart", act_label("keep_persons_apart")),
    ):
        address = reverse("likeness_act", args=[row.key, act.replace("_", "-")])
        acts.offer(row, act, person, address, words, primary=act == "weigh_likeness")
    context = {"row": row, "acts": acts, "reasons": _reasons(row)}
    return render(request, "workflow/likeness.html", context)


def _reasons(row: Likeness) -> list[tuple[str, str]]:
    """Who said what, oldest first."""
    said = Decision.objects.filter(subject=row.key).exclude(reason="").select_related("actor").order_by("number")
    texts = unseal_all([one.reason for one in said])
    return [(f"{act_label(one.act)}, {one.actor}", text) for one, text in zip(said, texts, strict=True)]


@audience(*JUDGES)
@require_http_methods(["GET", "HEAD", "POST"])
def likeness_act(request: HttpRequest, likeness: str, act: str) -> HttpResponse:
    """Say what the missions answered, or decide."""
    person = person_of(request)
    row = get_object_or_404(open_likenesses(person), key=likeness)
    name = act.replace("-", "_")
    if name == "weigh_likeness":
        ask_act(row, name, person)
        return _weigh(request, row, person)
    if name not in ("join_persons", "keep_persons_apart"):
        raise Http404
    ask_act(row, name, person)
    return plain_act(request, _decide(row, name))


def _weigh(request: HttpRequest, row: Likeness, person: User) -> HttpResponse:
    form = WeighForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        if done(form, lambda: weigh_likeness(likeness_id=row.pk, **said, actor=person, at=clock.now())) is not None:
            messages.success(request, _("It waits for a third person, who decides."))
            return redirect("likeness", likeness=row.key)
    return render(
        request, "workflow/likeness_weigh.html", {"row": row, "form": form}, status=422 if form.errors else 200
    )


def _decide(row: Likeness, name: str) -> PlainAct:
    action = join_persons if name == "join_persons" else keep_persons_apart
    if name == "join_persons":
        said = _("They are one person from now on.")
        effects = [_("They share a key. Help to one counts where the other is helped again.")]
    else:
        said, effects = _("They stay two persons."), [_("The same two are not shown again.")]
    return PlainAct(
        title=f"{act_label(name)}: {row.key}",
        button=act_label(name),
        done=said,
        effects=[*effects, _("Neither mission reads anything of the other’s request.")],
        back=reverse("likeness", args=[row.key]),
        asks_reason=True,
        do=lambda who, reason: action(likeness_id=row.pk, reason=reason, actor=who, at=clock.now()),
        facts=[
            (_("Proposed"), row.get_proposed_display()),
            (_("By what"), row.get_sign_display()),
        ],
    )
