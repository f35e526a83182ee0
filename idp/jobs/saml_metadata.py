"""Reads the metadata of service providers again, each source when its time has come.

An aggregate of a federation takes a minute of work and more of waiting, and word of logouts must not stand behind it.
So it is read beside the worker's loop, one reading at a time. A process that is asked to stop finishes it first.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from idp.jobs.schedule import Job
from idp.services.saml_sources import SamlSources

NAME = "saml_metadata"
EVERY = timedelta(minutes=5)
_log = logging.getLogger(__name__)


class MetadataRefresh:
    """The job: looks at the table often and at the network seldom, for every source has its own time."""

    def __init__(self, sources: SamlSources) -> None:
        self._sources = sources
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        if (self._thread is None or not self._thread.is_alive()) and self._sources.is_due():
            self._thread = threading.Thread(target=self._read, name=NAME)
            self._thread.start()

    def wait(self) -> None:
        """Until what is being read has been."""
        if self._thread is not None:
            self._thread.join()

    def _read(self) -> None:
        try:
            self._sources.refresh_due()
        except Exception:
            _log.exception("job failed", extra={"job": NAME})


def job(sources: SamlSources) -> Job:
    return Job(NAME, EVERY, MetadataRefresh(sources))
