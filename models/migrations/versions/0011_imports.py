"""imports

Where imported comments and authors came from, votes of which only the totals are known, and the
scoring of old comments that waits for that of new ones.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-26 04:00:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table('comment_source',
    sa.Column('comment_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('system', sa.String(length=20), nullable=False),
    sa.Column('source_id', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_source_comment_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_comment_source_site_id')),
    sa.PrimaryKeyConstraint('comment_id', name=op.f('pk_comment_source')),
    sa.UniqueConstraint('site_id', 'system', 'source_id', name=op.f('uq_comment_source_site_id_system_source_id'))
    )
    op.create_table('author_source',
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_author_source_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_author_source_site_id')),
    sa.PrimaryKeyConstraint('site_id', 'key', name=op.f('pk_author_source'))
    )
    op.create_index('ix_author_source_account_id', 'author_source', ['account_id'])
    # Plain ALTER TABLE on purpose: a batch would rebuild the table that most others point at.
    op.add_column('comment', sa.Column('imported_up', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.add_column('comment', sa.Column('imported_down', sa.Integer(), server_default=sa.text('0'), nullable=False))
    _allow_kinds('score', 'rescore')
    op.drop_index('ix_job_due', 'job')
    op.create_index('ix_job_due', 'job', ['kind', 'state', 'due_at', 'id'])


def downgrade() -> None:
    """Move the schema back; votes of which only the totals are known are lost."""
    op.execute("DELETE FROM job WHERE kind = 'rescore'")
    op.drop_index('ix_job_due', 'job')
    op.create_index('ix_job_due', 'job', ['state', 'due_at', 'id'])
    _allow_kinds('score')
    op.execute('UPDATE comment SET up = up - imported_up, down = down - imported_down'
               ' WHERE imported_up <> 0 OR imported_down <> 0')
    op.drop_column('comment', 'imported_down')
    op.drop_column('comment', 'imported_up')
    op.drop_table('author_source')
    op.drop_table('comment_source')


def _allow_kinds(*kinds: str) -> None:
    with op.batch_alter_table('job') as batch_op:
        batch_op.drop_constraint(op.f('ck_job_jobkind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_job_jobkind'), sa.column('kind').in_(kinds))
