"""What this database and people from elsewhere are called in exports."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class DatabaseMark(Base):
    """One row, made with the table: what the names of this database's own rows begin with."""

    __tablename__ = "database_mark"

    mark: Mapped[str] = mapped_column(String(20), primary_key=True)


class AccountName(Base):
    """A name that an account came with from another database."""

    __tablename__ = "account_name"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
