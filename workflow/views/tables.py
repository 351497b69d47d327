"""Tables of persons helped: the register, one table, and the acts of two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.views.acting import Acts, NewRecord, ask_act, ask_permit, done, made_before, may, once
from finance.views.plain_act import PlainAct, plain_act
from gaf import clock
from gaf.accounts.models import User
from gaf.accounts.roles import Role
from gaf.audience import audience
from workflow import policy
from workflow.actions.tables import discard_table, propose_table, publish_table
from workflow.forms.tables import TableForm, days_of
from workflow.models import Table
from workflow.statistics.shown import shown

READERS_OF_TABLES = (Role.DATA_STEWARD, Role.FUND_MANAGER, Role.AUDITOR)


@audience(*READERS_OF_TABLES)
@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """Every table that was ever proposed, the newest days first: the register that keeps two from being subtracted."""
    person: User = request.user  # type: ignore[assignment]
    rows = Table.objects.select_related("proposed_by", "published_by")
    context = {"tables": rows, "may_propose": may(policy.MAY_PROPOSE_TABLE, person)}
    return render(request, "workflow/tables.html", context)


@audience(Role.DATA_STEWARD)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Choose days, dimensions and readers; the figures are counted and the small ones hidden."""
    person: User = request.user  # type: ignore[assignment]
    ask_permit(policy.MAY_PROPOSE_TABLE, NewRecord(), "propose_table", person)
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    data = request.POST if request.method == "POST" else None
    form = TableForm(data, initial={"for_whom": Table.Audience.PUBLIC})
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _propose_once(request, form, person), {"TABLE-04": "dimensions"}, otherwise="span")
        if address is not None:
            messages.success(request, _("The table is proposed. Nobody else reads it before it is published."))
            return redirect(address)
    return render(request, "workflow/table_new.html", {"form": form}, status=422 if form.errors else 200)


def _propose_once(request: HttpRequest, form: TableForm, person: User) -> str:
    typed = form.cleaned_data
    first_day, last_day = days_of(typed["span"])

    def propose_it() -> str:
        table = propose_table(
            for_whom=typed["for_whom"],
            first_day=first_day,
            last_day=last_day,
            dimensions=typed["dimensions"],
            actor=person,
            at=clock.now(),
        )
        return reverse("table", args=[table.key])

    return once(request, typed["idempotency_key"], propose_it)


@audience(*READERS_OF_TABLES)
@require_safe
def table(request: HttpRequest, table: str) -> HttpResponse:
    """One table as its readers see it, and what may be done with it."""
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(Table.objects.select_related("proposed_by", "published_by"), key=table)
    acts = Acts()
    publish_at, discard_at = (reverse("table_act", args=[row.key, act]) for act in ("publish", "discard"))
    acts.offer(row, "publish_table", person, publish_at, _("Publish the table"), primary=True)
    acts.offer(row, "discard_table", person, discard_at, _("Discard the table"))
    return render(request, "workflow/table.html", {"table": row, "shown": shown(row), "acts": acts})


@audience(*READERS_OF_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def table_act(request: HttpRequest, table: str, act: str) -> HttpResponse:
    """Publish or discard it."""
    person: User = request.user  # type: ignore[assignment]
    row = get_object_or_404(Table, key=table)
    page = {"publish": _publish, "discard": _discard}.get(act)
    if page is None:
        return redirect("table", table=row.key)
    ask_act(row, f"{act}_table", person)
    return plain_act(request, page(row))


def _publish(row: Table) -> PlainAct:
    everybody = row.for_whom == Table.Audience.PUBLIC
    reads = _("Everybody reads it on the public pages.") if everybody else _("People of the fund read it here.")
    return PlainAct(
        title=_("Publish %(key)s") % {"key": row.key},
        button=_("Publish the table"),
        done=_("The table is published."),
        effects=[reads, _("No other table of these days is published any more. It cannot be taken back.")],
        back=reverse("table", args=[row.key]),
        do=lambda person, _reason: publish_table(table_id=row.pk, actor=person, at=clock.now()),
        facts=_facts(row),
    )


def _discard(row: Table) -> PlainAct:
    return PlainAct(
        title=_("Discard %(key)s") % {"key": row.key},
        button=_("Discard the table"),
        done=_("The table is discarded."),
        effects=[_("Nobody reads it. The reason is kept.")],
        back=reverse("table", args=[row.key]),
        asks_reason=True,
        do=lambda person, reason: discard_table(table_id=row.pk, reason=reason, actor=person, at=clock.now()),
        facts=_facts(row),
    )


def _facts(row: Table) -> list[tuple[str, Any]]:
    hidden = sum(figure["count"] is None for figure in row.counts)
    return [(_("Figures"), len(row.counts)), (_("Hidden"), hidden)]
