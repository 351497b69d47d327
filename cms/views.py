"""Our own doors around Wagtail: public pages in their language, and the editors' desk behind the fund's sign-in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from wagtail.views import serve

from cms.editors import GROUP, let_people_edit
from cms.trees import route_for
from gaf.accounts.roles import Role
from gaf.audience import View, audience


@audience(public=True)
@require_safe
def public_page(request: HttpRequest, path: str, language: str) -> HttpResponse:
    """A published page at its address in a tree, in the language of that tree whoever reads, or else in English."""
    with translation.override(language):
        found = route_for(language, request, path)
        if isinstance(found, str):
            return redirect(found)
        request._wagtail_route_for_request = found  # type: ignore[attr-defined]  # where Wagtail keeps what it found
        response: HttpResponse = serve(request, path)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
    response.headers["Content-Language"] = found.page.locale.language_code
    return response


def editors_only(view: View) -> View:
    """A view of the desk, for editors: the role opens it, and the group, joined on the way, says what may be done."""

    def desk(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person: Any = request.user
        if not person.groups.filter(name=GROUP).exists():
            let_people_edit(person)
        return view(request, *args, **kwargs)

    return audience(Role.EDITOR)(desk)


@audience(public=True)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Wagtail's own sign-in leads to the fund's."""
    query = request.GET.urlencode()
    return redirect(f"/sign-in/?{query}" if query else "/sign-in/")


@audience(public=True)
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Wagtail's own page for forgotten passwords leads to the fund's."""
    return redirect("/sign-in/password/")


@audience(public=True)
def sign_out(request: HttpRequest) -> HttpResponse:
    """Wagtail's button leads to the fund's sign-out, which also clears what the browser kept. A press stays a press."""
    return HttpResponseRedirect("/sign-out/", preserve_request=request.method == "POST")


@audience(Role.EDITOR)
def own_account(request: HttpRequest) -> HttpResponse:
    """Name, address and password are not changed in Wagtail; back to the desk."""
    return redirect("wagtailadmin_home")
