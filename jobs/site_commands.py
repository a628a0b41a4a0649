"""The `flask sites` commands: publications, their addresses, and what each decides for itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.threads import origin_of
from jobs.transactions import reading, writing
from models import ActorKind, Advice, Moderation, Score, Site, SiteOrigin
from moderation import policies
from moderation.classifier.thresholds import DEFAULT_HOLD
from moderation.decisions import Actor
from moderation.errors import Invalid, Unchanged
from moderation.signals.facts import Thresholds
from moderation.signals.obfuscation import KIND as OBFUSCATED
from moderation.signals.rules import RULES
from moderation.values import HEAVIEST_REPORTS, Values

sites = AppGroup("sites", help="Publications and the addresses that their pages have.")

# Whoever may run a command on the server.
OPERATOR = Actor(ActorKind.SYSTEM, 0, "command line")
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
    _change(slug, {"moderation": mode})
    click.echo(f"{slug} is {mode}-moderated.")


@sites.command("reports")
@click.argument("slug")
@click.argument("number", type=click.IntRange(0, 1000))
def set_reports(slug: str, number: int) -> None:
    """Set how many open reports hide a published comment until a person has looked; 0: none do."""
    usual = RULES["reports"].usually.limit
    _change(slug, {"rules": {"reports": ["hold", number] if number else ["note", usual]}})
    click.echo(f"{slug}: {number} reports hide a comment." if number else f"{slug}: none hide.")


@sites.command("reports-from")
@click.argument("slug")
@click.argument("weight", type=click.FloatRange(0, HEAVIEST_REPORTS))
def set_reports_from(slug: str, weight: float) -> None:
    """Set from which WEIGHT of its open reports a published comment waits under Reported; 0: any
    report brings it there."""
    _change(slug, {"reports_from": weight})
    click.echo(f"{slug}: {f'{weight:g} of weight' if weight else 'any report'} brings it there.")


@sites.command("threshold")
@click.argument("slug")
@click.argument("label")
@click.argument("hold", type=click.FloatRange(0, 1))
@click.argument("reject", type=click.FloatRange(0, 1), default=1.0)
def set_threshold(slug: str, label: str, hold: float, reject: float) -> None:
    """Set from which score of LABEL a comment is held, and rejected; 1 means never.

    LABEL is one of the model's, or "obfuscated": how much of a score disguised words hid.
    """
    with reading() as session:
        site = find_sites(session, (slug,))[0]
        known = set(policies.standing(session, site.id).thresholds)
        known |= set(session.scalars(_LABELS_SEEN)) | {OBFUSCATED}
    if label not in known:
        raise click.ClickException(f"No model here has given a label {label}: {sorted(known)}.")
    _change(slug, {"thresholds": {label: [hold, reject]}})
    click.echo(f"{slug}: {label} holds from {hold:g}, rejects from {reject:g}.")


@sites.command("rule")
@click.argument("slug")
@click.argument("kind", type=click.Choice(sorted(RULES)))
@click.argument("advice", type=click.Choice([advice.value for advice in Advice]))
@click.argument("limit", type=float, required=False)
def set_rule(slug: str, kind: str, advice: str, limit: float | None) -> None:
    """Set what becomes of a comment that shows a signal of this KIND: `note` is only shown to
    moderators, `hold` waits for one, `reject` hides it; and from which LIMIT on it shows."""
    with reading() as session:
        site = find_sites(session, (slug,))[0]
        now = policies.standing(session, site.id).rule(kind)
    _change(slug, {"rules": {kind: [advice, now.limit if limit is None else limit]}})
    click.echo(f"{slug}: {kind} asks to {advice}.")


@sites.command("words")
@click.argument("slug")
@click.argument("which", type=click.Choice(["banned", "suspect"]))
@click.argument("file", type=click.File(encoding="utf-8"))
def set_words(slug: str, which: str, file: TextIO) -> None:
    """Set a list of words or phrases, one a line of FILE (`-`: standard input).

    "idiot*" also finds longer words. Banned ones reject and suspect ones hold, unless the site's
    rules say otherwise.
    """
    words = [line.strip() for line in file if line.strip()]
    _change(slug, {f"{which}_words": words})
    click.echo(f"{slug}: {len(words)} {which} entries.")


@sites.command("domains")
@click.argument("slug")
@click.argument("which", type=click.Choice(["allowed", "held"]))
@click.argument("domains", nargs=-1)
def set_domains(slug: str, which: str, domains: tuple[str, ...]) -> None:
    """Set the DOMAINS whose links are not counted, or whose links hold a comment; none clears."""
    _change(slug, {f"{which}_domains": list(domains)})
    click.echo(f"{slug}: {len(domains)} {which} domains.")


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
    changes: dict[str, Any] = {}
    if codes:
        changes["languages"] = "" if codes == ("model",) else " ".join(codes)
    if others:
        changes["rules"] = {"language": [others, 0]}
    now = _change(slug, changes)
    holds = now.rule("language").advice is Advice.HOLD
    becomes = "wait for a person" if holds else "are only marked"
    click.echo(
        f"{slug}: read {now.languages or 'as the model is known to'}; other languages {becomes}."
    )


@sites.command("history")
@click.argument("slug")
def show_history(slug: str) -> None:
    """Show every version of a site's policy: when, by whom, and what it changed."""
    with reading() as session:
        site = find_sites(session, (slug,))[0]
        for version in policies.changes(session, site.id):
            when = f"{version.at:%Y-%m-%d %H:%M}"
            click.echo(f"{version.number}  {when}  {version.who}  {version.what}")


def _change(slug: str, changes: Mapping[str, Any]) -> Values:
    """Make another version of a site's policy, if anything changes, and answer what stands."""
    with writing() as session:
        site = find_sites(session, (slug,))[0]
        try:
            policies.change(session, site, changes, OPERATOR)
        except Unchanged:
            pass
        except Invalid as error:
            raise click.ClickException(error.message) from None
        return policies.standing(session, site.id)


@sites.command("list")
def list_sites() -> None:
    """Show the sites with their origins, languages, thresholds and rules."""
    with reading() as session:
        for site in session.scalars(select(Site).order_by(Site.slug)):
            now = policies.standing(session, site.id)
            click.echo(f"{site.slug}  {site.name}  {now.moderation}-moderated")
            for origin in site.origins:
                click.echo(f"  {origin.origin}")
            others = now.rule("language").advice
            click.echo(f"  languages {now.languages or 'of the model'}, others: {others}")
            for label, limits in now.thresholds.items():
                click.echo(f"  {label}: hold {limits.hold:g}, reject {limits.reject:g}")
            for kind in RULES:
                rule = now.rule(kind)
                shown = f" from {rule.limit:g}" if RULES[kind].has_limit else ""
                click.echo(f"  {kind}: {rule.advice}{shown}")


def make_site(session: Session, slug: str, name: str, moderation: Moderation) -> Site:
    """A new site with the default thresholds."""
    site = Site(slug=slug, name=name)
    session.add(site)
    session.flush()
    thresholds = {label: Thresholds(hold) for label, hold in DEFAULT_HOLD.items()}
    policies.begin(session, site, Values(moderation, thresholds), OPERATOR)
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
