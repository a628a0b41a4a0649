"""The `flask audit` commands: is the record whole, and give me all of it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TextIO

import click
from flask.cli import AppGroup

from jobs import auditing
from jobs.site_commands import find_sites
from jobs.transactions import reading
from moderation import timeline
from moderation.timeline import Reach, Wanted

audit = AppGroup("audit", help="Whether the record is whole, and all of it as a file.")

_PAGE = 500


@audit.command("verify")
def verify() -> None:
    """Replay every decision and count everything again; exit with 1 if anything is wrong.

    What is printed names rows by their numbers and quotes nobody.
    """
    progress, wrong = auditing.Progress(), 0
    with reading() as session:
        auditing.freeze(session)
        for fault in auditing.faults(session, progress.tell):
            wrong += 1
            click.echo(fault)
    if wrong:
        click.echo(f"{wrong:,} thing{'' if wrong == 1 else 's'} wrong.", err=True)
        sys.exit(1)
    click.echo(f"The record is whole: {progress.done:,} comments replayed.")


@audit.command("export")
@click.option("--site", "slugs", multiple=True, help="Slug of a site; every site if left out.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Done on this day (UTC) or since.")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
def export(slugs: tuple[str, ...], since: datetime | None, file: TextIO) -> None:
    """Write the record to FILE, one JSON object a line, the newest first; - is standard output."""
    wanted = Wanted(since=since.replace(tzinfo=UTC) if since else None)
    with reading() as session:
        sites = {site.id: site.slug for site in find_sites(session, slugs)}
        reach = Reach(tuple(sites), frozenset(sites), is_operator=not slugs)
    count, cursor = 0, ""
    while True:
        with reading() as session:
            page = timeline.page(session, reach, wanted, cursor, _PAGE)
            for entry in page.entries:
                record = timeline.as_record(entry, sites)
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        count += len(page.entries)
        if not page.next:
            break
        cursor = page.next
    click.echo(f"{count:,} entries.", err=True)
