"""Reviewers: the people who log in to the pages of the service."""

from ringfence.service.reviewers.login_throttle import LoginThrottle
from ringfence.service.reviewers.openid_reviewer import RefusedLoginError, admit, known_subject
from ringfence.service.reviewers.passwords import check_password, hash_password
from ringfence.service.reviewers.reviewer import REVIEWER_ROLES, Reviewer, ReviewerRole
from ringfence.service.reviewers.reviewer_file import (
    add_reviewer,
    disable_reviewer,
    enable_reviewer,
    read_reviewers,
    remove_reviewer,
)
from ringfence.service.reviewers.sessions import Session, SessionStore

__all__ = [
    "REVIEWER_ROLES",
    "LoginThrottle",
    "RefusedLoginError",
    "Reviewer",
    "ReviewerRole",
    "Session",
    "SessionStore",
    "add_reviewer",
    "admit",
    "check_password",
    "disable_reviewer",
    "enable_reviewer",
    "hash_password",
    "known_subject",
    "read_reviewers",
    "remove_reviewer",
]
