"""The `flask keys` commands: API keys with which programs moderate, or have texts scored."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from jobs.site_commands import find_sites
from jobs.transactions import reading, writing
from models import ApiKey, KeyPurpose
from models.api_key import NEVER_USED
from moderation.errors import NotFound
from moderation.keys import make, revoke

keys = AppGroup("keys", help="API keys of programs: for scores, or to moderate.")

# Ten a second: what the shipped model scores on one core, with room beside it.
USUAL_PER_MINUTE, MOST_PER_MINUTE = 600, 1_000_000


@keys.command("add")
@click.argument("name")
@click.option("--site", "slug", required=True, help="Slug of the site that it belongs to.")
@click.option(
    "--for",
    "purpose",
    type=click.Choice([purpose.value for purpose in KeyPurpose]),
    default=KeyPurpose.LABELS.value,
    show_default=True,
    help="labels: has texts scored, and says what moderators elsewhere decided; scores: has texts "
    "scored and nothing else, for a key that stands in a page; moderation: the API of the desk.",
)
@click.option(
    "--per-minute",
    type=click.IntRange(1, MOST_PER_MINUTE),
    default=USUAL_PER_MINUTE,
    show_default=True,
    help="Requests for scores in a minute; a moderating program is not counted.",
)
def add_key(name: str, slug: str, purpose: str, per_minute: int) -> None:
    """Make an API key called NAME for a site; it is shown once."""
    if not 0 < len(name.strip()) <= 100:
        raise click.ClickException("Give the key a name of up to 100 characters: who uses it.")
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        key = make(session, site.id, name.strip(), KeyPurpose(purpose), per_minute)
    click.echo(key)


@keys.command("list")
def list_keys() -> None:
    """Show the keys, without what they are."""
    with reading() as session:
        for key in session.scalars(select(ApiKey).order_by(ApiKey.id)):
            state = "active" if key.active else f"revoked {key.revoked_at:%Y-%m-%d}"
            used = "never used" if key.used_on == NEVER_USED else f"used {key.used_on:%Y-%m-%d}"
            counted = "" if key.purpose is KeyPurpose.MODERATION else f"  {key.per_minute}/minute"
            click.echo(
                f"{key.id}  {key.site.slug}  {key.name}  {key.prefix or '?'}…  {key.purpose}"
                f"{counted}  {state}  made {key.created_at:%Y-%m-%d}  {used}"
            )


@keys.command("revoke")
@click.argument("number", type=int)
@click.option("--forget-labels", is_flag=True, help="Also forget what was said with it.")
def revoke_key(number: int, forget_labels: bool) -> None:
    """End a key, by its number in `flask keys list`."""
    with writing() as session:
        try:
            forgotten = revoke(session, number, forget=forget_labels)
        except NotFound as error:
            raise click.ClickException(error.message) from None
    said = f" {forgotten} labels are forgotten." if forget_labels else ""
    click.echo(f"Key {number} opens nothing any more.{said}")
