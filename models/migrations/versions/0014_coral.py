"""coral

With what Corals sign the requests of their external moderation phases.

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-26 05:20:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table('coral_secret',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_coral_secret_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coral_secret'))
    )
    op.create_index('ix_coral_secret_site_id', 'coral_secret', ['site_id'])


def downgrade() -> None:
    """Move the schema back; the secrets are entered again."""
    op.drop_table('coral_secret')
