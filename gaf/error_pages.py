"""Pages for what is not there and what broke; both say no more than they must."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from gaf import ids


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """One page for what does not exist and for what this person may not see."""
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A number to quote, the duty telephone, nothing else."""
    context = {"error_number": ids.random_key()[:8], "duty_telephone": settings.GAF_DUTY_TELEPHONE}
    return HttpResponse(render_to_string("500.html", context), status=500)
