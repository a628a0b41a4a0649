"""The `flask backup` and `flask restore` commands."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DatabaseError

from jobs.auditing import Progress
from jobs.backup import archive, restoring, saving
from jobs.backup.archive import Damaged, Manifest
from jobs.backup.dumping import CannotCopy
from models import db

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("folder", type=_FOLDER)
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=0,
    show_default="all",
    help="How many backups to leave in FOLDER; older ones are removed once this one is good.",
)
@click.option(
    "--with-key",
    is_flag=True,
    help="Put the secret key into the file as well: then it is enough to start anew with, and as "
    "secret as the key.",
)
@with_appcontext
def backup(folder: Path, keep: int, with_key: bool) -> None:
    """Save the whole database in FOLDER, while the server goes on, and check what was saved.

    Exits with 1 if nothing could be saved, with 2 if what was saved has a record that is not
    whole.
    """
    key = str(current_app.config["SECRET_KEY"])
    try:
        made = saving.save(db.engine, folder, key, with_key=with_key, told=Progress().tell)
    except CannotCopy as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"Nothing was saved: {error.strerror or error} ({error.filename or folder})."
        ) from error
    for fault in made.faults:
        click.echo(fault)
    rows, size = made.manifest.rows, made.path.stat().st_size
    click.echo(
        f"{made.path}: {rows.get('comment', 0):,} comments, "
        f"{rows.get('decision', 0):,} decisions, {size / 1e6:,.1f} MB."
    )
    if not with_key:
        click.echo("The secret key is not in it: keep instance/secret_key (or PARLEY_SECRET_KEY).")
    if made.faults:
        kept = " No older backup was removed." if keep else ""
        click.echo(
            f"Saved, but {len(made.faults):,} things are wrong in its record.{kept}", err=True
        )
        sys.exit(2)
    for path in saving.rotate(folder, keep):
        click.echo(f"Removed {path.name}.")


@click.command("restore")
@click.argument("file", type=_FILE)
@click.option("--check", is_flag=True, help="Only say whether FILE is good; changes nothing.")
@click.option("--replace", is_flag=True, help="Take the place of a database that is not empty.")
@with_appcontext
def restore(file: Path, check: bool, replace: bool) -> None:
    """Put the database of a backup in place, after holding it against its own record and yours.

    Stop the server first. The database that was there is kept beside it, under another name.
    """
    try:
        manifest = archive.read(file)
        head, known = _migrations()
        if manifest.schema not in known:
            raise click.ClickException(
                f"{file.name} was made by a newer version of Parley: install that one first."
            )
        _introduce(file, manifest)
        if check:
            _check_only(file, manifest, head)
            return
        filled = restoring.is_filled(db.engine)
        if filled:
            _tell_differences(manifest)
        if filled and not replace and db.engine.dialect.name == "sqlite":
            raise click.ClickException(
                "There is a database already. Say --replace to put this one in its place; the old "
                "one is kept beside it."
            )
        done = restoring.restore(db.engine, file, manifest, head, Progress().tell)
    except (Damaged, restoring.Refused, CannotCopy) as error:
        raise click.ClickException(str(error)) from error
    _put_key(file)
    _conclude(manifest, done)


def _introduce(file: Path, manifest: Manifest) -> None:
    rows = manifest.rows
    click.echo(
        f"{file.name}: made {manifest.made_at}, {manifest.database}, "
        f"{rows.get('comment', 0):,} comments, {rows.get('decision', 0):,} decisions."
    )


def _check_only(file: Path, manifest: Manifest, head: str) -> None:
    with tempfile.TemporaryDirectory(prefix="parley-check-") as made:
        faults = restoring.check(file, manifest, head, Path(made), Progress().tell)
    _tell_faults(manifest, faults)
    click.echo("It is whole.")


def _tell_differences(manifest: Manifest) -> None:
    """What would be lost of the record that is there."""
    try:
        compared = restoring.compare(db.engine, manifest)
    except DatabaseError as error:
        click.echo(f"The database that is there cannot be read: {error.orig}.")
        return
    for one in compared:
        named = one.table.replace("_", " ")
        if not one.is_same_past:
            click.echo(f"The {named} rows here are not a later state of those in the backup.")
        elif one.lost:
            click.echo(
                f"{one.lost:,} {named} rows here are younger than the backup, the newest of "
                f"{one.newest}: they would not be in the database any more."
            )


def _put_key(file: Path) -> None:
    """Lay down the secret key that came with the backup; the one that was there is kept beside."""
    key, place = archive.key_in(file), Path(current_app.instance_path) / archive.KEY
    present = place.read_text().strip() if place.exists() else ""
    # A key from the environment is the operator's own to change.
    if not key or key == present or present != current_app.config["SECRET_KEY"]:
        return
    made = place.with_name(f"{archive.KEY}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    place.with_name(f"{archive.KEY}.replaced-{time.time_ns()}").hardlink_to(place)
    # Killed before or after this, there is one key or the other.
    made.replace(place)
    current_app.config["SECRET_KEY"] = key
    click.echo("The secret key of the backup is in place; the one that was there lies beside it.")


def _conclude(manifest: Manifest, done: restoring.Restored) -> None:
    _tell_faults(manifest, done.faults)
    if done.replaced:
        click.echo(f"The database that was there is {done.replaced} now.")
    if saving.mark_of(str(current_app.config["SECRET_KEY"])) != manifest.key_mark:
        click.echo(
            "The secret key is not the one that the backup was made with: bring back that "
            "instance/secret_key (or PARLEY_SECRET_KEY), or readers lose hold of their comments "
            "and staff their second factors.",
            err=True,
        )
    if not done.is_current:
        click.echo("It is of an older version: now `flask db upgrade`, then `flask audit verify`.")
    click.echo(
        "Restored." if not done.faults else "Restored, with what was wrong when it was made."
    )


def _tell_faults(manifest: Manifest, faults: list[str]) -> None:
    """Say what is wrong with the record; more than when it was saved is no good backup.

    Raises Damaged.
    """
    for fault in faults:
        click.echo(fault)
    if len(faults) != manifest.faults and faults:
        raise Damaged(
            f"{len(faults):,} things are wrong in its record, which said {manifest.faults:,}."
        )


def _migrations() -> tuple[str, set[str]]:
    """The newest migration, and all that this version knows."""
    config = current_app.extensions["migrate"].migrate.get_config()
    script = ScriptDirectory.from_config(config)
    return str(script.get_current_head()), {one.revision for one in script.walk_revisions()}
