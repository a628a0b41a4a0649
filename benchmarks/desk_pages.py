"""Knows the addresses of the desk that are measured, each with a name that says what it asks."""

from __future__ import annotations

from sqlalchemy import func, select

from models import Comment, Status, db

_DESK = "/console/?state="
_QUEUES = {
    f"{state}, {order}": f"{_DESK}{state}&order={order}"
    for state in ("held", "reported", "published", "all")
    for order in ("oldest", "newest", "riskiest", "uncertain", "reported")
} | {
    "for a senior": f"{_DESK}escalated",
    "appealed": f"{_DESK}appealed",
    "being scored": f"{_DESK}unscored",
    "rejected": f"{_DESK}rejected",
}
_FILTERS = {
    "held, one site": f"{_DESK}held&site=site1",
    "held, section": f"{_DESK}held&section=sport",
    "published, section": f"{_DESK}published&section=sport",
    "held, thread": f"{_DESK}held&thread=77",
    "held, author": f"{_DESK}held&author=5",
    "all, busiest author": f"{_DESK}all&author=3",
    "all, author": f"{_DESK}all&author=4321",
    "all, busiest thread": f"{_DESK}all&thread=1",
    "held, insult 0.6 to 0.7": f"{_DESK}held&label=insult&least=0.6&most=0.7",
    "held, threat over 0.99 (nearly none)": f"{_DESK}held&label=threat&least=0.999",
    "published, threat over 0.99 (nearly none)": f"{_DESK}published&label=threat&least=0.999",
    "published, any label over 0.9": f"{_DESK}published&least=0.9",
    "held, signal": f"{_DESK}held&signal=links",
    "published, signal that none has": f"{_DESK}published&signal=capitals",
    "held, language": f"{_DESK}held&language=fr",
    "published, language that none has": f"{_DESK}published&language=tlh",
    "held, last week": f"{_DESK}held&age=week",
    "published, last day": f"{_DESK}published&age=day",
    "published, older than a week": f"{_DESK}published&age=over-week",
}
_SEARCHES = {
    "search: a rare word": f"{_DESK}all&words=zanzibar",
    "search: a common word": f"{_DESK}all&words=the",
    "search: a common word, oldest": f"{_DESK}all&words=the&order=oldest",
    "search: a common word, riskiest": f"{_DESK}all&words=the&order=riskiest",
    "search: two common words": f"{_DESK}all&words=the+water",
    "search: two words in a row": f"{_DESK}all&words=%22the+water%22",
    "search: an absent word": f"{_DESK}all&words=xylophonist",
    "search: a common and an absent word": f"{_DESK}all&words=the+xylophonist",
    "search: a beginning": f"{_DESK}all&words=wat*",
    "search: a beginning of three letters": f"{_DESK}all&words=men*",
    "search: a word but not another": f"{_DESK}all&words=water+-the",
    "held: a rare word": f"{_DESK}held&words=zanzibar",
    "held: a common word": f"{_DESK}held&words=the",
    "held: a common word, riskiest": f"{_DESK}held&words=the&order=riskiest",
    "held: a common and an absent word": f"{_DESK}held&words=the+xylophonist",
    "held: all filters": f"{_DESK}held&words=the&label=insult&least=0.3&section=sport&language=en",
}
_APIS = {
    "api: held": "/api/v1/moderation/queue?limit=20",
    "api: published by score": "/api/v1/moderation/queue?state=published&label=insult&least=0.8",
    "api: a search": "/api/v1/moderation/queue?state=all&words=water",
    "api: batches": "/api/v1/moderation/batches?site=site1",
}
_OTHERS = {
    "decisions": "/console/decisions?by=everyone",
    "counts": "/console/counts",
    "banner": "/console/banner",
    "author, busiest": "/console/authors/3",
    "calibration": "/console/calibration?site=site1",
    "second look": "/console/samples",
    "log": "/console/log",
    "log, of one author": "/console/log?author=4321",
    "insight, 30 days": "/console/insight",
    "insight, 12 weeks": "/console/insight?range=12w",
}


def pages() -> dict[str, str]:
    """Addresses by name, of a database that desk_rows made."""
    held = select(func.max(Comment.id)).where(Comment.status == Status.HELD)
    number = db.session.scalar(held)
    busy = db.session.scalar(held.where(Comment.thread_id == 1, Comment.site_id == 2))
    author = db.session.scalar(select(Comment.author_id).where(Comment.id == number))
    cases = {
        "case": f"/console/cases/{number}",
        "case, busiest thread": f"/console/cases/{busy}",
        "author": f"/console/authors/{author}",
        "api: case": f"/api/v1/moderation/cases/{busy}",
    }
    return {**_QUEUES, **_FILTERS, **_SEARCHES, **cases, **_APIS, **_OTHERS}
