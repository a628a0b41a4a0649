"""An event as its receiver takes it: whole as JSON, or in a few lines for a chat."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import quote

from jobs.hooks.payload import ERASED, Payload
from models import HookEvent, HookFormat

_LONGEST_TEXT = 1000
_HEADLINES = {
    HookEvent.PUBLISHED.value: "published",
    HookEvent.HELD.value: "waits for a moderator",
    HookEvent.REPORTED.value: "reported",
}
_MEANS = {"published": "approved", "rejected": "rejected", "held": "held"}
# Would turn the reading direction, draw over what stands around, or be no character at all.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def body(told: Payload, form: HookFormat) -> bytes:
    """The body of a delivery, in UTF-8."""
    shaped = told
    if form is HookFormat.SLACK:
        shaped = _slack(told)
    elif form is HookFormat.MATRIX:
        shaped = _matrix(told)
    return json.dumps(shaped, ensure_ascii=False, separators=(",", ":")).encode()


def _slack(told: Payload) -> Payload:
    """An incoming webhook's `text` (docs.slack.dev/messaging/formatting-message-text).

    Escaping its three control characters leaves no mention, channel or link to be made up.
    """
    comment, thread = told["comment"], told["thread"]
    lines = [f"*{_for_slack(_plain(told['site']['name']))}*: {_for_slack(headline(told))}"]
    if thread:
        link = _slack_link(comment["url"], thread["title"] or thread["url"])
        lines.append(f"{_for_slack(_author(told))} on {link}")
    lines += [f"> {_for_slack(line)}" for line in excerpt(told).splitlines()]
    lines.append(_slack_link(comment["console_url"], "Open in the console"))
    # Never to unfold the link: Slack would ask the publisher's page for every comment.
    return {"text": "\n".join(lines), "unfurl_links": False, "unfurl_media": False}


def _matrix(told: Payload) -> Payload:
    """`text` and `html` as matrix-hookshot's generic webhooks take them
    (matrix-org.github.io/matrix-hookshot, "Webhooks")."""
    comment, thread = told["comment"], told["thread"]
    name, head, said = _plain(told["site"]["name"]), headline(told), excerpt(told)
    text, marked = [f"{name}: {head}"], [f"<b>{_escape(name)}</b>: {_escape(head)}"]
    if thread:
        page = _plain(thread["title"] or thread["url"])
        text.append(f"{_author(told)} on {page}: {comment['url']}")
        marked.append(f"{_escape(_author(told))} on {_matrix_link(comment['url'], page)}")
    text += [said, comment["console_url"]]
    quoted = "<br>".join(_escape(line) for line in said.splitlines())
    more = [f"<blockquote>{quoted}</blockquote>"]
    more.append(_matrix_link(comment["console_url"], "Open in the console"))
    return {"text": "\n".join(text), "html": "<br>".join(marked) + "".join(more)}


def headline(told: Payload) -> str:
    """What happened, in a few words."""
    decision, report = told["decision"], told["report"]
    if report:
        return f"a comment is reported: {report['reason']}"
    if told["event"] == HookEvent.DECIDED and decision:
        done = "put back to " if decision["undoes"] else ""
        meant = decision["after"] if decision["undoes"] else _MEANS[decision["after"]]
        return f"{_plain(decision['actor']['name'])} {done}{meant} a comment"
    if told["event"] in _HEADLINES:
        why = f" ({', '.join(decision['reasons'])})" if decision and decision["reasons"] else ""
        return f"a comment {_HEADLINES[told['event']]}{_plain(why)}"
    return "a test of this webhook"


def excerpt(told: Payload) -> str:
    """The words of the comment, not too many, or what became of them."""
    comment = told["comment"]
    if comment["gone"]:
        return "(erased)" if comment["gone"] == ERASED else "(withdrawn by its author)"
    clean = _UNSEEN.sub("", comment["text"])
    return clean if len(clean) <= _LONGEST_TEXT else clean[:_LONGEST_TEXT] + "…"


def _author(told: Payload) -> str:
    author = told["comment"]["author"]
    return _plain(author["name"]) or "Somebody" if author else "Somebody"


def _plain(text: str) -> str:
    """One line."""
    return " ".join(_UNSEEN.sub("", text).split())


def _for_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _slack_link(url: str, name: str) -> str:
    """A link; what parts its address from its name, or ends it, is in neither."""
    return f"<{_for_slack(_address(url)).replace('|', '%7C')}|{_for_slack(_plain(name))}>"


def _matrix_link(url: str, name: str) -> str:
    return f'<a href="{_escape(_address(url))}">{_escape(_plain(name))}</a>'


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _address(url: str) -> str:
    """An address without what no address has as it is: blanks, quotes, angle brackets."""
    return quote(url, safe="%/:?#[]@!$&()*+,;=-._~|")
