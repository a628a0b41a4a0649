"""doubt

How near a comment's scores came to holding it, for the order of the queue.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-25 15:10:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


# Plain ALTER TABLE on purpose: a batch would rebuild the table that most others point at.
def upgrade() -> None:
    """Move the schema forward."""
    op.add_column('comment', sa.Column('doubt', sa.Double(), server_default=sa.text('1.0'), nullable=False))
    op.create_index('ix_comment_queue_by_doubt', 'comment', ['site_id', 'status', 'doubt', 'id'])
    op.create_index('ix_comment_queue_by_reports', 'comment', ['site_id', 'status', 'open_reports', 'id'])
    op.create_index('ix_comment_author_here', 'comment', ['author_id', 'site_id', 'status', 'id'])


def downgrade() -> None:
    """Move the schema back."""
    op.drop_index('ix_comment_author_here', 'comment')
    op.drop_index('ix_comment_queue_by_reports', 'comment')
    op.drop_index('ix_comment_queue_by_doubt', 'comment')
    op.drop_column('comment', 'doubt')
