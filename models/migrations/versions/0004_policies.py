"""policies

Every site's values move from columns into the first kept version of its policy.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-25 13:40:00.000000
"""

import json
from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_ACTORS = ('system', 'staff', 'author', 'api-key')
_MODES = ('post', 'pre')


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table('policy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('thread_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('actor_kind', _enum(*_ACTORS, name='actorkind'), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_policy_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy')),
    sa.UniqueConstraint('site_id', 'version', name=op.f('uq_policy_site_id_version'))
    )
    op.create_index('ix_policy_newest', 'policy', ['site_id', 'thread_id', 'version'])
    _keep_values()
    op.drop_table('label_threshold')
    with op.batch_alter_table('site') as batch_op:
        batch_op.drop_constraint(op.f('ck_site_moderation'), type_='check')
        for column in ('moderation', 'hold_at_reports', 'model_languages', 'holds_other_languages'):
            batch_op.drop_column(column)
    with op.batch_alter_table('thread') as batch_op:
        batch_op.drop_constraint(op.f('ck_thread_threadmoderation'), type_='check')
        batch_op.drop_column('moderation')
    _let_signals_advise('note', 'publish', 'hold', 'reject')


def _let_signals_advise(*choices: str) -> None:
    with op.batch_alter_table('signal') as batch_op:
        batch_op.drop_constraint(op.f('ck_signal_advice'), type_='check')
        batch_op.create_check_constraint(op.f('ck_signal_advice'), sa.column('advice').in_(choices))


def _keep_values() -> None:
    link, now = op.get_bind(), datetime.now(timezone.utc)
    policy = sa.table('policy', *(sa.column(name) for name in (
        'site_id', 'thread_id', 'version', 'actor_kind', 'actor_id', 'actor_name', 'note')),
        sa.column('values', sa.JSON()), sa.column('created_at', sa.DateTime(timezone=True)))
    by = {'actor_kind': 'system', 'actor_id': 0, 'actor_name': 'Parley', 'created_at': now,
          'note': 'As it stood when versions began to be kept.'}
    for site in link.execute(sa.text(
        'SELECT id, moderation, hold_at_reports, model_languages, holds_other_languages,'
        ' policy_version FROM site'
    )).mappings().all():
        thresholds = {label: [hold, reject] for label, hold, reject in link.execute(
            sa.text('SELECT label, hold, reject FROM label_threshold WHERE site_id = :site'),
            {'site': site['id']})}
        reports = site['hold_at_reports']
        rules = {'reports': ['hold', float(reports)] if reports else ['note', 5.0],
                 'language': ['hold' if site['holds_other_languages'] else 'note', 0.0]}
        link.execute(sa.insert(policy).values(
            site_id=site['id'], thread_id=0, version=site['policy_version'],
            values={'moderation': site['moderation'], 'thresholds': thresholds, 'rules': rules,
                    'languages': site['model_languages']}, **by))
        version = site['policy_version']
        for thread, mode in link.execute(
            sa.text("SELECT id, moderation FROM thread WHERE site_id = :site AND moderation <> 'site'"),
            {'site': site['id']}).all():
            version += 1
            link.execute(sa.insert(policy).values(
                site_id=site['id'], thread_id=thread, version=version,
                values={'moderation': mode}, **by))
        link.execute(sa.text('UPDATE site SET policy_version = :version WHERE id = :site'),
                     {'version': version, 'site': site['id']})


def downgrade() -> None:
    """Move the schema back; what only policies know is lost."""
    op.create_table('label_threshold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=40), nullable=False),
    sa.Column('hold', sa.Double(), nullable=False),
    sa.Column('reject', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_label_threshold_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_threshold')),
    sa.UniqueConstraint('site_id', 'label', name=op.f('uq_label_threshold_site_id_label'))
    )
    with op.batch_alter_table('site') as batch_op:
        batch_op.add_column(sa.Column('moderation', _enum(*_MODES, name='moderation'), server_default='post', nullable=False))
        batch_op.add_column(sa.Column('hold_at_reports', sa.Integer(), server_default='5', nullable=False))
        batch_op.add_column(sa.Column('model_languages', sa.String(length=200), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('holds_other_languages', sa.Boolean(), server_default=sa.true(), nullable=False))
    with op.batch_alter_table('thread') as batch_op:
        batch_op.add_column(sa.Column('moderation', _enum('site', *_MODES, name='threadmoderation'), server_default='site', nullable=False))
    _put_values_back()
    op.execute("UPDATE signal SET advice = 'note' WHERE advice = 'publish'")
    _let_signals_advise('note', 'hold', 'reject')
    with op.batch_alter_table('site') as batch_op:
        batch_op.alter_column('moderation', server_default=None)
        batch_op.alter_column('hold_at_reports', server_default=None)
    with op.batch_alter_table('thread') as batch_op:
        batch_op.alter_column('moderation', server_default=None)
    op.drop_index('ix_policy_newest', 'policy')
    op.drop_table('policy')


def _put_values_back() -> None:
    link = op.get_bind()
    rows = link.execute(sa.text(
        'SELECT site_id, thread_id, "values" FROM policy WHERE id IN'
        ' (SELECT max(id) FROM policy GROUP BY site_id, thread_id)')).all()
    for site, thread, kept in rows:
        values = json.loads(kept) if isinstance(kept, str) else kept
        if thread:
            if 'moderation' in values:
                link.execute(sa.text('UPDATE thread SET moderation = :mode WHERE id = :thread'),
                             {'mode': values['moderation'], 'thread': thread})
            continue
        rules = values.get('rules', {})
        advice, limit = rules.get('reports', ['hold', 5])
        link.execute(
            sa.text('UPDATE site SET moderation = :mode, hold_at_reports = :reports,'
                    ' model_languages = :languages, holds_other_languages = :holds WHERE id = :site'),
            {'mode': values.get('moderation', 'post'),
             'reports': int(limit) if advice == 'hold' else 0,
             'languages': values.get('languages', ''),
             'holds': rules.get('language', ['hold'])[0] == 'hold', 'site': site})
        for label, (hold, reject) in values.get('thresholds', {}).items():
            link.execute(
                sa.text('INSERT INTO label_threshold (site_id, label, hold, reject)'
                        ' VALUES (:site, :label, :hold, :reject)'),
                {'site': site, 'label': label, 'hold': hold, 'reject': reject})
