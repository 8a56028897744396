"""All settings. Those of an installation come from the environment or from ``.env``."""

import hashlib
import sys
import time
from pathlib import Path

import environ

from .checks import Environment, refuse_broken_key, refuse_unsafe, spelled_hosts

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()  # a setting NAME is also read from the file that NAME_FILE names
env.read_env(BASE_DIR / ".env")

# -- What an installation sets (README, "Settings") --
SECRET_KEY = env.str("SECRET_KEY").strip()
SECRET_KEY_FALLBACKS = [each.strip() for each in env.list("SECRET_KEY_FALLBACKS", default=[])]
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = spelled_hosts(env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]))
refuse_unsafe(SECRET_KEY, DEBUG, ALLOWED_HOSTS)
HTTPS = env.bool("HTTPS", default=False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# Requests a minute per client, see middleware/rate_limit.py; 0: no limit
RATE_LIMIT = env.int("RATE_LIMIT", default=3000, least=0)
CACHE_URL = env.str("CACHE_URL", default="")  # of a cache that all processes share
STATEMENT_TIMEOUT = env.int("STATEMENT_TIMEOUT", default=30)  # seconds, on PostgreSQL, for web requests
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="mailto:security@localhost")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="register@localhost")
HEADER_NAME = env.str("HEADER_NAME", default="")
HEADER_EMBLEM = env.str("HEADER_EMBLEM", default="")
FOOTER_TEXT = env.str("FOOTER_TEXT", default="")
PUBLISHER_NAME = env.str("PUBLISHER_NAME", default="")
PUBLISHER_ADDRESS = env.str("PUBLISHER_ADDRESS", default="")
_HOST = next(iter(ALLOWED_HOSTS), "localhost").lstrip(".")
SITE_ADDRESS = env.str("SITE_ADDRESS", default=f"{'https' if HTTPS else 'http'}://{_HOST}")
RELEASE = env.str("RELEASE", default=str(time.time()))  # gunicorn.conf.py sets the same for all workers
LICENCE = env.str("LICENCE", default="")
SEAL_KEY = env.str("SEAL_KEY", default="")  # make_seal_key prints one
refuse_broken_key(SEAL_KEY)
DUMPS_DIR = Path(env.str("DUMPS_DIR", default=str(BASE_DIR / "dumps")))
DUMPS_KEPT = env.int("DUMPS_KEPT", default=5)
READ_ONLY = env.str("READ_ONLY", default="")  # why nobody can change anything now
LOG_FORMAT = env.str("LOG_FORMAT", default="text")  # or "json"
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=False)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")
ADMINS = [("", address) for address in env.list("ADMINS", default=[])]
SERVER_EMAIL = env.str("SERVER_EMAIL", default="root@localhost")
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
BACKUP_DIR = Path(folder) if (folder := env.str("BACKUP_DIR", default="")) else None
BACKUPS_KEPT = env.int("BACKUPS_KEPT", default=14)
BACKUP_KEY = env.str("BACKUP_KEY", default="")  # public: of age, or the name of one that GPG knows
INDEX_DIR = Path(env.str("INDEX_DIR", default=str(BASE_DIR / "index")))
IMPORTS_DIR = Path(env.str("IMPORTS_DIR", default=str(BASE_DIR / "uploads")))
IMPORT_MAX_PACKED = env.int("IMPORT_MAX_PACKED", default=20 * 2**20)  # bytes of a workbook as uploaded
IMPORT_MAX_UNPACKED = env.int("IMPORT_MAX_UNPACKED", default=100 * 2**20)  # bytes of other files, or unzipped
IMPORT_MAX_COLUMNS = env.int("IMPORT_MAX_COLUMNS", default=200)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=100_000)
IMPORT_KEPT_DAYS = env.int("IMPORT_KEPT_DAYS", default=30)  # without a decision
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "imports.storage.CarefulUpload"]
# The reporter in IATI files. This identifier is a placeholder.
REPORTING_ORG_REF = env.str("REPORTING_ORG_REF", default="XE-EXAMPLE-EAPFUNDING")
REPORTING_ORG_NAME = env.str("REPORTING_ORG_NAME", default="Eastern Partnership migration funding register")
REPORTING_ORG_TYPE = env.str("REPORTING_ORG_TYPE", default="90")
_DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}").strip()
REPLICA_URL = env.str("REPLICA_URL", default="").strip()  # of what pages, API and files read and nobody writes

# -- Database --
_SQLITE = {  # writers wait for one another instead of failing; readers are never blocked
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
_POSTGRESQL = {  # give up a server that can no longer be reached
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}
DATABASES = {
    name: {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True} | environ.Env.db_url_config(url)
    for name, url in (("default", _DATABASE_URL), ("replica", REPLICA_URL))
    if url
}
for _database in DATABASES.values():
    _usual = _SQLITE if _database["ENGINE"].endswith("sqlite3") else _POSTGRESQL
    _database["OPTIONS"] = _usual | _database.get("OPTIONS", {})
DATABASE_ROUTERS = ["provenance.store.database.Router"] if REPLICA_URL else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Pages, compressed, in each process (projects/pages/cache.py).
CACHES = {
    "default": {
        "BACKEND": "projects.pages.cache.BoundedMemory",
        "LOCATION": "default",
        "OPTIONS": {"MAX_ENTRIES": 1000, "MAX_BYTES": 32 * 2**20},
    }
}

if CACHE_URL:
    CACHES["shared"] = environ.Env.cache_url_config(CACHE_URL)
    if CACHES["shared"]["BACKEND"].endswith("RedisCache"):
        CACHES["shared"].setdefault("OPTIONS", {}).update(socket_timeout=1, socket_connect_timeout=1)  # seconds
    else:
        CACHES["shared"]["OPTIONS"] = {"MAX_ENTRIES": 10_000} | CACHES["shared"].get("OPTIONS", {})

# -- Application --
INSTALLED_APPS = [
    "operations",  # before those whose commands it notes
    "provenance",  # before Django: its loaddata refuses records without Revisions
    "instruments",
    "projects",
    "imports",
    "eap_funding",
    "provenance.site.RegisterAdminConfig",  # Django's admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
]
MIDDLEWARE = [
    "eap_funding.middleware.envelope.envelope",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "eap_funding.middleware.staff.Session",
    "eap_funding.middleware.staff.Csrf",
    "eap_funding.middleware.staff.Authentication",
    "eap_funding.middleware.staff.Messages",
    "eap_funding.middleware.response.respond",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "eap_funding.middleware.staff.refuse_changes",
]
ROOT_URLCONF = "eap_funding.urls"
WSGI_APPLICATION = "eap_funding.wsgi.application"
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
                "eap_funding.branding.of_page",
                "eap_funding.languages.of_page",
            ]
        },
    }
]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]  # of the public pages; admin, API and files are English
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "eap_funding.formats"

# -- Static files --
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
FONTS = BASE_DIR / "assets/fonts"  # fetched by `make`; pages without it use the fonts of the system
STATICFILES_DIRS = [FONTS.parent] if (FONTS / "fonts.css").exists() else []
# Without `collectstatic` (a bare `manage.py runserver`) files are served from their sources.
_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() or "collectstatic" in sys.argv
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _COLLECTED

# -- API --
REST_FRAMEWORK = {
    # JSON only: the browsable API would break the Content-Security-Policy.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "eap_funding.errors.api_exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Eastern Partnership migration funding register",
    "DESCRIPTION": "What the EU and others pay for migration, mobility and border management with the"
    " Eastern Partnership countries, with the sentence that every figure comes from. Read-only.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATION_PARAMETERS": False,  # keep the order of the filters
    "SERVERS": [{"url": "/", "description": "This register"}],
    "POSTPROCESSING_HOOKS": ["projects.api.hooks.complete"],
}

# -- Paths of API and files, which programs read --
_COLLECTIONS = "projects|countries|instruments|partnerships|organisations|sources"
_LISTS = rf"/({_COLLECTIONS})([a-z-]*|/[^/]+)\.[^/]*\Z"  # in any format
READ_BY_PROGRAMS = rf"(?s:/api/|/data/.*[^/]\Z|{_LISTS}|.*\.(json|csv|xlsx|ndjson|xml|atom)\Z)"

# -- Security --
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked inside the network
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SILENCED_SYSTEM_CHECKS = ["security.W003"]  # it looks for Django's class; ours is a subclass
CSRF_FAILURE_VIEW = "eap_funding.errors.permission_denied"

# -- Sign-in: see security/ --
AUTHENTICATION_BACKENDS = ["eap_funding.security.lockout.Backend"]
AXES_HANDLER = "eap_funding.security.lockout.Failures"
AXES_CLIENT_IP_CALLABLE = "eap_funding.security.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "eap_funding.security.lockout.tell_to_wait"
AXES_ENABLE_ADMIN = AXES_VERBOSE = False  # we have our own page and log lines
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
SESSION_ENGINE = "eap_funding.security.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds after signing in
SESSION_IDLE_AGE = 3 * 60 * 60  # seconds without a request

# -- Limits and log --
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a project with many claims inline

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request": {"()": "eap_funding.middleware.request_id.RequestContext"},
        "once_a_second": {"()": "eap_funding.database.outage.OnceASecond"},
    },
    "formatters": {
        "plain": {
            "()": "eap_funding.middleware.request_id.OneLine",
            "format": "{levelname} {name} [{request_id}] {message}{address}",
            "style": "{",
        },
        "json": {"()": "eap_funding.logs.JsonLines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "plain",
            "filters": ["request", "once_a_second"],
        },
        "mail": {"()": "eap_funding.logs.ErrorMail", "filters": ["request", "once_a_second"]},
    },
    "root": {"handlers": ["console", "mail"] if ADMINS else ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": []},  # its own mail to ADMINS holds the whole request
        "requests": {"level": "INFO"},  # with LOG_REQUESTS
        "access": {"level": "INFO"},  # sign-ins, failures and refusals
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
    },
}

# What runs here, and how it is set: ETags and kept pages depend on it.
_SET = {
    name: value
    for name, value in vars().items()
    if name.isupper() and isinstance(value, (str, int)) and not name.endswith("_URL")  # machines reach others otherwise
}
RELEASE_DIGEST = hashlib.sha256(repr(sorted(_SET.items())).encode()).hexdigest()
