"""`flask export`: everything that sites hold, as a file that this or another system reads."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from discussion.threads import find, locate
from discussion.transfer import person, table, wxr
from discussion.transfer.parley.names import Names
from discussion.transfer.parley.writing import Export, Wanted
from jobs.auditing import freeze
from jobs.site_commands import find_sites
from jobs.transactions import reading
from models import Account, AccountKind
from moderation.errors import Invalid

_STDOUT = "-"
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--as",
    "form",
    type=click.Choice(["parley", "wxr", "csv"]),
    default="parley",
    show_default=True,
    help="JSON lines that `flask import parley` reads; WordPress's XML, for WordPress and Disqus; "
    "or a table for spreadsheets.",
)
@click.option("--site", "slugs", multiple=True, help="Slug of a site; every site if left out.")
@click.option("--thread", "urls", multiple=True, help="Address of a page; every page if left out.")
@click.option("--since", type=_DAY, help="Comments written then (UTC) or later.")
@click.option("--until", type=_DAY, help="Comments written before then (UTC).")
@with_appcontext
def export_command(
    file: str,
    form: str,
    slugs: tuple[str, ...],
    urls: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Write what sites hold to FILE; packed if it ends in .gz, - is standard output.

    While the server goes on: it is what was there at one moment. The file is there whole or not at
    all.
    """
    with reading() as session:
        freeze(session)
        wanted = Wanted(
            sites=tuple(site.id for site in find_sites(session, slugs)),
            threads=tuple(_thread(session, url) for url in urls),
            since=since.replace(tzinfo=UTC) if since else None,
            until=until.replace(tzinfo=UTC) if until else None,
            is_everything=not slugs,
        )
        with _opened(file) as out:
            out.writelines(_lines(session, form, wanted))
    if file != _STDOUT:
        click.echo(f"{file} is written.", err=True)


def _lines(session: Session, form: str, wanted: Wanted) -> Iterator[str]:
    if form == "wxr":
        return wxr.lines(session, wanted)
    if form == "csv":
        return table.lines(session, wanted)
    lines = Export(session, Names(session), wanted).lines()
    return (json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


def _thread(session: Session, url: str) -> int:
    try:
        thread = find(session, locate(session, url))
    except Invalid as error:
        raise click.ClickException(error.message) from None
    if thread is None:
        raise click.ClickException(f"There is no discussion at {url}.")
    return thread.id


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    """Where to write to; a file gets its name when it is whole."""
    if file == _STDOUT:
        yield sys.stdout
        return
    path = Path(file)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with _private(partial) as raw:
            # Without the time of packing and the name: the same content is the same bytes.
            is_packed = path.suffix == ".gz"
            under = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if is_packed else raw
            with io.TextIOWrapper(under, "utf-8", newline="") as out:
                yield out
        partial.replace(path)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _private(path: Path) -> BinaryIO:
    """A new file for nobody else to read: it holds what only moderators see."""
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(number, "w+b")


@click.command("export")
@click.argument("number", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def export_reader(number: int, file: Path) -> None:
    """Write all that is stored of the reader with this NUMBER (`author.id` in the API) to a zip."""
    with reading() as session:
        freeze(session)
        account = session.get(Account, number)
        if account is None:
            raise click.ClickException(f"There is nobody with the number {number}.")
        partial = file.with_name(f"{file.name}.partial")
        with _private(partial) as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in person.files(session, account):
                packed.writestr(name, content)
        partial.replace(file)
        kind = "member of staff" if account.kind is AccountKind.STAFF else "reader"
    click.echo(f"{file}: all that is stored of this {kind}.")
