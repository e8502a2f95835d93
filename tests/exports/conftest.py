"""Stores to convert from: the same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from tests.cases.conftest import migrated, new_url, postgresql, store, url

__all__ = ["migrated", "new_url", "postgresql", "store", "url"]
