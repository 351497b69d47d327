"""Addresses of the public pages below `/en/`, and of the editors' desk at `/cms/`."""

from __future__ import annotations

from django.urls import include, path, re_path
from wagtail.admin import urls as desk
from wagtail.urls import serve_pattern
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms import views

decorate_urlpatterns(desk.urlpatterns, views.editors_only)

urlpatterns = [
    path("cms/login/", views.sign_in, name="wagtailcore_login"),
    path("cms/logout/", views.sign_out),
    re_path(r"^cms/password_reset/", views.forgotten_password),
    path("cms/account/", views.own_account),
    path("cms/", include(desk)),
    re_path(r"^en/" + serve_pattern.removeprefix("^"), views.public_page, name="wagtail_serve"),
]
