"""The `flask` commands of a publisher: staff, sites, threads, readers and keys."""

from __future__ import annotations

import hashlib
import secrets

import click
from flask.cli import AppGroup
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.threads import find, locate, origin_of
from jobs.transactions import reading, writing
from models import (
    Account,
    AccountKind,
    ApiKey,
    LabelThreshold,
    Moderation,
    Role,
    Score,
    Site,
    SiteOrigin,
    SiteRole,
    ThreadState,
)
from models.thread import change
from moderation.classifier.thresholds import DEFAULT_HOLD
from moderation.errors import Invalid
from moderation.sanctions import ban, lift

staff = AppGroup("staff", help="Members of staff: who may moderate.")
sites = AppGroup("sites", help="Publications and the addresses that their pages have.")
threads = AppGroup("threads", help="Discussions: open and closed.")
readers = AppGroup("readers", help="Commenters: bans.")
keys = AppGroup("keys", help="API keys with which programs moderate.")

GROUPS = (staff, sites, threads, readers, keys)
SHORTEST_PASSWORD = 12
_LABELS_SEEN = select(Score.label).distinct()


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
        chosen = _sites(session, slugs)
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
            if site.id in held:
                held[site.id].role = Role(role)
            else:
                account.site_roles.append(SiteRole(site_id=site.id, role=Role(role)))
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


@sites.command("add")
@click.argument("slug")
@click.argument("origins", nargs=-1, required=True)
@click.option("--name", default="", help="The publication's name.")
@click.option("--pre", is_flag=True, help="Hold every comment until a person has looked.")
def add_site(slug: str, origins: tuple[str, ...], name: str, pre: bool) -> None:
    """Make a site whose pages live at ORIGINS, such as https://example.org."""
    with writing() as session:
        if session.scalar(select(Site.id).where(Site.slug == slug)) is not None:
            raise click.ClickException(f"There is a site {slug} already; use `add-origin`.")
        make_site(session, slug, name or slug, Moderation.PRE if pre else Moderation.POST)
        for origin in origins:
            _add_origin(session, slug, origin)
    click.echo(f"Site {slug} is there. Make its first moderator: flask staff add EMAIL")


@sites.command("add-origin")
@click.argument("slug")
@click.argument("origin")
def add_origin(slug: str, origin: str) -> None:
    """Let pages of one more ORIGIN carry the site's threads."""
    with writing() as session:
        added = _add_origin(session, slug, origin)
    click.echo(f"Pages of {added} belong to {slug}.")


@sites.command("moderation")
@click.argument("slug")
@click.argument("mode", type=click.Choice([mode.value for mode in Moderation]))
def set_moderation(slug: str, mode: str) -> None:
    """Set when a person looks: `post` after publishing, `pre` before."""
    with writing() as session:
        site = _sites(session, (slug,))[0]
        site.moderation = Moderation(mode)
        site.policy_version += 1
    click.echo(f"{slug} is {mode}-moderated.")


@sites.command("reports")
@click.argument("slug")
@click.argument("number", type=click.IntRange(0, 1000))
def set_reports(slug: str, number: int) -> None:
    """Set how many open reports hide a published comment until a person has looked; 0: none do."""
    with writing() as session:
        site = _sites(session, (slug,))[0]
        site.hold_at_reports = number
        site.policy_version += 1
    click.echo(f"{slug}: {number} reports hide a comment." if number else f"{slug}: none hide.")


@sites.command("threshold")
@click.argument("slug")
@click.argument("label")
@click.argument("hold", type=click.FloatRange(0, 1))
@click.argument("reject", type=click.FloatRange(0, 1), default=1.0)
def set_threshold(slug: str, label: str, hold: float, reject: float) -> None:
    """Set from which score of LABEL a comment is held, and rejected; 1 means never."""
    if reject < hold:
        raise click.ClickException("Rejecting below the hold threshold would hold nothing.")
    with writing() as session:
        site = _sites(session, (slug,))[0]
        known = {row.label for row in site.thresholds} | set(session.scalars(_LABELS_SEEN))
        if label not in known:
            raise click.ClickException(f"No model here has given a label {label}: {sorted(known)}.")
        row = next((row for row in site.thresholds if row.label == label), None)
        if row is None:
            row = LabelThreshold(site_id=site.id, label=label)
            session.add(row)
        row.hold, row.reject = hold, reject
        site.policy_version += 1
    click.echo(f"{slug}: {label} holds from {hold:g}, rejects from {reject:g}.")


@sites.command("list")
def list_sites() -> None:
    """Show the sites with their origins and thresholds."""
    with reading() as session:
        for site in session.scalars(select(Site).order_by(Site.slug)):
            click.echo(f"{site.slug}  {site.name}  {site.moderation}-moderated")
            for origin in site.origins:
                click.echo(f"  {origin.origin}")
            for row in site.thresholds:
                click.echo(f"  {row.label}: hold {row.hold:g}, reject {row.reject:g}")


@keys.command("add")
@click.argument("slug")
@click.argument("name")
def add_key(slug: str, name: str) -> None:
    """Make an API key for a site; it is shown once."""
    key = f"pk_{secrets.token_urlsafe(32)}"
    with writing() as session:
        site = _sites(session, (slug,))[0]
        session.add(ApiKey(site_id=site.id, name=name, digest=digest_of(key)))
    click.echo(key)


@keys.command("list")
def list_keys() -> None:
    """Show the keys, without what they are."""
    with reading() as session:
        for key in session.scalars(select(ApiKey).order_by(ApiKey.id)):
            state = "active" if key.active else "revoked"
            click.echo(f"{key.id}  {key.site.slug}  {key.name}  {state}  {key.created_at:%Y-%m-%d}")


@keys.command("revoke")
@click.argument("number", type=int)
def revoke_key(number: int) -> None:
    """End a key, by its number in `flask keys list`."""
    with writing() as session:
        key = session.get(ApiKey, number)
        if key is None:
            raise click.ClickException("There is no key with this number.")
        key.active = False
    click.echo(f"Key {number} opens nothing any more.")


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


@readers.command("ban")
@click.argument("number", type=int)
def ban_reader(number: int) -> None:
    """Ban the reader with this number (`author.id` in the API): their token ends at once."""
    with writing() as session:
        ban(_reader(session, number))
    click.echo(f"Reader {number} is banned.")


@readers.command("unban")
@click.argument("number", type=int)
def unban_reader(number: int) -> None:
    """Let a banned reader come back, with a new token."""
    with writing() as session:
        lift(_reader(session, number))
    click.echo(f"Reader {number} may come back.")


def _set_state(url: str, state: ThreadState) -> None:
    with writing() as session:
        try:
            thread = find(session, locate(session, url))
        except Invalid as error:
            raise click.ClickException(error.message) from None
        if thread is None:
            raise click.ClickException("No discussion has begun on this page.")
        thread.state = state
        change(session, thread.id)
    click.echo(f"The discussion is {state}.")


def _reader(session: Session, number: int) -> Account:
    account = session.get(Account, number)
    if account is None or account.kind is not AccountKind.GUEST:
        raise click.ClickException("There is no reader with this number.")
    return account


def _any_staff(session: Session) -> bool:
    query = select(SiteRole.id).join(Account).where(Account.active).limit(1)
    return session.scalar(query) is not None


def digest_of(key: str) -> str:
    """What is stored of an API key: SHA-256; the key itself has 256 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_site(session: Session, slug: str, name: str, moderation: Moderation) -> Site:
    """A new site with the default thresholds."""
    site = Site(slug=slug, name=name, moderation=moderation)
    session.add(site)
    session.flush()
    session.add_all(
        LabelThreshold(site_id=site.id, label=label, hold=hold)
        for label, hold in DEFAULT_HOLD.items()
    )
    session.flush()
    return site


def _sites(session: Session, slugs: tuple[str, ...]) -> list[Site]:
    query = select(Site).order_by(Site.slug)
    found = list(session.scalars(query.where(Site.slug.in_(slugs)) if slugs else query))
    missing = set(slugs) - {site.slug for site in found}
    if missing or not found:
        named = ", ".join(sorted(missing)) or "at all"
        raise click.ClickException(f"There is no site {named}. Make one: flask sites add")
    return found


def _add_origin(session: Session, slug: str, origin: str) -> str:
    site = _sites(session, (slug,))[0]
    try:
        exact = origin_of(origin)
    except Invalid as error:
        raise click.ClickException(error.message) from None
    taken = session.scalar(select(SiteOrigin).where(SiteOrigin.origin == exact))
    if taken is not None and taken.site_id != site.id:
        raise click.ClickException(f"{exact} belongs to the site {taken.site.slug}.")
    if taken is None:
        session.add(SiteOrigin(site_id=site.id, origin=exact))
    return exact
