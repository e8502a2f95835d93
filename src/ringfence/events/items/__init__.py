"""Rules that read the item out of a URL: ready-made, the operator's own, or learned."""

from ringfence.events.items.choosing import RuleChoice, RuleUse, choose
from ringfence.events.items.components import Components
from ringfence.events.items.learning import learn, learned_preset
from ringfence.events.items.one_url import LONGEST_SHORT_URL, url_reader, url_spelling
from ringfence.events.items.page import Visit
from ringfence.events.items.plain_url import cheap_plain_sql, plain_url
from ringfence.events.items.presets import PRESETS, own, preset
from ringfence.events.items.rules import PROXY_PAGES, STATIC, Preset, Rule, is_page
from ringfence.events.items.sql import (
    group_sql,
    item_select,
    item_sql,
    name_sql,
    proxy_sql,
    static_sql,
    surface_sql,
)

__all__ = [
    "LONGEST_SHORT_URL",
    "PRESETS",
    "PROXY_PAGES",
    "STATIC",
    "Components",
    "Preset",
    "Rule",
    "RuleChoice",
    "RuleUse",
    "Visit",
    "cheap_plain_sql",
    "choose",
    "group_sql",
    "is_page",
    "item_select",
    "item_sql",
    "learn",
    "learned_preset",
    "name_sql",
    "own",
    "plain_url",
    "preset",
    "proxy_sql",
    "static_sql",
    "surface_sql",
    "url_reader",
    "url_spelling",
]
