"""The dashboard: the pages on which reviewers work, in a browser."""

from ringfence.service.dashboard.guard import page_of_error
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.routes import dashboard_routes

__all__ = ["Office", "dashboard_routes", "page_of_error"]
