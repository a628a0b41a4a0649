"""desk

What the moderator's desk needs: sanctions, notes, claims, batches, appeals, samples, sessions and
invitations of staff, the audit log, and an index of all words.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-25 16:35:20.784937
"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_ACTORS = ('system', 'staff', 'author', 'api-key')
# FTS5 keeps no second copy of the words: it reads them from the table of comments, and the
# triggers tell it of every change.
_WORDS = (
    "CREATE VIRTUAL TABLE comment_words USING fts5(author_name, text, content='comment',"
    " content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER comment_words_new AFTER INSERT ON comment BEGIN"
    " INSERT INTO comment_words(rowid, author_name, text) VALUES (new.id, new.author_name, new.text);"
    " END",
    "CREATE TRIGGER comment_words_gone AFTER DELETE ON comment BEGIN"
    " INSERT INTO comment_words(comment_words, rowid, author_name, text)"
    " VALUES ('delete', old.id, old.author_name, old.text); END",
    "CREATE TRIGGER comment_words_changed AFTER UPDATE OF author_name, text ON comment BEGIN"
    " INSERT INTO comment_words(comment_words, rowid, author_name, text)"
    " VALUES ('delete', old.id, old.author_name, old.text);"
    " INSERT INTO comment_words(rowid, author_name, text) VALUES (new.id, new.author_name, new.text);"
    " END",
    "INSERT INTO comment_words(comment_words) VALUES ('rebuild')",
)


# What is written down stays: nothing is changed or deleted, whatever program tries. Only a note and
# the name of who acted can be emptied, for a person who has to be forgotten.
_QUEUES = {'queue_by_age': 'created_at', 'queue_by_risk': 'risk', 'queue_by_doubt': 'doubt'}
_RECORDS = {
    'decision': ('id', 'site_id', 'comment_id', 'revision', 'before', 'after', 'actor_kind', 'actor_id',
                 'reasons', 'policy_version', 'undoes', 'batch_id', 'created_at'),
    'policy': ('id', 'site_id', 'thread_id', 'version', 'values', 'actor_kind', 'actor_id', 'created_at'),
    'audit_entry': ('id', 'site_id', 'action', 'subject_kind', 'subject_id', 'detail', 'actor_kind',
                    'actor_id', 'created_at'),
}
_EMPTIED = {'decision': ('note', 'actor_name'), 'policy': ('note', 'actor_name'), 'audit_entry': ('actor_name',)}
_REFUSES = """
CREATE FUNCTION record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(new) - 'note' - 'actor_name' = to_jsonb(old) - 'note' - 'actor_name'
        AND new.actor_name IN ('', old.actor_name)
        AND coalesce(to_jsonb(new) ->> 'note', '') IN ('', to_jsonb(old) ->> 'note') THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'what is written in % stays', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$"""


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject_kind', sa.String(length=20), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('actor_kind', _enum(*_ACTORS, name='actorkind'), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    op.create_index('ix_audit_entry_site', 'audit_entry', ['site_id', 'id'])
    op.create_index('ix_audit_entry_subject', 'audit_entry', ['subject_kind', 'subject_id', 'id'])
    op.create_index('ix_audit_entry_when', 'audit_entry', ['site_id', 'created_at'])
    op.create_index('ix_policy_when', 'policy', ['site_id', 'created_at'])
    op.create_table('batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('criteria', sa.JSON(), nullable=False),
    sa.Column('after', _enum('unscored', 'held', 'published', 'rejected', 'withdrawn', name='status_after'), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('state', _enum('running', 'done', 'undoing', 'undone', name='batchstate'), nullable=False),
    sa.Column('reached', sa.Integer(), nullable=False),
    sa.Column('newest', sa.Integer(), nullable=False),
    sa.Column('decided', sa.Integer(), nullable=False),
    sa.Column('taken_back', sa.Integer(), nullable=False),
    sa.Column('actor_kind', _enum(*_ACTORS, name='actorkind'), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_batch_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch'))
    )
    op.create_index('ix_batch_site', 'batch', ['site_id', 'id'])
    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('role', _enum('admin', 'senior', 'moderator', 'read-only', name='role'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('state', _enum('open', 'used', 'revoked', name='invitationstate'), nullable=False),
    sa.Column('inviter_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_invitation_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('digest', name=op.f('uq_invitation_digest'))
    )
    op.create_index('ix_invitation_site_id', 'invitation', ['site_id'])
    op.create_table('page_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_page_code_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_page_code_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page_code')),
    sa.UniqueConstraint('digest', name=op.f('uq_page_code_digest'))
    )
    op.create_index('ix_page_code_expires_at', 'page_code', ['expires_at'])
    op.create_table('passkey',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(length=1024), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.Integer(), nullable=False),
    sa.Column('transports', sa.UnicodeText(), nullable=True),
    sa.Column('backup_state', sa.Boolean(), nullable=False),
    sa.Column('device_type', sa.String(length=64), nullable=False),
    sa.Column('extensions', sa.String(length=255), nullable=True),
    sa.Column('lastuse_datetime', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('usage', sa.String(length=64), nullable=False),
    sa.Column('create_datetime', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['account.id'], name=op.f('fk_passkey_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id'))
    )
    op.create_index('ix_passkey_user_id', 'passkey', ['user_id'])
    op.create_table('sanction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('kind', _enum('warning', 'mute', 'hold', 'ban', name='sanctionkind'), nullable=False),
    sa.Column('state', _enum('standing', 'acknowledged', 'lifted', name='sanctionstate'), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('told', sa.String(length=1000), nullable=False),
    sa.Column('actor_kind', _enum(*_ACTORS, name='actorkind'), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sanction_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_sanction_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sanction'))
    )
    op.create_index('ix_sanction_author', 'sanction', ['account_id', 'site_id', 'state', 'id'])
    op.create_table('staff_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('agent', sa.String(length=120), nullable=False),
    sa.Column('ended', sa.Boolean(), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_staff_session_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
    sa.UniqueConstraint('digest', name=op.f('uq_staff_session_digest'))
    )
    op.create_index('ix_staff_session_account_id', 'staff_session', ['account_id'])
    op.create_table('claim',
    sa.Column('comment_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_claim_account_id')),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_claim_comment_id')),
    sa.PrimaryKeyConstraint('comment_id', name=op.f('pk_claim'))
    )
    op.create_index('ix_claim_account_id', 'claim', ['account_id'])
    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_note_comment_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_note_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    op.create_index('ix_note_comment', 'note', ['comment_id', 'id'])
    op.create_table('sample',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('kind', _enum('published', 'second', name='samplekind'), nullable=False),
    sa.Column('share', sa.Double(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('first_account_id', sa.Integer(), nullable=False),
    sa.Column('opinion', _enum('none', 'approve', 'reject', name='opinion'), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_sample_comment_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_sample_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample')),
    sa.UniqueConstraint('comment_id', 'kind', name=op.f('uq_sample_comment_id_kind'))
    )
    op.create_index('ix_sample_waiting', 'sample', ['site_id', 'opinion', 'id'])
    op.create_table('appeal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('decision_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('state', _enum('open', 'granted', 'denied', name='appealstate'), nullable=False),
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_appeal_account_id')),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_appeal_comment_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_appeal_decision_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_appeal_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appeal')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_appeal_decision_id'))
    )
    op.create_index('ix_appeal_comment', 'appeal', ['comment_id', 'id'])
    op.create_index('ix_appeal_waiting', 'appeal', ['site_id', 'state', 'id'])
    op.add_column('account', sa.Column('preferences', sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('account', sa.Column('tf_primary_method', sa.String(length=64), nullable=True))
    op.add_column('account', sa.Column('tf_totp_secret', sa.String(length=255), nullable=True))
    op.add_column('account', sa.Column('fs_webauthn_user_handle', sa.String(length=64), nullable=True))
    op.add_column('account', sa.Column('mf_recovery_codes', sa.UnicodeText(), nullable=True))
    op.add_column('account', sa.Column('tf_last_counter', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_index('uq_account_fs_webauthn_user_handle', 'account', ['fs_webauthn_user_handle'], unique=True)
    op.add_column('comment', sa.Column('report_weight', sa.Double(), server_default=sa.text('0.0'), nullable=False))
    op.add_column('comment', sa.Column('escalated', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('comment', sa.Column('by_staff', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('comment', sa.Column('email_domain', sa.String(length=255), server_default=sa.text("''"), nullable=False))
    op.add_column('comment', sa.Column('trapped', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute('UPDATE comment SET report_weight = open_reports WHERE open_reports > 0')
    _index_queues({**_QUEUES, 'queue_by_reports': 'report_weight'}, ['escalated'])
    op.create_index('ix_comment_thread_status', 'comment', ['thread_id', 'status', 'id'])
    op.create_index('ix_comment_escalated', 'comment', ['site_id', 'created_at', 'id', 'status', 'escalated'], sqlite_where=sa.text('escalated'), postgresql_where=sa.text('escalated'))
    op.add_column('decision', sa.Column('batch_id', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_index('ix_decision_batch', 'decision', ['batch_id', 'id'], sqlite_where=sa.text('batch_id > 0'), postgresql_where=sa.text('batch_id > 0'))
    op.create_index('ix_decision_when', 'decision', ['site_id', 'created_at'])
    op.add_column('report', sa.Column('weight', sa.Double(), server_default=sa.text('1.0'), nullable=False))
    op.add_column('thread', sa.Column('section', sa.String(length=120), server_default=sa.text("''"), nullable=False))
    op.create_index('ix_thread_section', 'thread', ['site_id', 'section'])
    _index_words()
    _seal()


def _index_queues(orders: dict[str, str], more: list[str]) -> None:
    for name, column in orders.items():
        op.drop_index(f'ix_comment_{name}', 'comment')
        op.create_index(f'ix_comment_{name}', 'comment', ['site_id', 'status', column, 'id', *more])
    op.drop_index('ix_comment_reported', 'comment')
    # Its status stands behind the number, for it is found by its reports.
    last = ['status', *more] if more else []
    op.create_index('ix_comment_reported', 'comment', ['site_id', 'open_reports', 'id', *last])


def _seal() -> None:
    if op.get_bind().dialect.name != 'sqlite':
        op.execute(_REFUSES)
        for table in _RECORDS:
            op.execute(f'CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}'
                       ' FOR EACH ROW EXECUTE FUNCTION record_stays()')
            op.execute(f'CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table}'
                       ' EXECUTE FUNCTION record_stays()')
        return
    for table, columns in _RECORDS.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, 'what is written in {table} stays'); END"
        changed = [f'new."{one}" IS NOT old."{one}"' for one in columns]
        changed += [f'new."{one}" NOT IN (\'\', old."{one}")' for one in _EMPTIED[table]]
        op.execute(f'CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table}'
                   f' WHEN {" OR ".join(changed)} {refuse}')
        op.execute(f'CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} {refuse}')
        # INSERT OR REPLACE deletes without asking the trigger above.
        op.execute(f'CREATE TRIGGER {table}_is_new BEFORE INSERT ON {table}'
                   f' WHEN EXISTS (SELECT 1 FROM {table} WHERE id = new.id) {refuse}')


def _unseal() -> None:
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    for table in _RECORDS:
        for name in ('stays', 'is_kept', *(('is_new',) if is_sqlite else ())):
            op.execute(f'DROP TRIGGER {table}_{name}' + ('' if is_sqlite else f' ON {table}'))
    if not is_sqlite:
        op.execute('DROP FUNCTION record_stays()')


def _index_words() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for statement in _WORDS:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX ix_comment_words ON comment"
                   " USING gin (to_tsvector('simple', author_name || ' ' || text))")


def _forget_words() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for trigger in ('new', 'gone', 'changed'):
            op.execute(f'DROP TRIGGER comment_words_{trigger}')
        op.execute('DROP TABLE comment_words')
    else:
        op.execute('DROP INDEX ix_comment_words')



def downgrade() -> None:
    """Move the schema back; what only these tables know is lost."""
    _unseal()
    _forget_words()
    op.drop_index('ix_policy_when', 'policy')
    op.drop_index('ix_thread_section', 'thread')
    op.drop_column('thread', 'section')
    op.drop_column('report', 'weight')
    op.drop_index('ix_decision_when', 'decision')
    op.drop_index('ix_decision_batch', 'decision')
    op.drop_column('decision', 'batch_id')
    op.drop_index('ix_comment_escalated', 'comment')
    op.drop_index('ix_comment_thread_status', 'comment')
    _index_queues({**_QUEUES, 'queue_by_reports': 'open_reports'}, [])
    for column in ('trapped', 'email_domain', 'by_staff', 'escalated'):
        op.drop_column('comment', column)
    op.drop_column('comment', 'report_weight')
    op.drop_index('uq_account_fs_webauthn_user_handle', 'account')
    op.drop_column('account', 'tf_last_counter')
    op.drop_column('account', 'mf_recovery_codes')
    op.drop_column('account', 'fs_webauthn_user_handle')
    op.drop_column('account', 'tf_totp_secret')
    op.drop_column('account', 'tf_primary_method')
    op.drop_column('account', 'preferences')
    op.drop_index('ix_appeal_waiting', 'appeal')
    op.drop_index('ix_appeal_comment', 'appeal')
    op.drop_table('appeal')
    op.drop_index('ix_sample_waiting', 'sample')
    op.drop_table('sample')
    op.drop_index('ix_note_comment', 'note')
    op.drop_table('note')
    op.drop_index('ix_claim_account_id', 'claim')
    op.drop_table('claim')
    op.drop_index('ix_staff_session_account_id', 'staff_session')
    op.drop_table('staff_session')
    op.drop_index('ix_sanction_author', 'sanction')
    op.drop_table('sanction')
    op.drop_index('ix_passkey_user_id', 'passkey')
    op.drop_table('passkey')
    op.drop_index('ix_page_code_expires_at', 'page_code')
    op.drop_table('page_code')
    op.drop_index('ix_invitation_site_id', 'invitation')
    op.drop_table('invitation')
    op.drop_index('ix_batch_site', 'batch')
    op.drop_table('batch')
    op.drop_index('ix_audit_entry_when', 'audit_entry')
    op.drop_index('ix_audit_entry_subject', 'audit_entry')
    op.drop_index('ix_audit_entry_site', 'audit_entry')
    op.drop_table('audit_entry')
