"""reported

The index of reported comments holds only those: every other comment costs one entry less to store.

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-26 12:40:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_COLUMNS = ['site_id', 'open_reports', 'id', 'status', 'escalated']


def upgrade() -> None:
    """Move the schema forward."""
    some = sa.text('open_reports > 0')
    op.drop_index('ix_comment_reported', 'comment')
    op.create_index('ix_comment_reported', 'comment', _COLUMNS, sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Move the schema back; nothing is lost."""
    op.drop_index('ix_comment_reported', 'comment')
    op.create_index('ix_comment_reported', 'comment', _COLUMNS)
