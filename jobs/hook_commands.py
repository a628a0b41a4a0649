"""The `flask webhooks` commands: where the events of a site are sent."""

from __future__ import annotations

import time

import click
from flask.cli import AppGroup

from jobs.hooks.delivering import Hooks
from jobs.site_commands import OPERATOR, find_sites
from jobs.transactions import reading, writing
from models import Delivery, DeliveryState, HookEvent, HookFormat
from moderation import webhooks
from moderation.errors import ParleyError
from moderation.webhooks import Wanted

# As long as a receiver may take, and whoever sends to it just now.
_TEST_SECONDS = 30.0


def hook_commands(hooks: Hooks) -> AppGroup:
    """The commands, for an application that signs and sends as `hooks` does."""
    group = AppGroup("webhooks", help="Where the events of a site are sent.")

    @group.command("add")
    @click.argument("slug")
    @click.argument("url")
    @click.option(
        "--event",
        "events",
        multiple=True,
        type=click.Choice([one.value for one in HookEvent]),
        help="What it is told of; may be given more than once. All if left out.",
    )
    @click.option(
        "--format", "form", type=click.Choice([one.value for one in HookFormat]), default="json",
        help="What the receiver takes; json if left out.",
    )  # fmt: skip
    def add(slug: str, url: str, events: tuple[str, ...], form: str) -> None:
        """Send the events of the site SLUG to URL; prints the secret to check them by, once."""
        wanted = Wanted(
            url, frozenset(map(HookEvent, events)) or frozenset(HookEvent), HookFormat(form),
            hooks.private_hosts,
        )  # fmt: skip
        with writing() as session:
            site = find_sites(session, (slug,))[0]
            try:
                hook, secret = webhooks.add(session, site, wanted, OPERATOR, hooks.seal)
            except ParleyError as error:
                raise click.ClickException(error.message) from None
            number = hook.id
        click.echo(f"Webhook {number} is there. Its secret, shown this once:\n{secret}")

    @group.command("list")
    @click.argument("slug")
    def show(slug: str) -> None:
        """Show the webhooks of the site SLUG, without their secrets and paths."""
        with reading() as session:
            site = find_sites(session, (slug,))[0]
            there = webhooks.of_site(session, site.id)
            counts = webhooks.lately(session, [hook.id for hook in there])
            for hook in there:
                lately = counts[hook.id]
                click.echo(
                    f"{hook.id}  {webhooks.host_of(hook)}  {hook.format}  {hook.state}  "
                    f"{lately.due} due, {lately.delivered} delivered, {lately.given_up} given up  "
                    f"{' '.join(hook.events)}" + (f"  {hook.fault}" if hook.fault else "")
                )
            if not there:
                click.echo(f"{slug} has no webhooks. Add one: flask webhooks add {slug} URL")

    @group.command("remove")
    @click.argument("slug")
    @click.argument("number", type=int)
    def remove(slug: str, number: int) -> None:
        """Forget a webhook of the site SLUG and its log, by its number in the list."""
        with writing() as session:
            site = find_sites(session, (slug,))[0]
            try:
                webhooks.remove(session, site.id, number, OPERATOR)
            except ParleyError as error:
                raise click.ClickException(error.message) from None
        click.echo(f"Webhook {number} is removed.")

    @group.command("test")
    @click.argument("slug")
    @click.argument("number", type=int)
    def test(slug: str, number: int) -> None:
        """Send a webhook of the site SLUG a test, and say what it answered."""
        with writing() as session:
            site = find_sites(session, (slug,))[0]
            try:
                owed = webhooks.test(session, site.id, number).id
            except ParleyError as error:
                raise click.ClickException(error.message) from None
        click.echo(_outcome(hooks, number, owed))

    return group


def _outcome(hooks: Hooks, hook_id: int, delivery_id: int) -> str:
    """What became of a delivery, by whichever process sends it. Raises ClickException."""
    until = time.monotonic() + _TEST_SECONDS
    while time.monotonic() < until:
        hooks.serve(hook_id)
        with reading() as session:
            delivery = session.get(Delivery, delivery_id)
            if delivery is None:
                raise click.ClickException("The webhook was removed meanwhile.")
            if delivery.state is DeliveryState.DELIVERED:
                return f"Delivered: it answered {delivery.status_code}."
            if delivery.attempts:
                raise click.ClickException(f"Not delivered. {delivery.error}")
        time.sleep(0.5)
    raise click.ClickException(
        "Older deliveries come first and have not been taken yet; the test follows them."
    )
