"""The same stores as in the tests of cases: SQLite and PostgreSQL."""

from tests.cases.conftest import migrated, new_url, postgresql, store, url

__all__ = ["migrated", "new_url", "postgresql", "store", "url"]
