"""The `flask sites` commands: publications, their addresses, and what each decides for itself."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.threads import origin_of
from jobs.transactions import reading, writing
from models import LabelThreshold, Moderation, Score, Site, SiteOrigin
from moderation.classifier import languages
from moderation.classifier.thresholds import DEFAULT_HOLD
from moderation.errors import Invalid
from moderation.signals.obfuscation import KIND as OBFUSCATED

sites = AppGroup("sites", help="Publications and the addresses that their pages have.")

_LABELS_SEEN = select(Score.label).distinct()


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
        site = find_sites(session, (slug,))[0]
        site.moderation = Moderation(mode)
        site.policy_version += 1
    click.echo(f"{slug} is {mode}-moderated.")


@sites.command("reports")
@click.argument("slug")
@click.argument("number", type=click.IntRange(0, 1000))
def set_reports(slug: str, number: int) -> None:
    """Set how many open reports hide a published comment until a person has looked; 0: none do."""
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        site.hold_at_reports = number
        site.policy_version += 1
    click.echo(f"{slug}: {number} reports hide a comment." if number else f"{slug}: none hide.")


@sites.command("threshold")
@click.argument("slug")
@click.argument("label")
@click.argument("hold", type=click.FloatRange(0, 1))
@click.argument("reject", type=click.FloatRange(0, 1), default=1.0)
def set_threshold(slug: str, label: str, hold: float, reject: float) -> None:
    """Set from which score of LABEL a comment is held, and rejected; 1 means never.

    LABEL is one of the model's, or "obfuscated": how much of a score disguised words hid.
    """
    if reject < hold:
        raise click.ClickException("Rejecting below the hold threshold would hold nothing.")
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        known = {row.label for row in site.thresholds} | set(session.scalars(_LABELS_SEEN))
        known.add(OBFUSCATED)
        if label not in known:
            raise click.ClickException(f"No model here has given a label {label}: {sorted(known)}.")
        row = next((row for row in site.thresholds if row.label == label), None)
        if row is None:
            row = LabelThreshold(site_id=site.id, label=label)
            session.add(row)
        row.hold, row.reject = hold, reject
        site.policy_version += 1
    click.echo(f"{slug}: {label} holds from {hold:g}, rejects from {reject:g}.")


@sites.command("languages")
@click.argument("slug")
@click.argument("codes", nargs=-1)
@click.option(
    "--others",
    type=click.Choice(["hold", "note"]),
    help="What becomes of a comment in another language: it waits for a person, or is only marked.",
)
def set_languages(slug: str, codes: tuple[str, ...], others: str | None) -> None:
    """Say which languages this site's model reads: CODES such as `en fr`, or `model` for those
    that it is known to read."""
    if not codes and not others:
        raise click.UsageError("Give language codes, or say what becomes of --others.")
    told = "" if codes == ("model",) else _codes(codes)
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        if codes:
            site.model_languages = told
        if others:
            site.holds_other_languages = others == "hold"
        site.policy_version += 1
        shown, holds = site.model_languages, site.holds_other_languages
    becomes = "wait for a person" if holds else "are only marked"
    click.echo(f"{slug}: read {shown or 'as the model is known to'}; other languages {becomes}.")


def _codes(given: tuple[str, ...]) -> str:
    try:
        return " ".join(languages.codes_of(" ".join(given))) if given else ""
    except ValueError as error:
        raise click.ClickException(f"{error}.") from None


@sites.command("list")
def list_sites() -> None:
    """Show the sites with their origins, languages and thresholds."""
    with reading() as session:
        for site in session.scalars(select(Site).order_by(Site.slug)):
            click.echo(f"{site.slug}  {site.name}  {site.moderation}-moderated")
            for origin in site.origins:
                click.echo(f"  {origin.origin}")
            others = "hold" if site.holds_other_languages else "note"
            click.echo(f"  languages {site.model_languages or 'of the model'}, others: {others}")
            for row in site.thresholds:
                click.echo(f"  {row.label}: hold {row.hold:g}, reject {row.reject:g}")


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


def find_sites(session: Session, slugs: tuple[str, ...]) -> list[Site]:
    """Sites by slug, all for none. Raises ClickException for one that is not there."""
    query = select(Site).order_by(Site.slug)
    found = list(session.scalars(query.where(Site.slug.in_(slugs)) if slugs else query))
    missing = set(slugs) - {site.slug for site in found}
    if missing or not found:
        named = ", ".join(sorted(missing)) or "at all"
        raise click.ClickException(f"There is no site {named}. Make one: flask sites add")
    return found


def _add_origin(session: Session, slug: str, origin: str) -> str:
    site = find_sites(session, (slug,))[0]
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
