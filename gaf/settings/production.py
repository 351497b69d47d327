"""A real installation: refuses to start without its own keys, with a shifted clock, or over plain HTTP."""

from django.core.exceptions import ImproperlyConfigured

from gaf.settings.base import *  # noqa: F403
from gaf.settings.base import BASE_DIR, GAF_CLOCK_SHIFT, GAF_SEALING_KEYS, SECRET_KEY
from gaf.settings.database import from_environment

TRAINING = False
DATABASES = {"default": from_environment(BASE_DIR / ".data" / "gaf.sqlite3")}
if not SECRET_KEY or not GAF_SEALING_KEYS:
    raise ImproperlyConfigured("GAF_SECRET_KEY and GAF_SEALING_KEYS must be set; README, “A real installation”.")
if GAF_CLOCK_SHIFT:
    raise ImproperlyConfigured("GAF_CLOCK_SHIFT moves the clock and is refused here.")

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31536000
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
