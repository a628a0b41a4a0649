"""Every setting: its type, default, environment name and one line of meaning."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from limits import parse_many

_SHORTEST_TOKEN = 16


def _setting(
    default: Any, meaning: str, least: float = float("-inf"), most: float = float("inf")
) -> Any:
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most})


@dataclass(frozen=True)
class Settings:
    """The whole configuration; `PARLEY_` and the upper-case name is the environment variable."""

    instance: Path = _setting(
        Path(__file__).parent / "instance",
        "Folder of the local database, the secret key and cached models.",
    )
    database_url: str = _setting(
        "",
        "SQLAlchemy address of the database; empty means SQLite in the instance folder.",
    )
    secret_key: str = _setting(
        "",
        "Signs sessions and reader tokens; empty means one is made and kept in the instance "
        "folder.",
    )
    public_url: str = _setting(
        "http://127.0.0.1:8000",
        "Where readers and moderators reach this server; https here makes the console's "
        "cookies secure.",
    )
    trusted_proxies: int = _setting(
        0, "How many proxies in front of this server add themselves to X-Forwarded-For.", least=0
    )
    model: str = _setting(
        "parley-small",
        "The classifier: parley-small, one of Detoxify's original, unbiased, multilingual, "
        "original-small, unbiased-small, or the path of a checkpoint.",
    )
    model_languages: str = _setting(
        "",
        "Languages that the model reads, as codes such as `en fr`; empty means what is known of a "
        "model named above, and English for a checkpoint. A site can say otherwise.",
    )
    scoring_deadline: float = _setting(
        3.0,
        "Seconds that a posting reader waits for the score; after that the comment stays "
        "unscored and hidden until the background thread has scored it.",
        least=0,
    )
    scoring_lease: int = _setting(
        60,
        "Seconds after which scoring work taken by a process that died is taken up again.",
        least=1,
    )
    scoring_attempts: int = _setting(
        3, "Tries to score a comment before it is held for a person.", least=1
    )
    text_limit: int = _setting(
        10_000, "Longest comment, in characters; longer ones are refused.", least=1, most=50000
    )
    name_limit: int = _setting(60, "Longest name of a commenter, in characters.", least=1, most=120)
    body_limit: int = _setting(65_536, "Largest request body, in bytes.", least=1024)
    depth_limit: int = _setting(
        64, "Deepest level of a reply; the first level is 0.", least=1, most=500
    )
    edit_minutes: int = _setting(15, "Minutes in which an author can edit a comment.", least=0)
    read_rate: str = _setting("300 per minute", "Reading requests allowed to one address.")
    write_rate: str = _setting(
        "20 per minute; 200 per hour", "Comments, edits and reports allowed to one address."
    )
    vote_rate: str = _setting(
        "60 per minute; 600 per hour", "Votes and points allowed to one address."
    )
    newcomer_rate: str = _setting(
        "30 per hour", "New reader tokens given to one address; bounds made-up voters."
    )
    preview_rate: str = _setting("60 per minute", "Previews allowed to one address.")
    sign_in_rate: str = _setting("10 per minute", "Sign-in attempts allowed to one address.")
    rate_storage: str = _setting(
        "memory://", "Where rate limits are counted; a Redis address shares them."
    )
    page_memory: int = _setting(
        33_554_432,
        "Bytes of finished pages of discussions that each server process keeps; 0 keeps none.",
        least=0,
    )
    analyzer_deadline: float = _setting(
        0.7,
        "Seconds in which a request for scores at Perspective's addresses is answered; what takes "
        "longer is answered 503.",
        least=0.05,
        most=30,
    )
    analyzer_scale: str = _setting(
        "perspective",
        "Scale of the scores given there: perspective (mapped; only for parley-small, any other "
        "model has no map) or model (as the model gives them).",
    )
    coral_deadline: float = _setting(
        0.15,
        "Seconds in which a Coral's external moderation phase is answered; what takes longer is "
        "withheld.",
        least=0.02,
        most=30,
    )
    busy_seconds: float = _setting(
        5.0, "Seconds to wait for a locked SQLite database before answering 503.", least=0
    )
    metrics_token: str = _setting(
        "",
        "Who sends this as bearer token may read /metrics; empty means nobody, and there is no "
        "such page.",
    )
    akismet_key: str = _setting(
        "",
        "Key of Akismet, which is then asked whether comments are spam; empty means it never is, "
        "and nothing leaves this server.",
    )
    webhook_private_hosts: str = _setting(
        "",
        "Hosts inside your network that webhooks may be sent to, as names or addresses parted by "
        "blanks; empty means that only public addresses are.",
    )
    demo: bool = _setting(False, "Serve the demo article at /demo/article.")
    log_level: str = _setting("INFO", "Least severe log line that is written.")

    @property
    def effective_database_url(self) -> str:
        """The database address, with the default resolved."""
        return self.database_url or f"sqlite:///{self.instance.resolve() / 'parley.db'}"

    def effective_secret_key(self) -> str:
        """The secret key; made and stored (mode 0600) in the instance folder if none is set."""
        if self.secret_key:
            return self.secret_key
        self.instance.mkdir(parents=True, exist_ok=True)
        path = self.instance / "secret_key"
        if not path.exists():
            # Whole or not at all, and one key however many processes start at once.
            made = path.with_name(f"secret_key.{os.getpid()}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(made)
            made.unlink()
        key = path.read_text(encoding="utf-8").strip()
        if not key:
            raise SystemExit(f"{path} is empty. Remove it for a new one; it signs everyone out.")
        return key


def environment_name(setting: Field[Any]) -> str:
    """The environment variable of one setting."""
    return f"PARLEY_{setting.name.upper()}"


def _parse(setting: Field[Any], raw: str) -> Any:
    kind: type[Any] = type(setting.default)
    if kind is bool:
        lowered = raw.strip().lower()
        if lowered not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
            raise ValueError("write 1 or 0")
        return lowered in {"1", "true", "yes", "on"}
    value = Path(raw) if issubclass(kind, Path) else kind(raw)
    if kind in (int, float) and not setting.metadata["least"] <= value <= setting.metadata["most"]:
        raise ValueError(
            f"from {setting.metadata['least']:g} to {setting.metadata['most']:g} is possible"
        )
    if setting.name.endswith("_rate"):
        parse_many(raw)
    if setting.name == "model_languages":
        for code in raw.replace(",", " ").split():
            if not re.fullmatch("[a-z]{2,3}", code):
                raise ValueError("write codes of two or three small letters, such as en fr")
    if setting.name == "analyzer_scale" and raw not in ("perspective", "model"):
        raise ValueError("write perspective or model")
    if setting.name == "metrics_token" and raw and len(raw) < _SHORTEST_TOKEN:
        raise ValueError(f"use at least {_SHORTEST_TOKEN} characters that nobody can guess")
    return value


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of an environment.

    Raises SystemExit with one sentence for a value that cannot be read, and for a variable
    that starts with PARLEY_ and names no setting: a misspelt setting is a silent fault.
    """
    environ = os.environ if environ is None else environ
    known = {environment_name(setting): setting for setting in fields(Settings)}
    unknown = sorted(name for name in environ if name.startswith("PARLEY_") and name not in known)
    if unknown:
        raise SystemExit(f"Unknown setting {', '.join(unknown)}: see docs/settings.md.")
    values: dict[str, Any] = {}
    for name, setting in known.items():
        if name in environ:
            try:
                values[setting.name] = _parse(setting, environ[name])
            except ValueError as error:
                raise SystemExit(f"{name}={environ[name]!r} cannot be read: {error}.") from None
    return Settings(**values)
