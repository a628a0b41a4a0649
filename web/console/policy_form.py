"""The policy's form: every control as the text in it, from what stands and back to what changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from moderation.classifier import languages
from moderation.classifier.thresholds import DEFAULT_HOLD
from moderation.errors import Invalid
from moderation.policies import LONGEST_NOTE
from moderation.signals.facts import NEVER, UNLISTED, Thresholds
from moderation.signals.obfuscation import KIND as DISGUISED
from moderation.signals.rules import RULES
from moderation.values import Values, values_of

LISTS = ("banned_words", "suspect_words", "allowed_domains", "held_domains")
_PLAIN = ("moderation", "languages")
_REASON = ("reason_key", "reason_name", "reason_told")

Row = tuple[str, str, str]  # a reason: its key, its name, what the author is told
Errors = dict[str, str]  # a control's name -> what is wrong with it


@dataclass(frozen=True)
class Sheet:
    """What stands in the form: `fields` by the name of the control, and the rows of reasons."""

    fields: Mapping[str, str]
    reasons: tuple[Row, ...]
    note: str = ""

    @property
    def labels(self) -> list[str]:
        """The labels that have thresholds here, the model's own first and disguises last."""
        named = {name.removeprefix("hold.") for name in self.fields if name.startswith("hold.")}
        usual = [label for label in DEFAULT_HOLD if label in named]
        return [*usual, *sorted(named - {*usual, DISGUISED}), *({DISGUISED} & named)]


def sheet_of(values: Values, labels: Iterable[str]) -> Sheet:
    """The form as it opens; `labels` are those that need thresholds though none may be set."""
    fields = {"moderation": values.moderation.value, "languages": values.languages}
    for label in {*values.thresholds, *labels, DISGUISED}:
        limits = values.thresholds.get(label) or usual_of(label)
        fields[f"hold.{label}"] = written(limits.hold, as_share=True)
        fields[f"reject.{label}"] = written(limits.reject, as_share=True)
    for kind, bounds in RULES.items():
        rule = values.rule(kind)
        fields[f"advice.{kind}"] = rule.advice.value
        if bounds.has_limit:
            fields[f"limit.{kind}"] = written(rule.limit, as_share=bounds.is_share)
    fields |= {name: "\n".join(getattr(values, name)) for name in LISTS}
    fields["nudges"] = "1" if values.nudges else ""
    fields["reports_from"] = written(values.reports_from, as_share=False)
    return Sheet(fields, tuple((one.key, one.name, one.told) for one in values.reasons))


def written(number: float, *, as_share: bool) -> str:
    """A number as its control shows it, exactly: 0.50, 0.125, 8."""
    if as_share:
        return f"{number:.2f}" if round(number, 2) == number else repr(number)
    return f"{number:.0f}" if number == int(number) else repr(number)


def sheet_from(form: MultiDict[str, str], standing: Sheet) -> Sheet:
    """The form as it was sent; a control that was not sent stays as it stands."""
    fields = dict(standing.fields)
    for name in form:
        if name in fields or name.startswith(("hold.", "reject.")):
            # Of a checkbox the value that says "off" is always sent, and the other one after it.
            fields[name] = form.getlist(name)[-1].replace("\r\n", "\n").strip()
    for name in list(fields):
        for one, other in (("reject.", "hold."), ("hold.", "reject.")):
            if name.startswith(one):
                fields.setdefault(name.replace(one, other, 1), "")
    reasons = standing.reasons
    if _REASON[0] in form:
        parts = [
            [one.replace("\r\n", "\n").strip() for one in form.getlist(name)] for name in _REASON
        ]
        rows = zip(*parts, strict=False)
        reasons = tuple((key, name, told) for key, name, told in rows if key or name or told)
    return Sheet(fields, reasons, form.get("note", "").strip())


def changes(sheet: Sheet, now: Values) -> tuple[dict[str, Any], Errors]:
    """What a form asks for, as a record for `policies.change`, and what is wrong by control."""
    errors: Errors = {}
    record: dict[str, Any] = {name: sheet.fields[name] for name in _PLAIN}
    record |= {name: sheet.fields[name].split("\n") for name in LISTS}
    record["nudges"] = bool(sheet.fields["nudges"])
    record["reports_from"] = _number(sheet.fields["reports_from"])
    for name in (*_PLAIN, *LISTS, "reports_from"):
        _check(errors, name, {name: record[name]}, now)
    record["thresholds"] = _thresholds(sheet, now, errors)
    record["rules"] = _rules(sheet, now, errors)
    record["reasons"] = [list(row) for row in sheet.reasons]
    for number, row in enumerate(record["reasons"]):
        _check(errors, f"reasons.{number}", {"reasons": [row]}, now)
    if not any(name.startswith("reasons.") for name in errors):
        _check(errors, "reasons", {"reasons": record["reasons"]}, now)
    if len(sheet.note) > LONGEST_NOTE:
        errors["note"] = f"A note has at most {LONGEST_NOTE} characters."
    return record, errors


def _thresholds(sheet: Sheet, now: Values, errors: Errors) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for label in sheet.labels:
        pair = [_number(sheet.fields.get(f"{part}.{label}", "")) for part in ("hold", "reject")]
        name = f"threshold.{label}"
        _check(errors, name, {"thresholds": {label: pair}}, now)
        # What nobody set stays unset, so that it goes on as is usual.
        if name in errors or label in now.thresholds or Thresholds(*pair) != usual_of(label):
            found[label] = pair
    return found


def _rules(sheet: Sheet, now: Values, errors: Errors) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for kind, bounds in RULES.items():
        limit = _number(sheet.fields[f"limit.{kind}"]) if bounds.has_limit else 0.0
        rule = [sheet.fields[f"advice.{kind}"], limit]
        _check(errors, f"rule.{kind}", {"rules": {kind: rule}}, now)
        usual = bounds.usually
        if kind in now.rules or rule != [usual.advice.value, usual.limit]:
            found[kind] = rule
    return found


def usual_of(label: str) -> Thresholds:
    """What counts for a label that a site has no thresholds for."""
    return Thresholds(NEVER) if label == DISGUISED else UNLISTED


def _number(typed: str) -> Any:
    """A number; what is none stays as it is, for the policy to refuse."""
    try:
        return float(typed)
    except ValueError:
        return typed


def _check(errors: Errors, name: str, record: Mapping[str, Any], now: Values) -> None:
    """Ask the policy itself about one control, so that its answer stands beside it."""
    try:
        values_of(record, now)
    except Invalid as error:
        errors[name] = plain(error)


def plain(error: Invalid) -> str:
    """What is wrong, without the name that the policy's record has for it."""
    said = error.message.removeprefix(f"{error.field}: ")
    return f"{said[:1].upper()}{said[1:]}"


def merged(typed: Sheet, seen: Sheet, standing: Sheet) -> tuple[Sheet, Errors]:
    """What somebody typed on a form that is out of date, over what stands now.

    What they had not touched shows what stands; what both changed is theirs, and named.
    """
    fields, both = dict(standing.fields), {}
    for name, text in typed.fields.items():
        before, after = seen.fields.get(name, text), standing.fields.get(name, text)
        if text != before:
            fields[name] = text
            if after not in (before, text):
                both[_beside(name)] = _meanwhile(name, after)
    reasons = standing.reasons
    if typed.reasons != seen.reasons:
        reasons = typed.reasons
        if standing.reasons not in (seen.reasons, typed.reasons):
            both["reasons"] = "Somebody changed the reasons meanwhile; saving replaces theirs."
    return replace(typed, fields=fields, reasons=reasons), both


def _beside(name: str) -> str:
    """The name under which what is wrong with a control is shown."""
    part, _, rest = name.partition(".")
    return {"hold": "threshold", "reject": "threshold", "advice": "rule", "limit": "rule"}.get(
        part, part
    ) + (f".{rest}" if rest else "")


def _meanwhile(name: str, standing: str) -> str:
    if name in LISTS:
        return "Somebody changed this list meanwhile; saving replaces theirs."
    part = {"hold": "“hold from” ", "reject": "“reject from” "}.get(name.partition(".")[0], "this ")
    return f"Somebody set {part}to {standing or 'nothing'} meanwhile; saving replaces it."


def read_by(model: str, told: str) -> str:
    """The codes of the languages that a model reads, as in the form."""
    return " ".join(languages.reads_of(model, told))


def entries_of(sheet: Sheet) -> dict[str, tuple[str, ...]]:
    """Both word lists as typed, by the rule that they are for. Raises Invalid."""
    lists = {name: sheet.fields[name].split("\n") for name in LISTS[:2]}
    values = values_of(lists)
    return {"banned-words": values.banned_words, "suspect-words": values.suspect_words}
