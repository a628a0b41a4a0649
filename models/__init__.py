"""What is stored: tables. They never commit and never decide."""

import models.asleep  # noqa: F401 (before anything imports Flask-Security)
from models.account import Account, AccountKind, Role, SiteRole, Standing
from models.api_key import ApiKey, KeyPurpose
from models.appeal import Appeal, AppealState
from models.audit import AuditEntry
from models.base import FOREVER, Base, db, prepare_engine, utcnow
from models.batch import Batch, BatchState
from models.claim import Claim
from models.comment import Comment, Status, Submission
from models.coral_secret import CoralSecret
from models.decision import ActorKind, Decision
from models.explanation import Explanation
from models.imported import AuthorSource, CommentSource
from models.job import Job, JobKind, JobState
from models.naming import AccountName, DatabaseMark
from models.note import Note
from models.outside_decision import OutsideDecision
from models.policy import Moderation, Policy
from models.report import Report, ReportReason, ReportState
from models.sample import Opinion, Sample, SampleKind
from models.sanction import Sanction, SanctionKind, SanctionState
from models.score import Score
from models.signal import Advice, StoredSignal
from models.site import Site, SiteOrigin
from models.staff import Invitation, InvitationState, PageCode, Passkey, StaffSession
from models.thread import Thread, ThreadState
from models.vote import ArticlePoint, Vote
from models.webhook import Delivery, DeliveryState, HookEvent, HookFormat, HookState, Webhook

__all__ = [
    "FOREVER",
    "Account",
    "AccountKind",
    "AccountName",
    "ActorKind",
    "Advice",
    "ApiKey",
    "Appeal",
    "AppealState",
    "ArticlePoint",
    "AuditEntry",
    "AuthorSource",
    "Base",
    "Batch",
    "BatchState",
    "Claim",
    "Comment",
    "CommentSource",
    "CoralSecret",
    "DatabaseMark",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Explanation",
    "HookEvent",
    "HookFormat",
    "HookState",
    "Invitation",
    "InvitationState",
    "Job",
    "JobKind",
    "JobState",
    "KeyPurpose",
    "Moderation",
    "Note",
    "Opinion",
    "OutsideDecision",
    "PageCode",
    "Passkey",
    "Policy",
    "Report",
    "ReportReason",
    "ReportState",
    "Role",
    "Sample",
    "SampleKind",
    "Sanction",
    "SanctionKind",
    "SanctionState",
    "Score",
    "Site",
    "SiteOrigin",
    "SiteRole",
    "StaffSession",
    "Standing",
    "Status",
    "StoredSignal",
    "Submission",
    "Thread",
    "ThreadState",
    "Vote",
    "Webhook",
    "db",
    "prepare_engine",
    "utcnow",
]
