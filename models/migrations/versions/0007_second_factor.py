"""second factor

Whether a site asks everybody who moderates there for a second factor.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-25 20:55:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


# Plain ALTER TABLE on purpose: a batch would rebuild the table that most others point at.
def upgrade() -> None:
    """Move the schema forward."""
    op.add_column(
        'site', sa.Column('asks_second_factor', sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    """Move the schema back."""
    op.drop_column('site', 'asks_second_factor')
