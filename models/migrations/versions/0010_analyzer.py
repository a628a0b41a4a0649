"""analyzer

Keys know what they open, how often, and when they were last used; decisions of outside moderators.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-26 04:00:00.000000
"""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_MADE = ('prefix', 'purpose', 'per_minute', 'revoked_at', 'used_on')
_KEYS = sa.table('api_key', sa.column('purpose'), sa.column('active', sa.Boolean()),
                 sa.column('revoked_at', sa.DateTime(timezone=True)))


def _purpose() -> sa.Enum:
    return sa.Enum('moderation', 'labels', 'scores', name='keypurpose', native_enum=False,
                   create_constraint=True, length=16)


def upgrade() -> None:
    """Move the schema forward; all keys so far moderate. When one was revoked nobody knows: today."""
    with op.batch_alter_table('api_key') as batch_op:
        batch_op.add_column(sa.Column('prefix', sa.String(length=16), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('purpose', _purpose(), server_default='moderation', nullable=False))
        batch_op.add_column(sa.Column('per_minute', sa.Integer(), server_default='600', nullable=False))
        batch_op.add_column(sa.Column('revoked_at', sa.DateTime(timezone=True), server_default='9999-12-31 00:00:00+00:00', nullable=False))
        batch_op.add_column(sa.Column('used_on', sa.Date(), server_default='1970-01-01', nullable=False))
    # Written by the database's own driver: SQLite keeps a moment without its zone.
    forever, now = datetime(9999, 12, 31, tzinfo=timezone.utc), datetime.now(timezone.utc)
    op.get_bind().execute(sa.update(_KEYS).values(
        revoked_at=sa.case((_KEYS.c.active, sa.bindparam('forever', forever, _KEYS.c.revoked_at.type)),
                           else_=sa.bindparam('now', now, _KEYS.c.revoked_at.type))))
    with op.batch_alter_table('api_key') as batch_op:
        for name in _MADE:
            batch_op.alter_column(name, server_default=None)
        batch_op.drop_column('active')
    op.create_table('outside_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('key_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('label', sa.String(length=40), nullable=False),
    sa.Column('said', sa.Double(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('model_name', sa.String(length=100), nullable=False),
    sa.Column('model_version', sa.String(length=100), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['key_id'], ['api_key.id'], name=op.f('fk_outside_decision_key_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_outside_decision_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outside_decision')),
    sa.UniqueConstraint('site_id', 'digest', 'label', name=op.f('uq_outside_decision_site_id_digest_label'))
    )
    op.create_index('ix_outside_decision_key_id', 'outside_decision', ['key_id'])
    op.create_index('ix_outside_decision_label', 'outside_decision', ['site_id', 'label', 'id'])
    op.create_index('ix_outside_decision_when', 'outside_decision', ['created_at'])


def downgrade() -> None:
    """Move the schema back; a key that does not moderate must not begin to, so it is revoked."""
    op.drop_table('outside_decision')
    with op.batch_alter_table('api_key') as batch_op:
        batch_op.add_column(sa.Column('active', sa.Boolean(), server_default=sa.false(), nullable=False))
    now = datetime.now(timezone.utc)
    op.get_bind().execute(sa.update(_KEYS).values(active=sa.true()).where(
        _KEYS.c.purpose == 'moderation', _KEYS.c.revoked_at > now))
    with op.batch_alter_table('api_key') as batch_op:
        batch_op.alter_column('active', server_default=None)
        batch_op.drop_constraint(op.f('ck_api_key_keypurpose'), type_='check')
        for name in _MADE:
            batch_op.drop_column(name)
