"""Who a page is for, said at the view itself: people who hold none of its roles get the page of what does not exist."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from gaf.accounts.queries import roles_of
from gaf.accounts.roles import Role

View = Callable[..., HttpResponse]
Answer = TypeVar("Answer", bound=HttpResponseBase)

METHODS = ("GET", "HEAD", "POST")  # no page of ours knows another; a form can send no other


def audience(*roles: Role, public: bool = False) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """The roles a page is for, kept on the view as `audience`; `public` pages (`audience` is empty) are for everybody.

    Signing in is asked by middleware before. Whoever holds none of the roles is answered 404; what somebody among them
    may not do is the permit's to say (403). Methods that no page knows are answered 405 before anything is read.
    """
    if public == bool(roles):
        raise TypeError("a page is for some roles, or public")

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Answer:
            if request.method not in METHODS:
                return cast(Answer, HttpResponseNotAllowed(METHODS))
            if not public and roles_of(request.user).isdisjoint(roles):  # type: ignore[arg-type]
                raise Http404
            return view(request, *args, **kwargs)

        guarded.audience = roles  # type: ignore[attr-defined]
        if public:
            guarded.login_required = False  # type: ignore[attr-defined]
        return guarded

    return decorate
