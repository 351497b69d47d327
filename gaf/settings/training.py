"""A place to try things: everything invented, the database named by the environment, commands production refuses."""

from gaf.settings.base import *  # noqa: F403
from gaf.settings.base import BASE_DIR, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRETS
from gaf.settings.database import from_environment
from gaf.settings.environment import never_live

TRAINING = True
SECRET_KEY = "training-only-" + "x" * 50
GAF_SEALING_KEYS = "training:" + "17" * 32
STRIPE_CALLS_PER_SECOND = 0  # the stand-in takes any number
GAF_DATA = BASE_DIR / ".data" / "training"
GAF_DATA.mkdir(parents=True, exist_ok=True)
GAF_PRIVATE_FILES = GAF_DATA / "private"
GAF_KEY_FOLDER = GAF_DATA / "keys"
GAF_BANK_FOLDER = GAF_DATA / "bank"
GAF_STATEMENT_DAYS_AHEAD = 366  # here a day of the bank may be as short as a file
STATIC_ROOT = GAF_DATA / "static"
MEDIA_ROOT = GAF_DATA / "media"
DATABASES = {"default": from_environment(GAF_DATA / "training.sqlite3")}
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = GAF_DATA / "mail"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
STRIPE_API_KEY = never_live(STRIPE_API_KEY) or "sk_test_training"
STRIPE_WEBHOOK_SECRETS = STRIPE_WEBHOOK_SECRETS or "whsec_training"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
