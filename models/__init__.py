"""What is stored: tables. They never commit and never decide."""

from models.account import Account, AccountKind, Role, SiteRole, Standing
from models.base import Base, db, prepare_engine, utcnow
from models.comment import Comment, Status, Submission
from models.decision import ActorKind, Decision
from models.explanation import Explanation
from models.job import Job, JobKind, JobState
from models.policy import Moderation, Policy
from models.report import Report, ReportReason, ReportState
from models.score import Score
from models.signal import Advice, StoredSignal
from models.site import ApiKey, Site, SiteOrigin
from models.thread import Thread, ThreadState
from models.vote import ArticlePoint, Vote

__all__ = [
    "Account",
    "AccountKind",
    "ActorKind",
    "Advice",
    "ApiKey",
    "ArticlePoint",
    "Base",
    "Comment",
    "Decision",
    "Explanation",
    "Job",
    "JobKind",
    "JobState",
    "Moderation",
    "Policy",
    "Report",
    "ReportReason",
    "ReportState",
    "Role",
    "Score",
    "Site",
    "SiteOrigin",
    "SiteRole",
    "Standing",
    "Status",
    "StoredSignal",
    "Submission",
    "Thread",
    "ThreadState",
    "Vote",
    "db",
    "prepare_engine",
    "utcnow",
]
