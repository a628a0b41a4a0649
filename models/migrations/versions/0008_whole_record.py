"""whole record

Each comment counts its decisions, so that one which is gone is missed; a code for a page knows the
browser that it was made from.

Revision ID: 0008
Revises: 0006
Create Date: 2026-11-25 20:45:12.402513
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward; what the record holds today is what is counted."""
    op.add_column('comment', sa.Column('decision_count', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.execute('UPDATE comment SET decision_count ='
               ' (SELECT count(*) FROM decision WHERE decision.comment_id = comment.id)')
    # A code of before names no browser, and so opens nothing; it had two minutes to live.
    op.add_column('page_code', sa.Column('session_id', sa.Integer(), server_default=sa.text('0'), nullable=False))


def downgrade() -> None:
    """Move the schema back."""
    op.drop_column('page_code', 'session_id')
    op.drop_column('comment', 'decision_count')
