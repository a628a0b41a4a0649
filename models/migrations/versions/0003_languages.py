"""languages

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22 22:04:40.118203
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


# Plain ALTER TABLE on purpose: a batch would rebuild the tables that all others point at.
def upgrade() -> None:
    """Move the schema forward."""
    op.add_column('comment', sa.Column('language', sa.String(length=16), server_default='und', nullable=False))
    op.add_column('site', sa.Column('model_languages', sa.String(length=200), server_default=sa.text("''"), nullable=False))
    op.add_column('site', sa.Column('holds_other_languages', sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    """Move the schema back."""
    op.drop_column('site', 'holds_other_languages')
    op.drop_column('site', 'model_languages')
    op.drop_column('comment', 'language')
