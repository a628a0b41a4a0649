"""webhooks

Addresses that a site's events are sent to, and the log of what is owed and was sent there.

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-26 04:20:00.000000
"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table('webhook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('sealed_secret', sa.String(length=500), nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('format', sa.Enum('json', 'slack', 'matrix', name='hookformat', native_enum=False, create_constraint=True, length=16), nullable=False),
    sa.Column('state', sa.Enum('on', 'off', 'failed', name='hookstate', native_enum=False, create_constraint=True, length=16), nullable=False),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.Column('lease', sa.String(length=32), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_webhook_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    op.create_index(op.f('ix_webhook_site_id'), 'webhook', ['site_id'])
    op.create_table('webhook_delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('webhook_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.String(length=32), nullable=False),
    sa.Column('event', sa.String(length=32), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('due', 'delivered', 'given-up', name='deliverystate', native_enum=False, create_constraint=True, length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('status_code', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=200), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
    sa.UniqueConstraint('event_id', name=op.f('uq_webhook_delivery_event_id'))
    )
    op.create_index('uq_webhook_delivery_decision', 'webhook_delivery', ['webhook_id', 'decision_id', 'event'],
                    unique=True, sqlite_where=sa.text('decision_id > 0'),
                    postgresql_where=sa.text('decision_id > 0'))
    op.create_index('uq_webhook_delivery_report', 'webhook_delivery', ['webhook_id', 'report_id', 'event'],
                    unique=True, sqlite_where=sa.text('report_id > 0'),
                    postgresql_where=sa.text('report_id > 0'))
    op.create_index('ix_webhook_delivery_due', 'webhook_delivery', ['webhook_id', 'state', 'due_at', 'id'])
    op.create_index('ix_webhook_delivery_order', 'webhook_delivery', ['webhook_id', 'state', 'id'])
    op.create_index('ix_webhook_delivery_log', 'webhook_delivery', ['webhook_id', 'id'])
    op.create_index(op.f('ix_webhook_delivery_created_at'), 'webhook_delivery', ['created_at'])


def downgrade() -> None:
    """Move the schema back."""
    op.drop_table('webhook_delivery')
    op.drop_table('webhook')
