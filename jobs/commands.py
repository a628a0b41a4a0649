"""The `flask` commands of a publisher: staff, threads and readers."""

from __future__ import annotations

import json
import secrets

import click
from flask.cli import AppGroup
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.threads import find, locate
from jobs.export_command import export_reader
from jobs.site_commands import OPERATOR, find_sites
from jobs.transactions import reading, writing
from models import (
    Account,
    AccountKind,
    Role,
    Site,
    SiteRole,
    Thread,
    ThreadState,
)
from models.thread import change
from moderation import audit, policies, staff_sessions
from moderation.errors import Invalid
from moderation.sanctions import ban_everywhere, lift_everywhere
from moderation.staff import CHANGED, GIVEN, TAKEN, close_links

staff = AppGroup("staff", help="Members of staff: who may moderate.")
threads = AppGroup("threads", help="Discussions: open and closed.")
readers = AppGroup("readers", help="Commenters: bans.")

readers.add_command(export_reader)

GROUPS = (staff, threads, readers)
SHORTEST_PASSWORD = 12


@staff.command("add")
@click.argument("email")
@click.option(
    "--name", default="", help="Shown beside decisions; the e-mail's first part if empty."
)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="Left out: admin for the first one, moderator for the others.",
)
@click.option("--site", "slugs", multiple=True, help="Slug of a site; every site if left out.")
@click.password_option(help="Asked for if left out; not echoed.")
def add_staff(
    email: str, name: str, role: str | None, slugs: tuple[str, ...], password: str
) -> None:
    """Make a member of staff, or give one more roles and a new password."""
    email = email.strip().lower()
    if "@" not in email:
        raise click.ClickException("Give an e-mail address; it is what the person signs in with.")
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"Use at least {SHORTEST_PASSWORD} characters as password.")
    with writing() as session:
        chosen = find_sites(session, slugs)
        role = role or (Role.MODERATOR if _any_staff(session) else Role.ADMIN).value
        account = session.scalar(select(Account).where(Account.email == email))
        if account is None:
            account = Account(kind=AccountKind.STAFF, email=email, name=email.split("@")[0])
            session.add(account)
        account.name = name or account.name
        account.password = hash_password(password)
        account.active = True
        # Ends the sessions that the old password opened.
        account.fs_uniquifier = secrets.token_hex(16)
        held = {site_role.site_id: site_role for site_role in account.site_roles}
        for site in chosen:
            before = held[site.id].role.value if site.id in held else ""
            if site.id in held:
                held[site.id].role = Role(role)
                # What an admin promised is not kept by somebody who is none any more.
                close_links(session, account.id, site.id)
            else:
                account.site_roles.append(SiteRole(site_id=site.id, role=Role(role)))
            action, detail = CHANGED if before else GIVEN, {"before": before, "role": role}
            audit.record(session, action, account, OPERATOR, site_id=site.id, detail=detail)
        names = ", ".join(site.slug for site in chosen)
    click.echo(f"{email} is {role} of {names}.")


@staff.command("remove")
@click.argument("email")
def remove_staff(email: str) -> None:
    """Take all roles from a member of staff and end their sessions; the record keeps the name."""
    with writing() as session:
        account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
        if account is None:
            raise click.ClickException("There is no member of staff with this e-mail.")
        account.active = False
        staff_sessions.end_all(session, account.id)
        for held in account.site_roles:
            detail = {"before": held.role.value}
            close_links(session, account.id, held.site_id)
            audit.record(session, TAKEN, account, OPERATOR, site_id=held.site_id, detail=detail)
        account.site_roles.clear()
        account.fs_uniquifier = secrets.token_hex(16)
    click.echo(f"{email} can no longer sign in.")


@staff.command("list")
def list_staff() -> None:
    """Show who may moderate where."""
    with reading() as session:
        sites_by_id = {site.id: site.slug for site in session.scalars(select(Site))}
        rows = session.scalars(
            select(Account).where(Account.email.is_not(None)).order_by(Account.email)
        )
        for account in rows:
            roles = ", ".join(f"{sites_by_id[r.site_id]}: {r.role}" for r in account.site_roles)
            click.echo(f"{account.email}  {account.name}  {roles}")


@threads.command("close")
@click.argument("url")
def close_thread(url: str) -> None:
    """Take no more comments in the discussion of the page at URL."""
    _set_state(url, ThreadState.CLOSED)


@threads.command("open")
@click.argument("url")
def open_thread(url: str) -> None:
    """Take comments again."""
    _set_state(url, ThreadState.OPEN)


@threads.command("policy")
@click.argument("url")
@click.argument("record", default="")
def thread_policy(url: str, record: str) -> None:
    """Show what the discussion of the page at URL decides otherwise than its site, or set it.

    RECORD is JSON such as '{"moderation": "pre", "rules": {"links": ["hold", 1]}}'; '{}' gives the
    discussion back to its site.
    """
    with writing() as session:
        thread = _thread(session, url)
        if record:
            try:
                changes = json.loads(record)
                if not isinstance(changes, dict):
                    raise ValueError("it is no object")
                policies.change(session, thread.site, changes, OPERATOR, thread_id=thread.id)
            except ValueError as error:
                raise click.ClickException(f"RECORD is not JSON: {error}") from None
            except Invalid as error:
                raise click.ClickException(error.message) from None
        stands = policies.own_of_thread(session, thread.site_id, thread.id)
    click.echo(json.dumps(stands) if stands else "All as the site decides.")


@readers.command("ban")
@click.argument("number", type=int)
def ban_reader(number: int) -> None:
    """Ban the reader with this number (`author.id` in the API): their token ends at once."""
    with writing() as session:
        ban_everywhere(_reader(session, number))
    click.echo(f"Reader {number} is banned.")


@readers.command("unban")
@click.argument("number", type=int)
def unban_reader(number: int) -> None:
    """Let a banned reader come back, with a new token."""
    with writing() as session:
        lift_everywhere(_reader(session, number))
    click.echo(f"Reader {number} may come back.")


def _set_state(url: str, state: ThreadState) -> None:
    with writing() as session:
        thread = _thread(session, url)
        thread.state = state
        change(session, thread.id)
    click.echo(f"The discussion is {state}.")


def _thread(session: Session, url: str) -> Thread:
    try:
        thread = find(session, locate(session, url))
    except Invalid as error:
        raise click.ClickException(error.message) from None
    if thread is None:
        raise click.ClickException("No discussion has begun on this page.")
    return thread


def _reader(session: Session, number: int) -> Account:
    account = session.get(Account, number)
    if account is None or account.kind is not AccountKind.GUEST:
        raise click.ClickException("There is no reader with this number.")
    return account


def _any_staff(session: Session) -> bool:
    query = select(SiteRole.id).join(Account).where(Account.active).limit(1)
    return session.scalar(query) is not None
