"""The suite: quick password hashing, mails in memory, files in a folder the suite owns."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from gaf.settings.base import *  # noqa: F403
from gaf.settings.base import BASE_DIR
from gaf.settings.database import from_environment

TRAINING = True
GAF_ROLE_SWITCHER = False  # its address is tried by tests/gaf/test_role_switcher.py, which puts it there
SECRET_KEY = "test-only-" + "x" * 50
GAF_SEALING_KEYS = "test:" + "24" * 32
DATABASES = {"default": from_environment(BASE_DIR / ".cache" / "test.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 0  # a test's database goes when it has ended, and nobody may hold on to it
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = False
ALLOWED_HOSTS = ["*"]
_OWN_FILES = "GAF_TEST_FILES" not in os.environ  # a second process of one test shares the first one's folder
_FILES = Path(os.environ.get("GAF_TEST_FILES") or tempfile.mkdtemp(prefix="gaf-test-"))
if _OWN_FILES:
    atexit.register(shutil.rmtree, _FILES, ignore_errors=True)
GAF_PRIVATE_FILES = _FILES / "private"
GAF_KEY_FOLDER = Path(os.environ.get("GAF_KEY_FOLDER") or _FILES / "keys")
GAF_BANK_FOLDER = _FILES / "bank"
STRIPE_API_KEY = "sk_test_suite"
STRIPE_CALLS_PER_SECOND = 0  # the stand-in takes any number
STRIPE_WEBHOOK_SECRETS = "whsec_suite"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # static files straight from the rooms; the suite collects none
WHITENOISE_USE_FINDERS = True
