"""Payees: recorded in the mission, confirmed by somebody else who rang back; every change is a new version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.payees import confirm_payee, record_payee, reject_payee
from finance.forms.payees import CallBackForm, DetailsForm, NewPayeeForm, RejectForm
from finance.models import Payee, PayeeVersion
from finance.paying_rules import ready_at, same_account_elsewhere
from finance.states import PayeeDetailsState, Rail
from finance.views.acting import Acts, NewRecord, act_within_sight, ask_act, ask_permit, done, made_before, once
from finance.views.history import decisions_about, told
from finance.visibility import SEES_PAYEES, SEES_PAYEES_OF_ALL, belongs_to, may_read_account, visible_payees
from gaf import clock
from gaf.accounts.models import Mission, User
from gaf.accounts.queries import assignments_of, holds
from gaf.accounts.roles import Role
from gaf.audience import audience
from gaf.sealing import unseal_all

ROWS = 25


@audience(*SEES_PAYEES)
@require_safe
def payees(request: HttpRequest) -> HttpResponse:
    """The payees a person may see, newest first, each with its newest details."""
    person: User = request.user  # type: ignore[assignment]
    state = request.GET.get("state", "")
    rows = _with_newest_state(visible_payees(person))
    if state in PayeeDetailsState.values:
        rows = rows.filter(newest_state=state)
    versions = PayeeVersion.objects.order_by("-number")
    rows = rows.prefetch_related(Prefetch("versions", queryset=versions)).order_by("-key")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(list(page.object_list)),
        "states": PayeeDetailsState.choices,
        "state": state if state in PayeeDetailsState.values else "",
        "may_record": bool(_own_missions(person)),
        "sees_screening": belongs_to(person, SEES_PAYEES_OF_ALL),
    }
    return render(request, "finance/payees.html", context)


def _with_newest_state(rows: QuerySet[Payee]) -> Any:
    newest = PayeeVersion.objects.filter(payee=OuterRef("pk")).order_by("-number").values("state")
    return rows.annotate(newest_state=Subquery(newest[:1]))


def _rows(found: list[Payee]) -> list[dict[str, Any]]:
    newest = [payee.versions.all()[0] for payee in found]
    holders = unseal_all(version.holder for version in newest)
    return [
        {
            "payee": payee,
            "version": version,
            "holder": holder,
            "in_force": next((v for v in payee.versions.all() if v.state == PayeeDetailsState.CONFIRMED), None),
        }
        for payee, version, holder in zip(found, newest, holders, strict=True)
    ]


def _own_missions(person: User) -> list[Mission]:
    """The missions for which this person records payees."""
    rows = [row for row in assignments_of(person) if row.role == Role.MISSION_FINANCE and row.mission is not None]
    return [row.mission for row in rows if row.mission is not None]


@audience(*SEES_PAYEES)
@require_safe
def payee(request: HttpRequest, key: str) -> HttpResponse:
    """One payee: its versions, the details of one of them (`?version=2`, else the newest), and what may be done."""
    person: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(visible_payees(person), key=key)
    versions = list(found.versions.select_related("recorded_by", "confirmed_by").order_by("-number"))
    wanted = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.number) == wanted), versions[0])
    shown.payee = found
    acts = _acts(found, shown, person)
    context = {
        "payee": found,
        "versions": versions,
        "shown": shown,
        "details": details_rows(shown, whole_account=may_read_account(person, shown)),
        "decisions": told(decisions_about([shown.decision_subject()]), with_text=True, withheld=_withheld(person)),
        "open_acts": acts.open_acts,
        "closed_acts": acts.closed_acts,
        **_warnings(shown, person),
    }
    return render(request, "finance/payee.html", context)


def _warnings(shown: PayeeVersion, person: User) -> dict[str, Any]:
    """When the details can be paid, and for headquarters: the same account elsewhere, and names like listed ones."""
    ready = ready_at(shown) if shown.state == PayeeDetailsState.CONFIRMED else None
    known = {"ready_at": ready if ready is not None and ready > clock.now() else None}
    if not belongs_to(person, SEES_PAYEES_OF_ALL):
        return known
    return {
        **known,
        "sees_screening": True,
        "same_account": same_account_elsewhere(shown),
        "hits": list(shown.hits.select_related("entry")),
        "screened": shown.screenings.select_related("sanctions_list").last(),
    }


def _withheld(person: User) -> tuple[str, ...]:
    """The mission reads why details were rejected, and not whom headquarters rang on which number to confirm them."""
    return () if belongs_to(person, SEES_PAYEES_OF_ALL) else ("confirm_payee",)


def _acts(found: Payee, shown: PayeeVersion, person: User) -> Acts:
    acts = Acts()
    where = [found.key, shown.number]
    acts.offer(
        shown, "confirm_payee", person, reverse("confirm_payee", args=where), _("Confirm by call-back"), primary=True
    )
    acts.offer(shown, "reject_payee", person, reverse("reject_payee", args=where), _("Reject the details"))
    acts.offer_permit(
        policy.MAY_RECORD_PAYEE,
        NewRecord(missions={found.mission_id}),
        "record_payee",
        person,
        reverse("payee_new_version", args=[found.key]),
        _("Record new details"),
    )
    return acts


def details_rows(version: PayeeVersion, *, whole_account: bool) -> list[dict[str, Any]]:
    """The details of a version as questions and answers; the account number whole or its last four characters."""
    holder, account, bank, town = unseal_all([version.holder, version.account, version.bank, version.town])
    by_bank = version.rail == Rail.BANK_FILE
    rows = [
        (_("Account holder"), holder),
        (_("Account"), account if whole_account else f"…{version.account_hint}"),
        (
            _("Paid in"),
            _("%(currency)s by %(rail)s") % {"currency": version.currency, "rail": version.get_rail_display()},
        ),
    ]
    if by_bank:
        rows += [(_("The account is told by"), _("an IBAN") if version.is_iban else _("another account number"))]
        rows += [(_("BIC of the payee's bank"), version.bic), (_("Payee's bank"), bank or "–")]
    rows += [(_("Town and country"), ", ".join(filter(None, [town, version.country])))]
    return [{"label": label, "value": value} for label, value in rows]


@audience(*SEES_PAYEES)
@require_http_methods(["GET", "HEAD", "POST"])
def payee_new(request: HttpRequest) -> HttpResponse:
    """Record a payee of one of the person's own missions."""
    person: User = request.user  # type: ignore[assignment]
    missions = _own_missions(person)
    ask_permit(policy.MAY_RECORD_PAYEE, NewRecord(missions={m.pk for m in missions}), "record_payee", person)
    made = made_before(request)
    if made:
        return redirect(made)
    initial = {"currency": missions[0].currency, "country": missions[0].code}
    form = NewPayeeForm(request.POST if request.method == "POST" else None, missions=missions, initial=initial)
    if request.method == "POST" and form.is_valid():
        mission = form.missions[form.cleaned_data["mission"]]
        return _record(request, form, mission, None) or _new_page(request, form)
    return _new_page(request, form)


def _new_page(request: HttpRequest, form: NewPayeeForm) -> HttpResponse:
    return render(request, "finance/payee_new.html", {"form": form}, status=422 if form.errors else 200)


@audience(*SEES_PAYEES)
@require_http_methods(["GET", "HEAD", "POST"])
def payee_new_version(request: HttpRequest, key: str) -> HttpResponse:
    """Record new details of a payee; the ones in force stay in force until these are confirmed."""
    person: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(visible_payees(person), key=key)
    ask_permit(policy.MAY_RECORD_PAYEE, NewRecord(missions={found.mission_id}), "record_payee", person)
    made = made_before(request)
    if made:
        return redirect(made)
    newest = found.versions.order_by("-number")[0]
    initial = {"rail": newest.rail, "currency": newest.currency, "country": newest.country, "bic": newest.bic}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = _record(request, form, found.mission, found)
        if answer is not None:
            return answer
    context = {"form": form, "payee": found, "newest": newest}
    return render(request, "finance/payee_new_version.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, form: DetailsForm, mission: Mission, known: Payee | None) -> HttpResponse | None:
    """Record what was typed, once; None when it was refused, with the reason at the form."""
    person: User = request.user  # type: ignore[assignment]
    kind = known.kind if known is not None else form.cleaned_data["kind"]

    def record_it() -> str:
        version = record_payee(
            mission=mission, kind=kind, details=form.details(), actor=person, at=clock.now(), payee=known
        )
        return reverse("payee", args=[version.payee.key])

    address = done(form, lambda: once(request, form.cleaned_data["idempotency_key"], record_it), otherwise="account")
    if address is None:
        return None
    messages.success(request, _("Recorded. Somebody at headquarters rings the payee back before it is paid."))
    return redirect(address)


def _versions_within_sight(person: User, key: str, number: int) -> QuerySet[PayeeVersion]:
    """One version of a payee, where this person sees the payee."""
    seen = visible_payees(person).filter(key=key).order_by().values("pk")
    return PayeeVersion.objects.filter(payee__in=seen, number=number).select_related("payee")


def _version(request: HttpRequest, key: str, number: int) -> PayeeVersion:
    person: User = request.user  # type: ignore[assignment]
    found = get_object_or_404(visible_payees(person), key=key)
    version = found.versions.select_related("recorded_by").filter(number=number).first()
    if version is None:
        raise Http404
    version.payee = found
    return version


@audience(*SEES_PAYEES)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A second person rang the payee back and heard the same details."""
    person: User = request.user  # type: ignore[assignment]
    form = CallBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = {"call_back_note": form.cleaned_data["call_back_note"], "actor": person, "at": clock.now()}
        rows = _versions_within_sight(person, key, number)
        confirmed = done(
            form,
            lambda: act_within_sight(rows, lambda here: confirm_payee(version_id=here.pk, **said)),
            otherwise="call_back_note",
        )
        if confirmed is not None:
            messages.success(request, _("The details of %(key)s are confirmed.") % {"key": key})
            return redirect("payee", key=key)
    version = _version(request, key, number)
    ask_act(version, "confirm_payee", person)
    return _decide(request, version, form, "finance/payee_confirm.html")


@audience(*SEES_PAYEES)
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The payee said something else, or could not be reached."""
    person: User = request.user  # type: ignore[assignment]
    form = RejectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = {"reason": form.cleaned_data["reason"], "actor": person, "at": clock.now()}
        rows = _versions_within_sight(person, key, number)
        rejected = done(
            form,
            lambda: act_within_sight(rows, lambda here: [reject_payee(version_id=here.pk, **said)]),
            otherwise="reason",
        )
        if rejected is not None:
            messages.success(request, _("The details of %(key)s are rejected.") % {"key": key})
            return redirect("payee", key=key)
    version = _version(request, key, number)
    ask_act(version, "reject_payee", person)
    return _decide(request, version, form, "finance/payee_reject.html")


def _decide(request: HttpRequest, version: PayeeVersion, form: Any, template: str) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    in_force = version.payee.versions.filter(state=PayeeDetailsState.CONFIRMED).first()
    context = {
        "form": form,
        "version": version,
        "payee": version.payee,
        "details": details_rows(version, whole_account=holds(person, Role.PAYEE_CONFIRMER)),
        "in_force": in_force,
        "same_account": in_force is not None and in_force.account_fingerprint == version.account_fingerprint,
    }
    return render(request, template, context, status=422 if form.errors else 200)
