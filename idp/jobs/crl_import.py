"""Imports the revocation lists of the NCA, so that sign-ins go on while its OCSP responder is silent.

Download, check and packing happen outside any transaction; what is packed goes in by one short one. Whatever fails, the
list that is there stays, until its own time is over.
"""

from __future__ import annotations

import logging
import mmap
import tempfile
from collections.abc import Callable, Sequence
from typing import BinaryIO

from idp.core.clock import Clock
from idp.core.errors import BilimError
from idp.eds import crl
from idp.eds.certificate import Certificate
from idp.eds.crl import RevocationList
from idp.eds.errors import BadSignature, EdsRefused, Malformed, Untrusted
from idp.services.eds import Eds
from idp.services.nca import Nca
from idp.store import audit, revocation
from idp.store.revocation import NewList, Packed
from idp.store.session import UnitOfWork

MAX_BYTES = 64 * 2**20
_log = logging.getLogger(__name__)


class CrlImport:
    """The job: every configured list, in the order given (a base before its delta)."""

    def __init__(self, uow: UnitOfWork, clock: Clock, eds: Eds, nca: Nca, urls: Sequence[str]) -> None:
        self._uow = uow
        self._clock = clock
        self._eds = eds
        self._nca = nca
        self._urls = urls

    def __call__(self) -> int:
        """Returns how many lists were new."""
        return sum(self._import(url) for url in self._urls)

    def _import(self, url: str) -> bool:
        try:
            with tempfile.TemporaryFile(prefix="bilim-id-crl-") as file:
                if not self._nca.download(url, file, MAX_BYTES):
                    raise Malformed("the list is empty")
                return _with_octets(file, self._take)
        except BilimError as error:
            reason = f"{error.code}: {error.description} {error.detail}".rstrip()
            _log.warning("a revocation list was not imported", extra={"url": url, "reason": reason})
            return False

    def _take(self, octets: memoryview) -> bool:
        issuer, found = self._verified(octets)
        kind = "base" if found.base_number is None else "delta"
        new = NewList(
            issuer_key_id=issuer.key_bits_sha1.hex(),
            kind=kind,
            number=found.number,
            base_number=found.number if found.base_number is None else found.base_number,
            this_update=found.this_update,
            next_update=found.next_update,
        )
        with self._uow.read() as tx:
            if revocation.numbers(tx, new.issuer_key_id).get(kind) == new.number:
                return False
        packed = Packed().add_all(found.entries())
        shards, now = packed.shards(), self._clock.now()
        with self._uow.write() as tx:
            is_new = revocation.replace_list(tx, new, shards, entries=packed.entries, now=now)
            if is_new:
                facts = {"kind": kind, "number": new.number, "entries": packed.entries}
                audit.record(tx, event="crl_imported", now=now, data=facts)
        if not is_new:
            _log.info("a revocation list adds nothing", extra={"kind": kind, "number": new.number})
        return is_new

    def _verified(self, octets: memoryview) -> tuple[Certificate, RevocationList]:
        """The list, and the pinned authority whose signature it carries; two can have one name."""
        name = crl.issuer_name(octets)
        pinned = [anchor.certificate for anchor in self._eds.trusted().anchors() if not anchor.problem]
        backend, at, allow_legacy = self._eds.backend(), self._clock.now(), self._eds.allow_legacy
        refusal: EdsRefused = Untrusted("a list of an authority that is not trusted")
        for issuer in pinned:
            if issuer.subject == name:
                try:
                    return issuer, crl.read(octets, issuer, at=at, backend=backend, allow_legacy=allow_legacy)
                except BadSignature as error:
                    refusal = error
        raise refusal


def _with_octets(file: BinaryIO, use: Callable[[memoryview], bool]) -> bool:
    """Hands over the octets of a file where the kernel has them."""
    file.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as octets:
        return use(octets)
