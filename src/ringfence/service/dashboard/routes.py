"""All routes of the dashboard."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from ringfence.service.dashboard.guard import LOGIN_PATH, PageRoute, page_route, shielded
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.pages import (
    accounts_page,
    audit_page,
    bulk_page,
    canaries_page,
    case_acts,
    case_page,
    grants_page,
    leaks_page,
    login_page,
    notices_page,
    now_page,
    openid_page,
    outbox_page,
    people_page,
    policy_page,
    questions_part,
    queue_page,
    report_page,
    settings_page,
    trace_page,
)
from ringfence.service.dashboard.static_files import static_file
from ringfence.service.openid import LEAVE_PATH, OPENID_PATH, RETURN_PATH

_PAGES: Final = (
    PageRoute("/", "GET", now_page.show),
    PageRoute("/parts/now", "GET", now_page.show_part),
    PageRoute("/cases", "GET", queue_page.show),
    PageRoute("/parts/cases", "GET", queue_page.show_part),
    PageRoute("/bulk/ask", "POST", bulk_page.ask, "reviewer"),
    PageRoute("/bulk/do", "POST", bulk_page.do, "reviewer"),
    PageRoute("/report", "GET", report_page.show),
    PageRoute("/cases/{case:int}", "GET", case_page.show),
    PageRoute("/parts/cases/{case:int}", "GET", case_page.show_news),
    PageRoute("/cases/{case:int}/{act:str}", "POST", case_acts.change, "reviewer"),
    PageRoute("/accounts", "GET", accounts_page.show),
    PageRoute("/grants", "GET", grants_page.show),
    PageRoute("/grants", "POST", grants_page.add, "reviewer"),
    PageRoute("/grants/{grant:int}/end", "POST", grants_page.end, "reviewer"),
    PageRoute("/outbox", "GET", outbox_page.show),
    PageRoute("/outbox/{act:str}", "POST", outbox_page.change, "reviewer"),
    PageRoute("/audit", "GET", audit_page.show),
    PageRoute("/leaks", "GET", leaks_page.show),
    PageRoute("/leaks/assessed/{leak:str}", "GET", leaks_page.show_one),
    PageRoute("/leaks/assessed/{leak:str}/report", "GET", leaks_page.show_report),
    PageRoute("/leaks/canaries", "GET", canaries_page.show, "reviewer"),
    PageRoute("/leaks/canaries", "POST", canaries_page.ask, "reviewer"),
    PageRoute("/leaks/notices", "GET", notices_page.show),
    PageRoute("/leaks/notices/{pack:str}", "GET", notices_page.show_pack),
    PageRoute("/trace", "GET", trace_page.show, "reviewer"),
    PageRoute("/trace", "POST", trace_page.ask, "reviewer"),
    PageRoute("/policy", "GET", policy_page.show),
    PageRoute("/policy", "POST", policy_page.ask, "reviewer"),
    PageRoute("/parts/questions/{question:int}", "GET", questions_part.show_progress, "reviewer"),
    PageRoute("/questions/{question:int}/stop", "POST", questions_part.stop, "reviewer"),
    PageRoute("/people", "GET", people_page.show, "admin"),
    PageRoute("/settings", "GET", settings_page.show, "admin"),
    PageRoute("/logout", "POST", login_page.log_out),
    PageRoute("/language", "POST", login_page.choose_language),
)


def dashboard_routes(office: Office) -> list[Route]:
    """Return the routes of all pages. All but the login and three files need a session.

    Args:
        office: the objects that all pages share. The caller closes it at the end.
    """
    login = login_page.LoginPage(office)
    openid = openid_page.OpenIdPage(office, login)
    return [
        Route(LOGIN_PATH, shielded(login.show, office), methods=["GET"]),
        Route(LOGIN_PATH, shielded(login.log_in, office), methods=["POST"]),
        Route(OPENID_PATH, shielded(openid.begin, office), methods=["GET"]),
        Route(LEAVE_PATH, shielded(openid.leave, office), methods=["GET"]),
        Route(RETURN_PATH, shielded(openid.come_back, office), methods=["GET"]),
        Route("/static/{name:str}", shielded(static_file, office), methods=["GET"]),
        *(page_route(one, office) for one in _PAGES),
    ]
