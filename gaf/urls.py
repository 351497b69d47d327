"""All addresses, gathered from the rooms. Composition root: it may see every room."""

from __future__ import annotations

from allauth.account import views as account_views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import converters, include, path, register_converter
from django.views.decorators.http import require_safe

from gaf import role_switcher
from gaf.accounts import views as own_pages
from gaf.devices import device, device_key, offline, worker
from gaf.first_day import first_day
from gaf.health import healthz
from gaf.languages import choose_language, public_address
from gaf.navigation import first_page
from gaf.search import search
from gaf.single_keys import keys


class AccountNumber(converters.StringConverter):
    """The number of an account in a link for a new password: letters and digits; the key behind it has a dash."""

    regex = "[0-9A-Za-z]+"


register_converter(AccountNumber, "account")


@login_not_required
@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """Signed in: to the role's first page. Else: to the public start page in the reader's language."""
    return redirect(first_page(request.user) if request.user.is_authenticated else public_address())


urlpatterns = [
    path("", front_door, name="front_door"),
    path("healthz", healthz, name="healthz"),
    path("language/", choose_language, name="choose_language"),
    path("search/", search, name="search"),
    path("keys/", keys, name="keys"),
    path("first-day/", first_day, name="first_day"),
    path("device/", device, name="device"),
    path("device/key/", device_key, name="device_key"),
    path("offline/", offline, name="offline"),
    path("worker.js", worker, name="worker"),
    path("second-factor/", own_pages.second_factor, name="second_factor"),
    path("second-factor/picture.svg", own_pages.second_factor_picture, name="second_factor_picture"),
    path("sign-in/code/", own_pages.second_factor_code, name="second_factor_code"),
    path("sign-in/", account_views.login, name="account_login"),
    path("sign-out/", account_views.logout, name="account_logout"),
    path("sign-in/password/", account_views.password_reset, name="account_reset_password"),
    path("sign-in/password/sent/", account_views.password_reset_done, name="account_reset_password_done"),
    path(
        "sign-in/password/<account:uidb36>-<str:key>/",
        account_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "sign-in/password/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("", include("workflow.urls")),
    path("", include("finance.urls")),
    path("", include("cms.urls")),
]

if settings.GAF_ROLE_SWITCHER and settings.TRAINING:
    urlpatterns += role_switcher.urlpatterns

handler404 = "gaf.error_pages.not_found"
handler500 = "gaf.error_pages.broken"
