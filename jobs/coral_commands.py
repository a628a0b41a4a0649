"""The `flask coral` commands: which Corals may ask what is to become of a comment."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from jobs.site_commands import find_sites
from jobs.transactions import reading, writing
from models import CoralSecret, Site
from moderation import coral
from moderation.errors import ParleyError
from moderation.sealing import Seal

coral_commands = AppGroup("coral", help="Coral's external moderation phases, answered from here.")


@coral_commands.command("add")
@click.argument("slug")
@click.option("--secret", prompt="Signing secret (from Coral)", hide_input=True,
              help="Asked for if left out; not echoed.")  # fmt: skip
def add_secret(slug: str, secret: str) -> None:
    """Answer the phase of a Coral by the rules of a site; Coral shows the secret when a phase is
    made."""
    try:
        with writing() as session:
            site = find_sites(session, (slug,))[0]
            seal = Seal(str(current_app.config["SECRET_KEY"]), coral.PURPOSE)
            number = coral.add(session, site, secret, seal).id
    except ParleyError as error:
        raise click.ClickException(error.message) from None
    url = f"{current_app.config['PARLEY_PUBLIC_URL']}/coral/{slug}/phase"
    click.echo(f"Secret {number} is kept. Callback URL: {url}")


@coral_commands.command("list")
def list_secrets() -> None:
    """Show which sites have secrets, and since when; not what they are."""
    with reading() as session:
        query = select(CoralSecret, Site.slug).join(Site, Site.id == CoralSecret.site_id)
        for one, slug in session.execute(query.order_by(CoralSecret.id)):
            click.echo(f"{one.id:>4}  {slug}  since {one.created_at:%Y-%m-%d}")


@coral_commands.command("remove")
@click.argument("number", type=int)
def remove_secret(number: int) -> None:
    """Take no request any more that is signed with the secret of this NUMBER."""
    try:
        with writing() as session:
            coral.remove(session, number)
    except ParleyError as error:
        raise click.ClickException(error.message) from None
    click.echo(f"Secret {number} is forgotten.")
