"""`flask import`: what is asked, how far it is, and the table at its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from discussion.transfer.beside import Ended
from discussion.transfer.formats import NAMES
from discussion.transfer.places import UrlMap, read_url_map
from jobs.import_flaws import end_flawed
from jobs.import_parley_command import PARLEY, import_parley
from jobs.import_table import comment_rows, rows
from jobs.importing import Outcome, Wanted, run
from jobs.site_commands import find_sites
from jobs.transactions import reading
from moderation.errors import Invalid

_EVERY = 0.2
# Seconds before which a rate says nothing.
_SURE = 1.0
_DOING = {"read": "Reading", "order": "Putting in order", "store": "Storing"}


def import_command(name_limit: int) -> click.Command:
    """`flask import` for an application whose authors' names may be so long."""

    @click.command("import")
    @click.argument("system", type=click.Choice([*NAMES, PARLEY]))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--site", "slug", default="",
                  help="Slug of their site; an export of Parley's brings its own.")  # fmt: skip
    @click.option("--dry-run", is_flag=True, help="Say what it would do; write nothing.")
    @click.option(
        "--url-map",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="CSV of old and new addresses; a * at the end of an old one stands for the rest.",
    )
    @click.option("--by-identifier", is_flag=True,
                  help="Threads go by the page ids of the export, where it has them.")  # fmt: skip
    @click.option("--rescore", is_flag=True,
                  help="Score them in the background, after all that is new.")  # fmt: skip
    @with_appcontext
    def import_(
        system: str,
        file: Path,
        slug: str,
        dry_run: bool,
        url_map: Path | None,
        by_identifier: bool,
        rescore: bool,
    ) -> None:
        """Bring the comments of another SYSTEM to a site, from its export FILE; `parley` is another
        Parley.

        Again, or after it was stopped, it adds what is missing and doubles nothing.
        """
        if system == PARLEY:
            if url_map or by_identifier or rescore:
                raise click.UsageError(
                    "An export of Parley's knows its pages and brings its scores: leave out "
                    "--url-map, --by-identifier and --rescore."
                )
            import_parley(file, slug, is_dry=dry_run)
            return
        if not slug:
            raise click.UsageError("Say with --site which site they come to.")
        with reading() as session:
            site_id = find_sites(session, (slug,))[0].id
        try:
            addresses = read_url_map(url_map) if url_map else UrlMap()
            wanted = Wanted(
                system, file, site_id, current_app.config["SECRET_KEY"], name_limit, addresses,
                by_identifier=by_identifier, rescore=rescore, is_dry=dry_run,
            )  # fmt: skip
            progress = _Progress(sys.stderr.isatty())
            outcome = run(wanted, progress.tell)
        except Invalid as error:
            raise click.ClickException(error.message) from None
        except Ended as error:
            raise click.ClickException(str(error)) from None
        progress.end()
        for line in _told(outcome, is_dry=dry_run):
            click.echo(line)
        if outcome.flaw_count:
            end_flawed(outcome.flaw_count, outcome.flaws)

    return import_


def _told(outcome: Outcome, *, is_dry: bool) -> Iterator[str]:
    tally = outcome.tally
    yield from comment_rows(outcome.read, tally.new, tally.there, outcome.skipped)
    yield from rows("Threads", [("new", tally.threads_new), ("there before", tally.threads_there)])
    yield from rows("Authors", [("new", tally.authors_new)])
    for why, count in sorted(outcome.notes.items()):
        if count:
            yield f"Of the comments, {count:,} {why}."
    if outcome.foreign_hosts:
        named = ", ".join(host for host, _ in outcome.foreign_hosts.most_common(5))
        yield f"Pages of hosts that are not the site's went by their paths: {named}."
    if count := tally.without_address:
        yield f"Discussions without an address, which got page ids: {count:,} (docs/importing.md)."
    if is_dry:
        yield "Nothing was written."


class _Progress:
    """Says how far it is in one line that changes; nothing where nobody looks at it."""

    def __init__(self, is_live: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_live, self._clock = is_live, clock
        self._doing, self._begun, self._told = "", 0.0, 0.0

    def tell(self, doing: str, done: int, total: int, comments: int) -> None:
        """So much of it is done."""
        if not self._is_live:
            return
        now = self._clock()
        if doing != self._doing:
            self._doing, self._begun, self._told = doing, now, 0.0
        if now - self._told < _EVERY:
            return
        self._told = now
        spent = max(now - self._begun, 0.001)
        line = f"{_DOING[doing]}: {comments:,} comments"
        if total and done and spent >= _SURE:
            left = spent / done * (total - done)
            line += (
                f", {comments / spent:,.0f} a second, {done / total:.0%}, {_duration(left)} left"
            )
        click.echo(f"\r{line:<78}", nl=False, err=True)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._is_live:
            click.echo(err=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
