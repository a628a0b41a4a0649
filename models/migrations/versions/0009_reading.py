"""reading

When a branch was last added to, for the order "active", and which comments are shown above others.

Revision ID: 0009
Revises: 0006
Create Date: 2026-11-25 21:15:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_DEEPEST = "SELECT coalesce(max(depth), 0) FROM comment"
# From the leaves up: by then the replies of a level say when their own branches were added to.
_CARRIED_UP = """
UPDATE comment SET stirred_at = (
    SELECT max(reply.stirred_at) FROM comment AS reply
    WHERE reply.parent_id = comment.id
    AND (reply.status = 'published' OR reply.descendant_count > 0)
)
WHERE depth = :depth AND descendant_count > 0
AND stirred_at < (
    SELECT max(reply.stirred_at) FROM comment AS reply
    WHERE reply.parent_id = comment.id
    AND (reply.status = 'published' OR reply.descendant_count > 0)
)"""


# Plain ALTER TABLE on purpose: a batch would rebuild the table that most others point at.
def upgrade() -> None:
    """Move the schema forward."""
    op.add_column('comment', sa.Column('stirred_at', sa.DateTime(timezone=True),
                  server_default=sa.text("'1970-01-01 00:00:00'"), nullable=False))
    op.add_column('comment', sa.Column('featured_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE comment SET stirred_at = created_at")
    connection = op.get_bind()
    for depth in reversed(range(connection.scalar(sa.text(_DEEPEST)))):
        connection.execute(sa.text(_CARRIED_UP), {'depth': depth})
    op.create_index('ix_comment_siblings_by_stir', 'comment', ['thread_id', 'parent_id', 'stirred_at', 'id'])
    op.create_index('ix_comment_featured', 'comment', ['thread_id', 'featured_at', 'id'],
                    sqlite_where=sa.text('featured_at IS NOT NULL'),
                    postgresql_where=sa.text('featured_at IS NOT NULL'))


def downgrade() -> None:
    """Move the schema back."""
    op.drop_index('ix_comment_featured', 'comment')
    op.drop_index('ix_comment_siblings_by_stir', 'comment')
    op.drop_column('comment', 'featured_at')
    op.drop_column('comment', 'stirred_at')
