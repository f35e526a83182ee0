"""Keys, sealed by the master key, so that every node sees one rotation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base


class StoredKey(Base):
    """A signing key (`use` sign; next → active → retired → gone) or a symmetric secret (`use` as named)."""

    __tablename__ = "keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    use: Mapped[str]
    """`sign`, or one of `services.keys.SECRET_USES`."""
    alg: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """PKCS#8 PEM or raw bytes under AES-256-GCM, `kid` as associated data."""
    state: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retire_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
