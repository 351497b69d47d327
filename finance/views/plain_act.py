"""An act that asks nothing, or a reason: its facts, what will happen, and one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from finance.forms.fields import ConfirmForm, ReasonForm
from finance.views.acting import done
from gaf.accounts.models import User


@dataclass(frozen=True)
class PlainAct:
    """What one such page says. `do` gets the reason (empty where none is asked) and carries the act out."""

    title: str
    button: str
    done: str
    effects: Sequence[str]
    back: str
    do: Callable[[User, str], Any]
    asks_reason: bool = False
    facts: Sequence[tuple[str, Any]] = field(default_factory=tuple)


def plain_act(request: HttpRequest, act: PlainAct) -> HttpResponse:
    """Show the page, or do the act and go back; the caller has asked the permit."""
    person: User = request.user  # type: ignore[assignment]
    kind = ReasonForm if act.asks_reason else ConfirmForm
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        acted = done(form, lambda: [act.do(person, form.cleaned_data.get("reason", ""))])
        if acted is not None:
            messages.success(request, act.done)
            return redirect(act.back)
    return render(request, "finance/plain_act.html", {"form": form, "act": act}, status=422 if form.errors else 200)
