"""names

What this database, and people who came with an export of another one, are called in exports.

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-26 04:30:00.000000
"""

import secrets

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    mark = op.create_table('database_mark',
    sa.Column('mark', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('mark', name=op.f('pk_database_mark'))
    )
    op.bulk_insert(mark, [{'mark': secrets.token_hex(5)}])
    op.create_table('account_name',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_name_account_id')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_account_name'))
    )
    op.create_index('ix_account_name_account_id', 'account_name', ['account_id'])


def downgrade() -> None:
    """Move the schema back; another import of the same export makes its people anew."""
    op.drop_table('account_name')
    op.drop_table('database_mark')
