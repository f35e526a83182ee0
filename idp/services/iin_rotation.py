"""New keys for ИИН without downtime: both are read while every number is sealed and hashed again, then the old ones go.

next (known to every node) → active (written with) → rewritten in batches → the old version is deleted. Between the
steps every node gets the time to hear of the last one, so none ever meets a number it cannot match.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from idp.core.errors import BilimError
from idp.services.keys import IinVault, Keys
from idp.store import people
from idp.store.session import UnitOfWork

USES = ("iin_seal", "iin_lookup")
SETTLE = timedelta(hours=1)
"""Longer than a node keeps keys before it looks again, and than an import takes from sealing to writing."""
BATCH = 500
_log = logging.getLogger(__name__)


class IinRotation:
    def __init__(self, uow: UnitOfWork, keys: Keys, vault: IinVault) -> None:
        self._uow = uow
        self._keys = keys
        self._vault = vault

    def begin(self) -> list[str]:
        """Makes the new keys; the worker does the rest. Raises Conflict while a rotation is under way."""
        return self._keys.begin_rotation(USES)

    def __call__(self) -> list[str]:
        """One step, if one is due; returns what it did, in words."""
        return self._keys.continue_rotation(USES, settle=SETTLE, run=self._rewrite)

    def _rewrite(self) -> bool:
        """Whether every number was sealed and hashed with the new keys."""
        after, unopened = "", 0
        while True:
            with self._uow.read() as tx:
                batch = people.sealed(tx, after=after, limit=BATCH)
            if not batch:
                break
            after = batch[-1][0]
            fresh = []
            for person_id, sealed in batch:
                if self._vault.is_current(person_id, sealed):
                    continue
                try:
                    number = self._vault.open(person_id, sealed)
                except BilimError:
                    unopened += 1
                    continue
                fresh.append((person_id, sealed, self._vault.lookup(number), self._vault.seal(person_id, number)))
            if fresh:
                with self._uow.write() as tx:
                    people.reseal(tx, fresh)
        if unopened:
            _log.error("numbers that no key opens keep the old keys alive", extra={"count": unopened})
        return not unopened
