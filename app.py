"""create_app(): settings, extensions, blueprints and commands; no routes, no rules."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import fields
from functools import partial

import structlog
from flask import Flask

import web
from discussion.comments import Limits
from jobs import commands, staff_commands  # noqa: F401
from jobs.akismet import Akismet
from jobs.audit_commands import audit
from jobs.backup.commands import backup, restore
from jobs.coral_commands import coral_commands
from jobs.drifting import Drifts
from jobs.export_command import export_command
from jobs.hook_commands import hook_commands
from jobs.hooks.delivering import Hooks
from jobs.import_command import import_command
from jobs.key_commands import keys
from jobs.key_days import KeyDays
from jobs.rescore_command import rescore_command
from jobs.scoring import Scorer
from jobs.site_commands import sites
from models import db, prepare_engine
from models.base import sqlite_fault
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.loading import load
from moderation.classifier.worst_reading import hard_to_fool
from moderation.coral import PURPOSE as CORAL
from moderation.sealing import Seal
from moderation.targets import private_hosts
from moderation.webhooks import PURPOSE
from settings import Settings, environment_name
from settings import load as load_settings
from web import logs
from web.analyzer import scale
from web.demo.seed import seed
from web.pages_kept import PagesKept
from web.runtime import Runtime, attach, runtime_of

# One for each thread of the server and the scorer, so that none waits for another's.
_CONNECTIONS = 20


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """The whole application; it begins to score only when it is served."""
    # Not imported by a server, which never migrates: it takes a tenth of its start.
    from flask_migrate import Migrate

    app = _assembled(environ)
    Migrate(app, db, directory=_migrations(), render_as_batch=True)
    return app


def _assembled(environ: Mapping[str, str] | None = None) -> Flask:
    settings = load_settings(environ)
    app = Flask("parley", instance_path=str(settings.instance.resolve()),
                root_path=web.__path__[0], static_folder=None)  # fmt: skip
    _configure(app, settings)
    logs.configure(settings.log_level)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, settings.busy_seconds)
    attach(app, _runtime(app, settings))
    web.register(app, trusted_proxies=settings.trusted_proxies, with_demo=settings.demo)
    rescore = rescore_command(runtime_of(app).classifier, settings.model_languages)
    bring = import_command(settings.name_limit)
    hooks = hook_commands(runtime_of(app).hooks)
    moving = (backup, restore, export_command, bring)
    for group in (
        *commands.GROUPS,
        keys,
        coral_commands,
        sites,
        audit,
        *moving,
        rescore,
        hooks,
        seed,
    ):
        app.cli.add_command(group)
    return app


def serve() -> Flask:
    """The application as a server runs it: with the threads that score, look back and send."""
    app = _assembled()
    _warn_of_sqlite(app)
    _warn_of_scale()
    runtime_of(app).scorer.start()
    runtime_of(app).drifts.start()
    runtime_of(app).hooks.start()
    return app


def _warn_of_scale() -> None:
    """Say once at the start what no answer says: whose scale its scores are on."""
    settings = load_settings()
    if settings.analyzer_scale == scale.PERSPECTIVE and settings.model != scale.shipped().model:
        structlog.get_logger(__name__).warning(
            f"There is no map from {settings.model} to Perspective's scale: the analyzer gives the "
            "model's own scores. PARLEY_ANALYZER_SCALE=model says that this is meant."
        )


def _warn_of_sqlite(app: Flask) -> None:
    fault = sqlite_fault(sqlite3.sqlite_version_info)
    if fault and app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        structlog.get_logger(__name__).warning(fault)


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.public_url.startswith("https://")
    settings.instance.mkdir(parents=True, exist_ok=True)
    app.config.update(
        SECRET_KEY=settings.effective_secret_key(),
        SQLALCHEMY_DATABASE_URI=settings.effective_database_url,
        # The text of a comment must not reach the log by way of a database error.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True, "pool_size": _CONNECTIONS},
        MAX_CONTENT_LENGTH=settings.body_limit,
        MAX_FORM_MEMORY_SIZE=settings.body_limit,
        # The prefix makes browsers refuse the cookie from anywhere but this very host.
        SESSION_COOKIE_NAME="__Host-parley" if secure else "parley",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=settings.rate_storage,
    )
    for setting in fields(settings):
        if setting.name.endswith("_rate") or setting.name == "metrics_token":
            app.config[environment_name(setting)] = getattr(settings, setting.name)
    # For links that a command prints.
    app.config["PARLEY_PUBLIC_URL"] = settings.public_url.rstrip("/")


def _runtime(app: Flask, settings: Settings) -> Runtime:
    classifier = BatchingClassifier(
        hard_to_fool(partial(load, settings.model, settings.instance / "models"))
    )
    scorer = Scorer(
        app,
        classifier,
        lease=settings.scoring_lease,
        attempts=settings.scoring_attempts,
        model_languages=settings.model_languages,
        akismet=Akismet(settings.akismet_key),
    )
    limits = Limits(
        text=settings.text_limit,
        name=settings.name_limit,
        depth=settings.depth_limit,
        edit_minutes=settings.edit_minutes,
    )
    return Runtime(
        classifier,
        scorer,
        Drifts(app, classifier),
        _hooks(app, settings),
        limits,
        settings.scoring_deadline,
        settings.public_url.rstrip("/"),
        PagesKept(settings.page_memory),
        KeyDays(app),
        settings.analyzer_deadline,
        settings.analyzer_scale,
        settings.coral_deadline,
        Seal(str(app.secret_key), CORAL),
        settings.model_languages,
    )


def _hooks(app: Flask, settings: Settings) -> Hooks:
    return Hooks(
        app,
        Seal(str(app.secret_key), PURPOSE),
        private_hosts=private_hosts(settings.webhook_private_hosts),
        public_url=settings.public_url.rstrip("/"),
    )


def _migrations() -> str:
    return f"{__file__.rpartition('/')[0] or '.'}/models/migrations"
