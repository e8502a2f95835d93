"""Authorize: the process that answers gateways before they serve a request.

It reads the feed of the judge and the case store, and keeps the exposure of each account.
"""

from ringfence.service.authorize.accounts import AccountNaming
from ringfence.service.authorize.requests import ItemReading
from ringfence.service.authorize.running import AuthorizeOptions, run
from ringfence.service.authorize.tokens import GatewayTokenCheck

__all__ = ["AccountNaming", "AuthorizeOptions", "GatewayTokenCheck", "ItemReading", "run"]
