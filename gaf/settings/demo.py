"""The demo: an SQLite file of its own, mails into a folder, keys that protect nothing real."""

from gaf.settings.base import *  # noqa: F403
from gaf.settings.base import BASE_DIR, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRETS, sqlite
from gaf.settings.environment import never_live

DEMO = True
TRAINING = True
GAF_ROLE_SWITCHER = True
SECRET_KEY = "demo-only-" + "x" * 50
GAF_SEALING_KEYS = "demo:" + "42" * 32
STRIPE_CALLS_PER_SECOND = 0  # the stand-in takes any number
GAF_DATA = BASE_DIR / ".data" / "demo"
GAF_DATA.mkdir(parents=True, exist_ok=True)
GAF_PRIVATE_FILES = GAF_DATA / "private"
GAF_KEY_FOLDER = GAF_DATA / "keys"
GAF_BANK_FOLDER = GAF_DATA / "bank"
GAF_STATEMENT_DAYS_AHEAD = 366  # here a day of the bank may be as short as a file
STATIC_ROOT = GAF_DATA / "static"
MEDIA_ROOT = GAF_DATA / "media"
DATABASES = {"default": sqlite(GAF_DATA / "demo.sqlite3")}
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = GAF_DATA / "mail"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
STRIPE_API_KEY = never_live(STRIPE_API_KEY) or "sk_test_demo"
STRIPE_WEBHOOK_SECRETS = STRIPE_WEBHOOK_SECRETS or "whsec_demo"
