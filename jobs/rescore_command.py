"""`flask rescore`: what is asked, what is told, and how far it is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from jobs.rescoring import Rescorer, Scope, Tally
from jobs.site_commands import find_sites
from jobs.transactions import reading
from moderation.classifier.batching import BatchingClassifier
from moderation.errors import ModelUnavailable

_TOLD_EVERY = 10.0
# Leaves the processor to the server, which scores what is written now.
_NICE = 10


def rescore_command(classifier: BatchingClassifier, told: str) -> click.Command:
    """`flask rescore` for an application's model."""

    @click.command("rescore")
    @click.option("--site", "slugs", multiple=True, help="Slug of a site; every site if left out.")
    @click.option(
        "--since", type=click.DateTime(["%Y-%m-%d"]), help="Written on this day or since."
    )
    @click.option("--only-model", default="", help="Scored by this model: NAME or 'NAME VERSION'.")
    @click.option("--dry-run", is_flag=True, help="Score and compare; write nothing.")
    @click.option("--hold", is_flag=True, help="Send published ones over a threshold to the queue.")
    @click.option("--yes", is_flag=True, help="Do not ask before sending them there.")
    @with_appcontext
    def rescore(
        slugs: tuple[str, ...],
        since: datetime | None,
        only_model: str,
        dry_run: bool,
        hold: bool,
        yes: bool,
    ) -> None:
        """Score old comments with the model of today, and show what it would have decided
        differently. What a person decided stays; nothing is published by this."""
        with reading() as session:
            site_ids = [site.id for site in find_sites(session, slugs)]
        scope = Scope(site_ids, since.replace(tzinfo=UTC) if since else None, only_model)
        with _loaded(classifier):
            run = Rescorer(classifier, scope, told)
            if dry_run:
                tally = run.compare()
                _score(run, tally)
                _show(run, tally)
                click.echo("Nothing was written.")
            else:
                _record_and_show(run, hold=hold, yes=yes)

    return rescore


def _record_and_show(run: Rescorer, *, hold: bool, yes: bool) -> None:
    scored, failed = _score(run, None)
    click.echo(f"{_comments(scored)} scored by {run.model}.")
    if failed:
        click.echo(f"{_comments(failed)} could not be scored; nothing changed there.")
    tally = run.compare()
    _show(run, tally)
    count = len(tally.to_hold)
    if not hold or not count:
        click.echo("No decision was changed.")
    elif yes or click.confirm(f"Hide {_comments(count)} until a moderator has looked?"):
        click.echo(f"{_comments(run.hold(tally.to_hold))} sent to the queue.")
    else:
        click.echo("No decision was changed.")


def _score(run: Rescorer, tally: Tally | None) -> tuple[int, int]:
    progress = _Progress(run.count_unscored())
    done = run.score(tally, progress.tell)
    progress.end()
    return done


def _show(run: Rescorer, tally: Tally) -> None:
    click.echo(f"By {run.model} and the thresholds of today:")
    for (before, after), count in sorted(tally.changes.items()):
        why = ", ".join(
            f"{reason.removeprefix('score:')} {number:,}"
            for reason, number in tally.reasons[before, after].most_common()
        )
        click.echo(f"  {count:,} {before} would be {after}{f' ({why})' if why else ''}")
    if not tally.changes:
        click.echo("  no decision of the system would be different")
    if tally.by_person:
        click.echo(f"  {tally.by_person:,} more, which a person decided: they stay as they are")


@contextmanager
def _loaded(classifier: BatchingClassifier) -> Iterator[None]:
    """The model, loaded for as long as the body runs; what it raises ends the command."""
    os.nice(_NICE)
    classifier.start()
    told = ""
    try:
        while not classifier.wait_ready(0.2):
            if classifier.failure:
                raise click.ClickException(classifier.failure)
            # A model that is downloaded or exported first takes its minutes; it is no failure.
            if classifier.progress not in ("", told):
                told = classifier.progress
                click.echo(told, err=True)
        yield
    except ModelUnavailable as error:
        raise click.ClickException(
            f"{error.message} What was scored is kept: run the same command again to go on."
        ) from None
    finally:
        classifier.stop()


class _Progress:
    """Says how far it is: in one line that changes, or a line now and then in a log."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = self._told = time.monotonic()
        self._is_live = sys.stderr.isatty()
        click.echo(f"{_comments(total)} without a score of this model.", err=True)

    def tell(self, done: int) -> None:
        """Some more are done."""
        now = time.monotonic()
        if not self._is_live and now - self._told < _TOLD_EVERY:
            return
        self._told = now
        rate = done / max(now - self._begun, 0.001)
        left = max(0, self._total - done) / rate
        line = f"{done:,} of {self._total:,}, {rate:,.0f} a second, {_duration(left)} left"
        click.echo(f"\r{line:<70}" if self._is_live else line, nl=not self._is_live, err=True)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._is_live:
            click.echo(err=True)


def _comments(number: int) -> str:
    return "1 comment" if number == 1 else f"{number:,} comments"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
