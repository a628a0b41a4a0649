"""HTTP only: parse, call, commit, answer."""

from __future__ import annotations

from flask import Flask
from jinja2 import Undefined
from werkzeug.middleware.proxy_fix import ProxyFix

from web import (
    analyzer,
    api,
    console,
    coral,
    demo,
    embed,
    errors,
    feeds,
    headers,
    health,
    metrics,
    moderations,
    oembed,
    thread_page,
    written,
)
from web.csrf import csrf
from web.limits import limiter
from web.short_way import ShortWay


class Missing(Undefined):
    """A name that a template does not have: it may ask for it, but never print it as nothing."""

    def __str__(self) -> str:
        """Raise UndefinedError: a label without its words is a fault that nobody sees."""
        self._fail_with_undefined_error()


def register(app: Flask, *, trusted_proxies: int, with_demo: bool) -> None:
    """Give an application all its addresses and what guards them."""
    app.jinja_options = {**app.jinja_options, "undefined": Missing}
    app.wsgi_app = ShortWay(app, app.wsgi_app)  # type: ignore[method-assign, assignment]
    # Outermost: it says from where a request comes.
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies, x_host=trusted_proxies
        )
    limiter.init_app(app)
    csrf.init_app(app)
    errors.register(app)
    headers.register(app)
    api.register(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(embed.blueprint)
    written.register(app)
    analyzer.register(app)
    moderations.register(app)
    app.register_blueprint(coral.blueprint)
    thread_page.register(app)
    app.register_blueprint(feeds.blueprint)
    app.register_blueprint(oembed.blueprint)
    console.register(app)
    if with_demo:
        app.register_blueprint(demo.blueprint)
