"""Pages of the second factor: turning it on and off, the codes on paper, and the code at the sign-in."""

from __future__ import annotations

import io
from typing import Any, cast

import segno
from allauth.account.internal.decorators import login_stage_required
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gaf.accounts import second_factor as factor
from gaf.accounts.fresh import CodeField, FreshFields, is_fresh
from gaf.accounts.models import SecondFactor, User
from gaf.accounts.requiring import is_required_of
from gaf.accounts.roles import Role
from gaf.accounts.stages import CodeStage
from gaf.audience import audience

_ANYBODY = tuple(role for role in Role if role != Role.SYSTEM)


class OwnPassword(FreshFields):
    """What has to be given again before anything about the second factor changes."""

    use_required_attribute = False

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Nothing is asked twice within some minutes."""
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.ask_afresh(request)


class CodeForm(forms.Form):
    """The code of now."""

    use_required_attribute = False
    code = CodeField()

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        """Tries are counted by person."""
        super().__init__(*args, **kwargs)
        self.request, self.person, self.codes = request, person, list[str]()

    def clean_code(self) -> str:
        """Right, of now, and not used before."""
        code = str(self.cleaned_data["code"])
        if not ratelimit.consume(self.request, action="second_factor", user=self.person):
            raise ValidationError(_("Too many tries. Wait a few minutes."))
        if not self.takes(code):
            raise ValidationError(_("This is not the code of now, or it was used already."))
        return code

    def takes(self, code: str) -> bool:
        """Whether it opens the door."""
        return factor.takes_code(self.person, code)


class FirstCodeForm(CodeForm):
    """The first code of an app: it shows that the app reckons as we do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """There are no codes on paper yet."""
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Six digits.")

    def takes(self, code: str) -> bool:
        """The second factor is on from here, and the codes on paper are made."""
        begun = factor.begun(self.person)
        self.codes = factor.confirm(begun, code) if begun is not None else []
        return bool(self.codes)


@audience(*_ANYBODY)
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Whether it is on, and what may be done about it; each only after the password was given again."""
    person = cast(User, request.user)
    wanted = request.POST.get("act", "")
    if wanted == "confirm":
        return _confirm(request, person)
    form = OwnPassword(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        return _ACTS.get(wanted, _nothing)(request, person)
    return _page(request, person, form, 422 if request.method == "POST" else 200)


def _page(request: HttpRequest, person: User, form: forms.Form, status: int) -> HttpResponse:
    held = SecondFactor.objects.filter(person=person, confirmed_at__isnull=False).first()
    begun = factor.begun(person) if held is None and is_fresh(request) else None
    context = {
        "form": form,
        "first_code": FirstCodeForm(request=request, person=person),
        "held": held,
        "begun": begun,
        "secret": _in_fours(factor.secret_of(begun)) if begun is not None else "",
        "left": factor.recovery_codes_left(person),
        "is_required": is_required_of(person),
    }
    return render(request, "account/second_factor.html", context, status=status)


def _in_fours(secret: str) -> str:
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def _begin(request: HttpRequest, person: User) -> HttpResponse:
    if not factor.has_second_factor(person):
        factor.begin(person)
    return redirect("second_factor")


def _confirm(request: HttpRequest, person: User) -> HttpResponse:
    if not is_fresh(request):
        return redirect("second_factor")
    form = FirstCodeForm(request.POST, request=request, person=person)
    if form.is_valid():
        factor.end_sessions(person, but=request.session.session_key or "")
        return _codes_page(request, form.codes)
    return _page(request, person, form, 422)


def _new_codes(request: HttpRequest, person: User) -> HttpResponse:
    if not factor.has_second_factor(person):
        return redirect("second_factor")
    return _codes_page(request, factor.new_recovery_codes(person))


def _turn_off(request: HttpRequest, person: User) -> HttpResponse:
    if not is_required_of(person) and factor.take_off(person, person):
        messages.success(request, _("The second factor is off."))
    return redirect("second_factor")


def _nothing(request: HttpRequest, person: User) -> HttpResponse:
    return redirect("second_factor")


_ACTS = {"begin": _begin, "codes": _new_codes, "off": _turn_off}


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown this once, and kept by no browser."""
    return render(request, "account/recovery_codes.html", {"codes": codes})


@audience(*_ANYBODY)
@require_safe
def second_factor_picture(request: HttpRequest) -> HttpResponse:
    """What an app reads with the camera; only while it is being turned on, and only for the person themselves."""
    begun = factor.begun(cast(User, request.user))
    if begun is None or not is_fresh(request):
        return redirect("second_factor")
    picture = io.BytesIO()
    segno.make(factor.address_of(begun)).save(picture, kind="svg", scale=5, border=4, light="#ffffff")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@require_http_methods(["GET", "HEAD", "POST"])
@login_stage_required(stage=CodeStage.key, redirect_urlname="account_login")
def second_factor_code(request: HttpRequest) -> HttpResponse:
    """The second page of the sign-in."""
    stage = request._login_stage  # type: ignore[attr-defined]
    form = CodeForm(request.POST or None, request=request, person=stage.login.user)
    if request.method == "POST" and form.is_valid():
        answer: HttpResponse = stage.exit()
        return answer
    return render(
        request, "account/second_factor_code.html", {"form": form}, status=422 if request.method == "POST" else 200
    )
