"""One file per family of tables. Importing this package registers every table on `Base.metadata`."""

from idp.store.models import audit, clients, grants, keys, org, people, rosters, sessions, signing, work

__all__ = ["audit", "clients", "grants", "keys", "org", "people", "rosters", "sessions", "signing", "work"]
