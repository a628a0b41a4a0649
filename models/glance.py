"""What the public page of a thread depends on, in one indexed query past the ORM.

Every reading asks it first, whatever it answers from: of several server processes each keeps pages
of its own, and only the database knows whether they still hold.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, ScalarSelect, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from models.comment import Comment
from models.site import Site, SiteOrigin
from models.thread import Thread


class Glance(NamedTuple):
    """How a thread stands: `version` and `policy_version` count up with what changes its page.

    `owner` is the site of the origin that the page was asked for by, `asker` that of the origin
    that asks; NULL or 0 for an origin of no site.
    """

    version: int
    policy_version: int
    has_featured: bool
    site_id: int
    slug: str
    owner: int | None
    asker: int | None


def within(session: Session, thread_id: int) -> Glance | None:
    """How a thread stands in a transaction; None if there is no such thread."""
    asked = {"thread": thread_id, "page": "", "origin": ""}
    row = session.connection().execute(_statement(), asked).one_or_none()
    return Glance(*row) if row else None


def alone(engine: Engine, thread_id: int, page: str, origin: str) -> Glance | None:
    """The same in a moment of its own; `page` and `origin` are web origins, "" for none.

    Past SQLAlchemy's statements, whose handling takes several times as long as the query. Raises
    what the driver raises.
    """
    sql, places = _written(engine.dialect)
    asked = {"thread": thread_id, "page": page, "origin": origin}
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(sql, tuple(asked[one] for one in places) if places else asked)
        row = cursor.fetchone()
        cursor.close()
    except BaseException:
        # Whatever is wrong with it, the next one gets another.
        connection.invalidate()
        raise
    finally:
        connection.close()
    return Glance(*row) if row else None


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    is_featured = Comment.featured_at.is_not(None)
    return (
        select(
            Thread.version,
            Site.policy_version,
            exists().where(Comment.thread_id == Thread.id, is_featured),
            Thread.site_id,
            Site.slug,
            _site_of("page"),
            _site_of("origin"),
        )
        .join(Site, Site.id == Thread.site_id)
        .where(Thread.id == bindparam("thread", type_=Thread.id.type))
    )


def _site_of(origin: str) -> ScalarSelect[int]:
    wanted = bindparam(origin, type_=SiteOrigin.origin.type)
    return select(SiteOrigin.site_id).where(SiteOrigin.origin == wanted).scalar_subquery()


@cache
def _written(dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement in a dialect, and its parameters in their order where they have no names."""
    compiled = _statement().compile(dialect=dialect)
    return str(compiled), tuple(getattr(compiled, "positiontup", None) or ())
