"""Addresses of the editors' desk at `/cms/`, and below each language those of the public pages."""

from __future__ import annotations

from django.urls import URLResolver, include, path, re_path
from wagtail.admin import urls as desk
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms import public_urls, views

decorate_urlpatterns(desk.urlpatterns, views.editors_only)

urlpatterns = [
    path("cms/login/", views.sign_in, name="wagtailcore_login"),
    path("cms/logout/", views.sign_out),
    re_path(r"^cms/password_reset/", views.forgotten_password),
    path("cms/account/", views.own_account),
    path("cms/", include(desk)),
    URLResolver(public_urls.Tree(), public_urls),  # type: ignore[arg-type]  # it has all that a pattern needs
]
