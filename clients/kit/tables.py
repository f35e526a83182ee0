"""The tables every client has: sessions, logins under way, logout tokens seen, and a copy of what the feed tells."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Connection, Index, Integer, MetaData, String, Table, Text

from clients.kit.db import NAMING, Migration, UtcDateTime


def _as_of_1(metadata: MetaData) -> None:
    """As migration 1 made them; a change adds a migration and a description of its own."""
    Table(
        "sessions",
        metadata,
        Column("id", String(64), primary_key=True),  # SHA-256 of the cookie
        Column("sub", String(255), nullable=False),
        Column("sid", String(255), nullable=False),  # empty when the IdP sends none
        Column("created_at", UtcDateTime(), nullable=False),
        Column("last_seen_at", UtcDateTime(), nullable=False),
        Column("expires_at", UtcDateTime(), nullable=False),
        Column("id_token", Text, nullable=False),  # sealed, as the two below
        Column("access_token", Text, nullable=False),
        Column("refresh_token", Text, nullable=False),  # empty when none was given
        Column("access_expires_at", UtcDateTime(), nullable=False),
        Column("token_version", Integer, nullable=False),  # grows with every refresh
        Column("refresh_until", UtcDateTime()),  # somebody is refreshing, at most until then
        Column("claims", JSON, nullable=False),  # of the ID token; pages read fresh ones
        Index(None, "sub"),
        Index(None, "sid"),
        Index(None, "expires_at"),
    )
    Table(
        "login_states",
        metadata,
        Column("key", String(128), primary_key=True),
        Column("value", Text, nullable=False),  # sealed: holds the PKCE verifier and the nonce
        Column("expires_at", UtcDateTime(), nullable=False),
        Index(None, "expires_at"),
    )
    Table(
        "logout_tokens",
        metadata,
        Column("jti", String(64), primary_key=True),  # SHA-256 of issuer and jti
        Column("expires_at", UtcDateTime(), nullable=False),
        Index(None, "expires_at"),
    )


def _as_of_2(metadata: MetaData) -> None:
    """What migration 2 added."""
    Table(
        "feed_records",
        metadata,
        Column("kind", String(32), primary_key=True),
        Column("school", String(64), primary_key=True),  # empty: of all schools at once
        Column("key", String(64), primary_key=True),  # `sub` of people, `id` of all else
        Column("data", JSON, nullable=False),  # as the feed told it
        Column("round", Integer, nullable=False),  # the snapshot in or after which it was told last
    )
    Table(
        "feed_cursors",
        metadata,
        Column("kind", String(32), primary_key=True),
        Column("school", String(64), primary_key=True),
        Column("cursor", Text, nullable=False),
        Column("round", Integer, nullable=False),  # grows with every snapshot
        Column("in_snapshot", Integer, nullable=False),  # 1 while its pages come
        Column("as_of", UtcDateTime()),  # when all of it was last up to date
    )


metadata = MetaData(naming_convention=NAMING)
_as_of_1(metadata)
_as_of_2(metadata)
sessions = metadata.tables["sessions"]
login_states = metadata.tables["login_states"]
logout_tokens = metadata.tables["logout_tokens"]
feed_records = metadata.tables["feed_records"]
feed_cursors = metadata.tables["feed_cursors"]


def _first(connection: Connection) -> None:
    made = MetaData(naming_convention=NAMING)
    _as_of_1(made)
    made.create_all(connection, checkfirst=False)


def _second(connection: Connection) -> None:
    made = MetaData(naming_convention=NAMING)
    _as_of_2(made)
    made.create_all(connection, checkfirst=False)


MIGRATIONS = (Migration("kit", 1, _first), Migration("kit", 2, _second))
