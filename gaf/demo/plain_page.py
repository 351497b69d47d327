"""The yardstick of `manage.py measure`: a plain Django page with sign-in and one question, and none of our rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, override_settings
from django.urls import path

from gaf.accounts.models import Mission, User

_PAGE = Template(
    "<!doctype html><title>Missions</title><h1>Missions</h1><p>{{ person }}</p>"
    "<ul>{% for mission in missions %}<li>{{ mission.code }} {{ mission.name }}</li>{% endfor %}</ul>"
)
_DOOR = "django.contrib.auth.backends.ModelBackend"
SETTINGS = {
    "AUTHENTICATION_BACKENDS": [_DOOR],
    "ROOT_URLCONF": __name__,
    "LOGIN_URL": "/",
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
}


@login_required
def missions(request: HttpRequest) -> HttpResponse:
    """Ten missions by name."""
    rows = Mission.objects.order_by("name")[:10]
    return HttpResponse(_PAGE.render(Context({"person": request.user, "missions": rows})))


urlpatterns = [path("", missions)]


def signed_in(person: User) -> Client:
    """Somebody signed in there by Django's own means."""
    client = Client()
    client.force_login(person, backend=_DOOR)
    return client


@contextmanager
def only_the_plain_page() -> Iterator[None]:
    """While this stands, the site is the plain page and Django's own middleware."""
    with override_settings(**SETTINGS):
        yield
