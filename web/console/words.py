"""What the desk says in words: reasons, outcomes, who did it and how long ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from models import ActorKind, Advice, Decision, ReportState, Status, StoredSignal, utcnow
from moderation import reporters
from moderation.cases import Case
from moderation.classifier import languages
from moderation.signals.rules import RULES
from moderation.values import REASONS
from web.console import sentences

_STATUS = {
    Status.UNSCORED: "being scored",
    Status.HELD: "held",
    Status.PUBLISHED: "published",
    Status.REJECTED: "rejected",
    Status.WITHDRAWN: "withdrawn",
}
_VERB = {
    Status.UNSCORED: "edited",
    Status.HELD: "held",
    Status.PUBLISHED: "approved",
    Status.REJECTED: "rejected",
    Status.WITHDRAWN: "withdrew",
}
_PLAIN = {
    "pre-moderation": "every comment held",
    "unscorable": "could not be scored",
    "unscored": "being scored",
    "obfuscated": "disguised words",
    "undo": "taken back",
    "edited": "edited by its author",
    "withdrawn": "withdrawn by its author",
    "rescored": "scored again",
    "conflict": "checks disagree",
    "by-staff": "by the staff",
    "sanctioned": "its author’s always wait",
}
# Told even where they only note something.
_TELLING = 0.005
_ALWAYS_TOLD = frozenset({*RULES, "obfuscated", "akismet-away"})
# What each disguise is called that a text can wear (moderation/classifier/readings/found.py).
_DISGUISE = {
    "invisible": "invisible characters inside words",
    "markup": "HTML or Markdown inside words",
    "direction": "letters written backwards",
    "marks": "marks heaped on letters",
    "turned": "upside-down letters",
    "letters": "letters that only look like the plain ones",
    "spaced": "words taken apart",
    "signs": "digits or signs for letters",
    "masked": "starred-out letters",
    "stretched": "repeated letters",
    "capitals": "jumping capitals",
}


def label(name: str) -> str:
    """A label of the model, or a reason, as a person would write it."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def status(value: Status) -> str:
    """Where a comment stands, in a word or two."""
    return _STATUS[value]


def reason(name: str) -> str:
    """A recorded reason in a word or two: `score:insult` is "insult score"."""
    kind, _, subject = name.partition(":")
    if kind == "score" and subject:
        return f"{label(subject).lower()} score"
    if kind == "imported":
        return f"imported from {label(subject)}"
    if kind == "language":
        return f"in {language(subject) or 'another language'}"
    if kind in ("banned-words", "suspect-words", "held-domains"):
        return f"“{subject}”"
    if not subject and name in sentences.RULE_NAMES:
        return sentences.RULE_NAMES[name].lower()
    return _PLAIN.get(name, label(subject or kind).lower())


def weight(number: float) -> str:
    """How much a report counts, in a word."""
    return reporters.in_words(number).value


def language(code: str) -> str:
    """A language by its code, or the letters that it has; empty where nobody can tell."""
    return languages.name_of(code)


def moment(value: datetime) -> str:
    """A time for the record, in UTC."""
    return f"{value:%d %b %Y, %H:%M} UTC"


def day(value: datetime) -> str:
    """A day for a list, in UTC."""
    return f"{value.day} {value:%b %Y}"


def ago(value: datetime) -> str:
    """How long ago, roughly."""
    seconds = int((utcnow() - value).total_seconds())
    if seconds < 60:
        return "a moment ago"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit} ago" if count < 30 or unit != "d" else f"{value:%d %b %Y}"
    return ""


def why(case: Case) -> list[str]:
    """Every reason why a comment is where it is, as sentences."""
    signals = {_name(signal): signal for signal in case.signals}
    named = list(case.reasons)
    named += [
        name
        for name, signal in signals.items()
        if (signal.advice is not Advice.NOTE or signal.kind in _ALWAYS_TOLD) and name not in named
    ]
    return list(dict.fromkeys(_sentence(name, signals.get(name), case) for name in named))


def _name(signal: StoredSignal) -> str:
    return f"{signal.kind}:{signal.subject}" if signal.subject else signal.kind


def _sentence(name: str, signal: StoredSignal | None, case: Case) -> str:
    kind, _, subject = name.partition(":")
    if kind == "score":
        return _score_sentence(subject, signal)
    if kind == "language":
        return _language_sentence(subject, signal)
    if kind == "obfuscated":
        return _obfuscated_sentence(signal)
    if name == "reports":
        return _reports_sentence(case)
    if signal is not None and (told := sentences.sentence(signal)):
        return told
    if name == "conflict":
        return "Checks disagree: one speaks for it, another would reject it."
    if name == "pre-moderation":
        return "Every comment is held here before it appears."
    if name == "unscorable":
        return "It could not be scored, so a person has to look."
    if name == "rescored":
        return "A newer model scored it again."
    if name == "unscored":
        return "The model has not scored it yet; nobody but its author can read it."
    if name in ("edited", "withdrawn"):
        return f"It was {_PLAIN[name]}."
    given = {one.key: one.name for one in (*REASONS, *case.values.reasons)}
    if name in given:
        return f"A moderator gave this reason: {given[name].lower()}."
    return f"{label(kind)}: {label(subject).lower()}." if subject else f"{label(kind)}."


def _score_sentence(subject: str, signal: StoredSignal | None) -> str:
    if signal is None:
        return f"{label(subject)} score was over the threshold."
    does = "reject" if signal.advice is Advice.REJECT else "hold"
    return (
        f"{label(subject)} score {signal.value:.2f} is over "
        f"the {does} threshold {signal.threshold:.2f}."
    )


def _language_sentence(code: str, signal: StoredSignal | None) -> str:
    evidence = signal.evidence if signal else {}
    read = _enumerated([language(one) or one for one in evidence.get("reads", [])])
    model = evidence.get("model", "the model")
    if not read:
        return f"Written in {language(code) or 'another language'}: not judged by the model."
    if not language(code):
        return f"Not written in {read}, which is what {model} reads: not judged by the model."
    return f"Written in {language(code)}; {model} reads {read}."


def _obfuscated_sentence(signal: StoredSignal | None) -> str:
    evidence = signal.evidence if signal else {}
    kinds = _enumerated([_DISGUISE.get(kind, label(kind)) for kind in evidence.get("kinds", [])])
    sentence = f"Its words are disguised: {kinds}." if kinds else "Its words are disguised."
    if evidence.get("reading"):
        sentence += f" Read plainly: “{evidence['reading']}”"
    rose = signal.value if signal else 0.0
    return f"{sentence} That hid {rose:.2f} of a score." if rose >= _TELLING else sentence


def _enumerated(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _reports_sentence(case: Case) -> str:
    open_ones = [report for report in case.reports if report.state is ReportState.OPEN]
    reports = open_ones or case.reports
    named = ", ".join(dict.fromkeys(reason(report.reason.value) for report in reports))
    readers = "1 reader" if len(reports) == 1 else f"{len(reports)} readers"
    return f"{readers} reported it: {named}." if reports else "Readers reported it."


def who(decision: Decision, account_id: int) -> str:
    """Who decided, as the person who looks at it would say."""
    if decision.actor_kind is ActorKind.SYSTEM:
        return "Parley"
    if decision.actor_kind is ActorKind.AUTHOR:
        return "Its author"
    if decision.actor_kind is ActorKind.API_KEY:
        return f"The program {decision.actor_name}"
    return "You" if decision.actor_id == account_id else decision.actor_name


def overtaken(newest: Decision, account_id: int) -> str:
    """What became of a comment while somebody else looked at an older state of it."""
    done = "took the last decision back" if newest.undoes else f"{_VERB[newest.after]} this"
    return f"{who(newest, account_id)} {done} {ago(newest.created_at)}."


def outcome(decision: Decision) -> str:
    """What a decision did."""
    before, after = decision.before, decision.after
    if decision.undoes:
        stands = "it waits for a decision again" if after is Status.HELD else f"it is {after} again"
        if (before, after) == (Status.PUBLISHED, Status.PUBLISHED):
            stands = "its reports are open again"
        return f"Taken back — {stands}."
    if after is Status.PUBLISHED:
        if before is Status.PUBLISHED:
            return "Approved — it stays in the thread; the reports are dismissed."
        return "Approved — published in the thread."
    if after is Status.REJECTED:
        given = listed(decision.reasons)
        if before is Status.REJECTED:
            return f"The rejection stands{f' ({given})' if given else ''} — its author is told."
        return f"Rejected{f' ({given})' if given else ''} — only its author can still read it."
    return "Held — it waits for a decision."


def listed(reasons: Iterable[str]) -> str:
    """Recorded reasons in one line."""
    return ", ".join(reason(name) for name in reasons)


def rejected_share(counts: Mapping[Status, int]) -> str:
    """How many of an author's decided comments were rejected, as one would say it."""
    rejected = counts.get(Status.REJECTED, 0)
    decided = rejected + counts.get(Status.PUBLISHED, 0)
    if not decided:
        return "Nothing of theirs has been decided yet."
    if not rejected:
        return "None of them was rejected." if decided > 1 else "Their only one was published."
    if rejected == decided:
        return "All of them were rejected." if decided > 1 else "Their only one was rejected."
    share = rejected / decided
    about = (
        "most" if share > 0.55 else "about half" if share > 0.45 else _one_in(decided / rejected)
    )
    return f"{rejected} of {decided} were rejected: {about}."


def _one_in(number: float) -> str:
    return f"about one in {max(2, round(number))}"
