"""A real installation: refuses to start with keys that protect nothing, with a shifted clock, or over plain HTTP."""

import re

from django.core.exceptions import ImproperlyConfigured

from gaf.settings.base import *  # noqa: F403
from gaf.settings.base import (
    ALLOWED_HOSTS,
    BASE_DIR,
    GAF_CLOCK_SHIFT,
    GAF_ROLE_SWITCHER,
    GAF_SEALING_KEYS,
    SECRET_KEY,
    STRIPE_API_BASE,
    STRIPE_API_KEY,
)
from gaf.settings.database import from_environment

TRAINING = False
GAF_SECOND_FACTOR_REQUIRED = True
DATABASES = {"default": from_environment(BASE_DIR / ".data" / "gaf.sqlite3")}
if not SECRET_KEY or not GAF_SEALING_KEYS:
    raise ImproperlyConfigured("GAF_SECRET_KEY and GAF_SEALING_KEYS must be set; README, “A real installation”.")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or "-only-" in SECRET_KEY:
    raise ImproperlyConfigured("GAF_SECRET_KEY must be 50 random characters, and none of the demo’s or the suite’s.")
for _key in GAF_SEALING_KEYS.split(","):
    _name, _colon, _digits = _key.strip().partition(":")
    # A random key has many different digits; the demo's and the suite's have two.
    if not re.fullmatch(r"[0-9a-fA-F]{64}", _digits) or len(set(_digits.lower())) < 3:
        raise ImproperlyConfigured("Each key of GAF_SEALING_KEYS must be a name, a colon, and 32 random bytes in hex.")
if "*" in ALLOWED_HOSTS or "" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("GAF_HOSTS must name the site; any name would let a mail lead to another one.")
if STRIPE_API_BASE and "_live_" in STRIPE_API_KEY:
    raise ImproperlyConfigured("STRIPE_API_BASE would show the key of the live account to a stand-in.")
if GAF_CLOCK_SHIFT:
    raise ImproperlyConfigured("GAF_CLOCK_SHIFT moves the clock and is refused here.")
if GAF_ROLE_SWITCHER:
    raise ImproperlyConfigured("GAF_ROLE_SWITCHER signs anybody in as anybody and is refused here.")

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SILENCED_SYSTEM_CHECKS = [
    "security.W021"
]  # browsers' preload lists take whole domains, which are not the fund's to give
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
