"""What every installation shares. The environment can set what starts with GAF_; see docs/generated/settings.md."""

from __future__ import annotations

from pathlib import Path

from gaf.settings.environment import setting

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEBUG = False
TRAINING = False  # only settings whose people and money are invented say otherwise
SECRET_KEY = setting("GAF_SECRET_KEY", "", "Signs sessions and forms; 50 random characters.")
ALLOWED_HOSTS = setting("GAF_HOSTS", "localhost,127.0.0.1", "Names the site answers to, comma-separated.").split(",")
GAF_SEALING_KEYS = setting(
    "GAF_SEALING_KEYS",
    "",
    "Ring of keys that wrap the cases' own keys: `name:hex32bytes`, comma-separated, first one seals.",
)
GAF_CLOCK_SHIFT = int(setting("GAF_CLOCK_SHIFT", "0", "Seconds added to the clock; refused by production settings."))
GAF_ROLE_SWITCHER = (
    setting("GAF_ROLE_SWITCHER", "", "`1`: /demo/ signs anybody in as anybody, on a training database; else refused.")
    == "1"
)
GAF_SITE_ADDRESS = setting("GAF_SITE_ADDRESS", "http://localhost:8000", "Address written into mails.")
GAF_DUTY_TELEPHONE = setting(
    "GAF_DUTY_TELEPHONE",
    "+41 22 000 00 00",
    "Standing duty telephone, while the rota names nobody or nobody signed in.",
)
GAF_PRIVATE_FILES = Path(
    setting("GAF_PRIVATE_FILES", str(BASE_DIR / ".data" / "private"), "Folder of documents and files.")
)
GAF_CLAMD_SOCKET = setting(
    "GAF_CLAMD_SOCKET", "", "Socket of ClamAV's clamd, such as /run/clamav/clamd.ctl; empty: files are not scanned."
)
GAF_KEY_FOLDER = Path(
    setting(
        "GAF_KEY_FOLDER",
        str(BASE_DIR / ".data" / "keys"),
        "Folder of the wrapped keys of cases; it stays out of the backups of database and files.",
    )
)
GAF_BACKUP_FOLDER = setting(
    "GAF_BACKUP_FOLDER", "", "Folder into which the machine puts backups of the database; empty: nobody watches them."
)
# Tomorrow has begun at banks east of here; a statement that books later than that is refused.
GAF_STATEMENT_DAYS_AHEAD = 1
GAF_BANK_FOLDER = Path(
    setting("GAF_BANK_FOLDER", str(BASE_DIR / ".data" / "bank"), "Folder exchanged with the bank: `in/` and `out/`.")
)
STRIPE_API_KEY = setting("STRIPE_API_KEY", "", "Key of the Stripe account; empty switches that rail off.")
STRIPE_API_BASE = setting("STRIPE_API_BASE", "", "Address of a stand-in for Stripe; empty means Stripe itself.")
STRIPE_FINANCIAL_ACCOUNT = setting(
    "STRIPE_FINANCIAL_ACCOUNT", "", "Financial account (`fa_…`): pays by Global Payouts from it instead of Connect."
)
STRIPE_CALLS_PER_SECOND = int(
    setting("STRIPE_CALLS_PER_SECOND", "20", "Most calls a second one process makes to Stripe; 0 sets no limit.")
)
STRIPE_WEBHOOK_SECRETS = setting("STRIPE_WEBHOOK_SECRETS", "", "Secrets of the webhook, comma-separated for rotation.")

INSTALLED_APPS = [
    "gaf",
    "gaf.accounts",
    "gaf.decisions",
    "gaf.vault",
    "gaf.outbox",
    "gaf.privacy",
    "finance",
    "workflow",
    "cms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_tasks_db",
    "django_fsm",
    "simple_history",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

FORM_RENDERER = "gaf.controls.Controls"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gaf.middleware.content_policy",
    "gaf.middleware.answer_kept_forms",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "gaf.middleware.reader_language",
    "gaf.middleware.keep_nothing_behind",
    "gaf.middleware.keys_stay_at_hand",
    "gaf.privacy.reads.LogReads",
    "gaf.middleware.RefusalsAsPages",
    "gaf.accounts.requiring.SecondFactorFirst",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

# By address and hour, for the pages that need no signing in; allauth's own limits stand beside them.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "complain": "10/h/ip",
    "complaint_answer": "20/h/ip",
    "upload": "60/h/user",
    "second_factor": "5/5m/user",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds for which password and code need not be given again
ACCOUNT_LOGIN_TIMEOUT = 900  # seconds between the password and the code
GAF_SECOND_FACTOR_REQUIRED = False  # a real installation asks it of everybody; the demo's people have no telephones

ROOT_URLCONF = "gaf.urls"
WSGI_APPLICATION = "gaf.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gaf.navigation.for_page",
                "gaf.guidance.for_page",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["gaf.accounts.backends.ActivePeople"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "gaf.accounts.adapter.ClosedDoor"
ACCOUNT_FORMS = {"login": "gaf.accounts.forms.SignInForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # who is not known is told nothing, and gets no mail
PASSWORD_RESET_TIMEOUT = 3600

LANGUAGE_CODE = "en"
# A language joins once its catalogue is whole (`collect_texts --check`): half a language is harder to read than none.
LANGUAGES = [("en", "English"), ("fr", "French"), ("es", "Spanish")]
LOCALE_PATHS = [BASE_DIR / "gaf" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".data" / "static"
MEDIA_ROOT = BASE_DIR / ".data" / "media"
MEDIA_URL = "/media/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = setting("GAF_MAIL_FROM", "gaf@localhost", "Sender of the notices.")
EMAIL_HOST = setting("GAF_MAIL_HOST", "localhost", "Mail server.")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

WAGTAIL_SITE_NAME = "Global Assistance Fund"
WAGTAILADMIN_BASE_URL = GAF_SITE_ADDRESS
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_I18N_ENABLED = True  # one tree of public pages for each language: /en/, /fr/, /es/
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_WORKFLOW_ENABLED = False  # it sends mails of its own; the second reader is asked for in cms/second_reading.py
WAGTAILADMIN_COMMENTS_ENABLED = False  # so do comments
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILADMIN_LOGIN_URL = "/sign-in/"
WAGTAIL_FRONTEND_LOGIN_URL = "/sign-in/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = True
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}


def sqlite(path: Path | str) -> dict[str, object]:
    """An SQLite database as it must be opened: one writer at a time, durable, foreign keys and triggers on."""
    pragmas = (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
        "PRAGMA recursive_triggers=ON;PRAGMA secure_delete=ON;"
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": pragmas,
            "cached_statements": 1000,  # of 128 by default, each is parsed anew before it comes again
        },
    }
