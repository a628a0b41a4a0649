"""Long lists as rows of a query: to send each of their values as a parameter takes longer than the
query does, and databases take only so many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, String, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session


def numbers_listed(session: Session, numbers: Sequence[int]) -> Select[int]:
    """Numbers as rows with the one column `id`, sent as one value however many they are."""
    return _listed(session, numbers, "id", Integer, BigInteger)


def texts_listed(session: Session, texts: Sequence[str]) -> Select[str]:
    """Texts as rows with the one column `text`; none may have a NUL or half a pair in it."""
    return _listed(session, texts, "text", String, String)


def _listed(
    session: Session, values: Sequence[Any], name: str, in_sqlite: Any, in_postgresql: Any
) -> Select[Any]:
    if session.get_bind().dialect.name == "sqlite":
        sent = func.json_each(json.dumps(list(values))).table_valued(column("value", in_sqlite))
        return select(sent.c.value.label(name))
    return select(func.unnest(cast(list(values), ARRAY(in_postgresql))).label(name))
