"""An installation that trusts a miniature NCA: the folder, the ways, and the service above them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from idp.cli.dev.nca import MiniNca
from idp.core.clock import Clock, FixedClock
from idp.services.eds import Eds
from idp.services.fetch import Fetcher
from idp.services.keys import Keys
from idp.services.nca import Nca, hosts
from idp.services.trust import Trust
from idp.store.session import UnitOfWork


def trusting(folder: Path, clock: Clock, *ncas: MiniNca, is_production: bool = False) -> Trust:
    """`folder/trust` with the anchors of these authorities."""
    made = Trust(folder / "trust", is_production, clock)
    for nca in ncas:
        for der in nca.anchors:
            file = folder / "anchor.cer"
            file.write_bytes(der)
            made.add(file, hashlib.sha256(der).hexdigest())
    return made


def way_to(url: str, lists: Sequence[str] = ()) -> Nca:
    return Nca(Fetcher(allow=hosts((url, *lists))), url)


def made_eds(uow: UnitOfWork, clock: FixedClock, trust: Trust, nca: Nca) -> Eds:
    """With stored keys of its own."""
    keys = Keys(uow, clock, lambda: b"m" * 32)
    keys.init()
    return Eds(trust, nca, uow, clock, keys)
