"""More `flask staff` commands: an invitation's link, and the way back for a lost second factor."""

from __future__ import annotations

import secrets

import click
from flask import current_app
from sqlalchemy import select

from jobs.commands import staff
from jobs.site_commands import OPERATOR, find_sites
from jobs.transactions import writing
from models import Account, AccountKind, Role
from models.audit import NO_SITE
from moderation import audit, invitations, staff_sessions
from moderation.errors import Invalid, Unchanged
from moderation.staff import ask_second_factor


@staff.command("invite")
@click.argument("slug")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="moderator")
@click.option("--name", default="", help="For whom, for the list of open invitations.")
def invite(slug: str, role: str, name: str) -> None:
    """Print a link by which one person takes a role on the site SLUG, once, within 7 days."""
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        try:
            secret = invitations.invite(session, site, Role(role), name, OPERATOR)
        except Invalid as error:
            raise click.ClickException(error.message) from None
    click.echo(f"{current_app.config['PARLEY_PUBLIC_URL']}/console/invitation/{secret}")


@staff.command("waive-second-factor")
@click.argument("slug")
def waive_second_factor(slug: str) -> None:
    """Let people with a password alone moderate on the site SLUG again.

    For the day when nobody gets in any more; an admin asks for it again on the page Staff.
    """
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        try:
            ask_second_factor(session, site, False, OPERATOR)
        except Unchanged:
            raise click.ClickException(f"{slug} asks nobody for a second factor.") from None
    click.echo(f"{slug} asks nobody for a second factor any more.")


@staff.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Forget somebody's app, passkeys and recovery codes, and sign them out everywhere.

    For who lost them all. The password stays: be sure who asks.
    """
    with writing() as session:
        account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
        if account is None or account.kind is not AccountKind.STAFF:
            raise click.ClickException("There is no member of staff with this e-mail.")
        account.tf_primary_method = account.tf_totp_secret = account.mf_recovery_codes = None
        account.webauthn.clear()
        account.fs_uniquifier = secrets.token_hex(16)
        staff_sessions.end_all(session, account.id)
        audit.record(session, "factors reset", account, OPERATOR, site_id=NO_SITE)
    click.echo(f"{email} signs in with the password alone now. Ask for a new second factor.")
