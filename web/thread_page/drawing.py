"""From what is shown to the page: the templates with everything that they name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import g, render_template, request

from discussion.reading import Sort
from discussion.searching import Found
from discussion.views import CommentView
from jobs.transactions import reading
from models import ReportReason, Thread
from web.runtime import runtime
from web.thread_page import place as places
from web.thread_page import reader, showing, structured
from web.thread_page.links import Links, outward
from web.thread_page.place import Place
from web.thread_page.showing import Mine
from web.thread_page.words import Words, isolated, spoken, straight

# What is said after an act; nothing else can be made to stand on a page by its address.
SAID = {
    "postedPublished", "postedHeld", "postedUnscored", "isRejected", "editSaved", "youWithdrew",
    "voteCounted", "voteUndone", "pointGiven", "pointTakenBack",
    "thanks", "appealOpen", "thankRead", "authorHidden", "authorShown",
}  # fmt: skip
_HUES = 12


@dataclass(frozen=True)
class Form:
    """A form with what was typed, how it would look, and what stands against it."""

    text: str = ""
    name: str = ""
    reason: str = ""
    error: str = ""
    preview: str = ""
    notice: str = ""
    # That of the form which this one goes on from; empty for a form that begins.
    key: str = ""


def words() -> Words:
    """The language of the request: asked for in the address, else the browser's."""
    wanted = [request.args.get("lang", ""), *(tag for tag, _ in request.accept_languages)]
    return Words(spoken(wanted))


def links() -> Links:
    """Addresses that go on asking for what the address itself asks for."""
    asked = request.args.get("lang", "")
    return Links(spoken([asked]) if asked else "", shows_points="points" in request.args)


def thread(place: Place, asked: dict[str, Any], form: Form | None = None) -> str:
    """An article's discussion."""
    sort = Sort(asked["sort"] or Sort.NEWEST)
    with reading() as session:
        mine = showing.mine(session, place)
        page = showing.page(session, place, sort, asked["cursor"])
    ways = links()
    form = form or Form()
    return _drawn(
        "thread",
        place,
        mine,
        form=replace(form, name=form.name or mine.name),
        sort=sort.value,
        sorts=[one.value for one in Sort],
        cursor=asked["cursor"],
        comments=page.comments,
        next=page.next,
        at=0,
        said=asked["said"] if asked["said"] in SAID else "",
        is_plain=form == Form() and not asked["said"],
        ld=_structured(place, page.comments, outward(ways.page(place))),
    )


def found(place: Place, asked: dict[str, Any]) -> str:
    """What has the words that are looked for. Raises Invalid for words that ask for nothing, and
    for a cursor that is none."""
    with reading() as session:
        mine = showing.mine_in_search(session)
        hits = showing.found(session, place, asked["q"], asked["cursor"])
    return _sought(place, asked, hits, mine)


def not_sought(place: Place, asked: dict[str, Any], error: str) -> str:
    """The same where nothing was looked for, with the reason."""
    return _sought(place, asked, Found([], None, 0), Mine(), error)


def _sought(place: Place, asked: dict[str, Any], hits: Found, mine: Mine, error: str = "") -> str:
    return _drawn(
        "found",
        place,
        mine,
        form=Form(error=error),
        typed=asked["q"],
        cursor=asked["cursor"],
        found=hits,
        at=0,
    )


def branch(comment_id: int, asked: dict[str, Any]) -> str:
    """One comment with what stands above and below. Raises NotFound, Invalid."""
    sort = showing.reply_order(Sort(asked["sort"] or Sort.OLDEST))
    with reading() as session:
        own, above = showing.own_unpublished(session, comment_id)
        found = None if own else showing.branch(session, comment_id, sort, asked["cursor"])
        number = own.thread_id if own else found.comment.thread_id if found else 0
        place = places.of_thread(session, session.get_one(Thread, number))
        mine = showing.mine(session, place)
    shown = [found.comment] if found else []
    ways = links()
    return _drawn(
        "branch",
        place,
        mine,
        sort=sort.value,
        cursor=asked["cursor"],
        comments=shown,
        above=found.above if found else above,
        next=found.next if found else None,
        at=comment_id,
        own=mine.own.get(comment_id) if own else None,
        said=asked["said"] if asked["said"] in SAID else "",
        is_plain=not asked["said"],
        permalink=outward(ways.branch(comment_id)),
        ld=_structured(place, shown, outward(ways.page(place))),
    )


def act(name: str, comment_id: int, form: Form) -> str:
    """The page of something that is done with a comment: reply, edit, withdraw, report, appeal.

    Raises NotFound for a comment that this reader may not read.
    """
    with reading() as session:
        comment = showing.readable(session, comment_id)
        quoted = showing.quoted(comment)
        place = places.of_thread(session, comment.thread)
        mine = showing.mine(session, place)
        typed = comment.text if name == "edit" and comment.author_id == mine.reader_id else ""
    return _drawn(
        name,
        place,
        mine,
        form=replace(form, name=form.name or mine.name, text=form.text or typed),
        comment=quoted,
        own=mine.own.get(comment_id),
        reasons=[reason.value for reason in ReportReason],
        at=comment_id,
        sort="",
        cursor="",
    )


def error(status: int, sentence: str, *, typed: str = "", back: str = "") -> str:
    """A page that says what went wrong, with what was typed so that it can be taken along, and the
    way back to the comment, or the discussion, that it was about."""
    return render_template(
        "thread/error.html", t=words(), error=sentence, status=status, typed=typed, back=back
    )


def _structured(place: Place, comments: list[CommentView], page: str) -> dict[str, Any]:
    """For search engines: nothing before the discussion has begun."""
    if not place.thread_id:
        return {}
    canonical = Links()
    return structured.posting(
        place, comments, lambda number: outward(canonical.branch(number)), page
    )


def _drawn(name: str, place: Place, mine: Mine, **values: Any) -> str:
    return render_template(
        f"thread/{name}.html",
        t=words(),
        to=links(),
        outward=outward,
        place=place,
        mine=mine,
        limits=runtime().limits,
        form_token=reader.form_token(),
        form_field=reader.FIELD,
        new_key=reader.form_key,
        is_framed=request.headers.get("Sec-Fetch-Dest") == "iframe",
        hue=lambda author_id: int(author_id * 137.508 % 360) * _HUES // 360,
        initials=_initials,
        rejected=_rejected,
        straight=straight,
        isolated=isolated,
        **values,
    )


def _initials(name: str) -> str:
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def _rejected(own: dict[str, Any]) -> str:
    """What its author is told: the sentence is English, every other language says it by codes."""
    say = words()
    if say.lang == "en":
        return str(own["notice"])
    known = [one["code"] for one in own["reasons"] if not one["told"] and one["code"] != "other"]
    why = " · ".join(say(code) for code in known)
    told = [isolated(one["told"]) for one in own["reasons"] if one["told"]]
    return " ".join([say("rejected"), *([say("because", why=why)] if why else []), *told])


def frame_origins() -> tuple[str, ...]:
    """The origins whose pages may frame this answer: those of the site that it is about."""
    return tuple(g.get("frame_origins", ()))
