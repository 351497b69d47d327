"""Rules of matching: the list, one version with its test on past lines, and the acts of two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance import policy
from finance.actions.match_rules import (
    Conditions,
    activate_match_rule,
    retire_match_rule,
    try_match_rule,
    write_match_rule,
)
from finance.forms.fields import ConfirmForm
from finance.forms.statements import MatchRuleForm
from finance.models import Match, MatchRule
from finance.views.acting import Acts, NewRecord, ask_act, ask_permit, ask_role, done, made_before, may, once
from finance.visibility import SEES_STATEMENTS
from gaf import clock
from gaf.accounts.models import User
from gaf.audience import audience
from gaf.gate import act_on
from gaf.money import Money

FIELDS = {"RULE-03": "pattern", "RULE-05": "incoming", "RULE-06": "band"}


@audience(*SEES_STATEMENTS)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every version of every rule, the newest first, and what it would have got wrong."""
    person: User = request.user  # type: ignore[assignment]
    rows = MatchRule.objects.select_related("author", "activated_by").order_by("key", "-number")[:200]
    context = {"rules": rows, "may_write": may(policy.MAY_WRITE_MATCH_RULE, person)}
    return render(request, "finance/match_rules.html", context)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a rule, or the next version of one."""
    person: User = request.user  # type: ignore[assignment]
    ask_role(policy.MAY_WRITE_MATCH_RULE, "write_match_rule", person)
    made = made_before(request) if request.method == "POST" else ""
    if made:
        return redirect(made)
    key = request.GET.get("replaces", "")
    replaces = MatchRule.objects.filter(key=key).order_by("-number").first() if key else None
    form = MatchRuleForm(request.POST if request.method == "POST" else None, initial=_initial(replaces))
    if request.method == "POST" and form.is_valid():
        address = done(form, lambda: _write_once(request, form, person, replaces), FIELDS)
        if address is not None:
            messages.success(request, _("The rule is kept. It says nothing before it is put in force."))
            return redirect(address)
    ask_permit(policy.MAY_WRITE_MATCH_RULE, NewRecord(), "write_match_rule", person)
    context = {"form": form, "replaces": replaces}
    return render(request, "finance/match_rule_new.html", context, status=422 if form.errors else 200)


def _initial(rule: MatchRule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    return {
        "name": rule.name,
        "classifies": rule.classifies,
        "incoming": "in" if rule.incoming else "",
        "contains": ", ".join(rule.contains),
        "pattern": rule.pattern,
        "currency": rule.currency,
        "band": f"{rule.band:f}" if rule.band_bp else "",
        "automatic": rule.automatic,
    }


def _write_once(request: HttpRequest, form: MatchRuleForm, person: User, replaces: MatchRule | None) -> str:
    typed = form.cleaned_data
    words = tuple(word.strip() for word in typed["contains"].split(",") if word.strip())
    least: Money | None = typed.get("least_money")
    most: Money | None = typed.get("most_money")
    conditions = Conditions(
        name=typed["name"],
        classifies=typed["classifies"],
        incoming=typed["incoming"] == "in",
        contains=words,
        pattern=typed["pattern"],
        currency=typed["currency"],
        least_minor=least.minor if least else 0,
        most_minor=most.minor if most else 0,
        band_bp=typed["band"],
        automatic=typed["automatic"],
    )

    def write_it() -> str:
        key = replaces.key if replaces else ""
        rule = write_match_rule(conditions=conditions, actor=person, at=clock.now(), replaces=key)
        return reverse("match_rule", args=[rule.key, rule.number])

    return once(request, typed["idempotency_key"], write_it)


def _rule(key: str, number: int) -> MatchRule:
    return get_object_or_404(MatchRule.objects.select_related("author", "activated_by"), key=key, number=number)


@audience(*SEES_STATEMENTS)
@require_safe
def rule(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version: what it fits, who wrote it, what the test on past lines found, and what may be done with it."""
    person: User = request.user  # type: ignore[assignment]
    row = _rule(key, number)
    acts, where = Acts(), [row.key, row.number]
    acts.offer(row, "test_match_rule", person, reverse("test_match_rule", args=where), _("Test on past lines"))
    acts.offer(
        row, "activate_match_rule", person, reverse("activate_match_rule", args=where), _("Put in force"), primary=True
    )
    acts.offer(row, "retire_match_rule", person, reverse("retire_match_rule", args=where), _("Retire"))
    context = {"rule": row, "acts": acts, "wrong": _wrong(row), "may_write": may(policy.MAY_WRITE_MATCH_RULE, person)}
    context["booked"] = row.matches.count()
    return render(request, "finance/match_rule.html", context)


def _wrong(row: MatchRule) -> list[dict[str, Any]]:
    kinds = dict(Match.Kind.choices)
    return [
        {**told, "money": Money(told["minor"], told["currency"]), "was": kinds.get(told["was"], told["was"])}
        for told in row.tested.get("wrong_lines", [])
    ]


Action = Callable[..., MatchRule]


def _act(request: HttpRequest, key: str, number: int, act: str, action: Action, said: str) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at: datetime = clock.now()
        rows = MatchRule.objects.select_for_update().filter(key=key, number=number)
        acted = done(
            form,
            lambda: act_on(
                lambda: get_object_or_404(rows.all()), lambda rule: action(rule_id=rule.pk, actor=person, at=at)
            ),
        )
        if acted is not None:
            messages.success(request, said)
            return redirect("match_rule", key=key, number=number)
    row = _rule(key, number)
    ask_act(row, act, person)
    context = {"form": form, "rule": row, "act": act, "wrong": _wrong(row)}
    return render(request, "finance/match_rule_act.html", context, status=422 if form.errors else 200)


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def try_out(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Run a version on past matched lines."""
    return _act(request, key, number, "test_match_rule", try_match_rule, _("The rule was tested on past lines."))


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Somebody else than the author puts a tested version in force."""
    return _act(request, key, number, "activate_match_rule", activate_match_rule, _("The rule is in force."))


@audience(*SEES_STATEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take a version out of force."""
    return _act(request, key, number, "retire_match_rule", retire_match_rule, _("The rule says nothing any more."))
