"""Where the operator has a service provider's metadata from: a file, an address, or a federation that knows it.

The words of the terms are those of `SamlProviders.register`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from idp.core.clock import Clock
from idp.core.errors import Invalid, NotFound, Unavailable
from idp.services.saml_discovery import SamlDiscovery
from idp.services.saml_providers import SamlProviders
from idp.services.saml_reading import SamlReading
from idp.services.saml_sources import Refreshed, SamlSources


class SamlEnrolment:
    def __init__(
        self,
        clock: Clock,
        reading: SamlReading,
        providers: SamlProviders,
        sources: SamlSources,
        discovery: SamlDiscovery,
    ) -> None:
        self._clock = clock
        self._reading = reading
        self._providers = providers
        self._sources = sources
        self._discovery = discovery

    def from_file(
        self, data: bytes, certificates: Sequence[bytes] = (), *, plain_http: bool = False, **terms: Any
    ) -> list[dict[str, Any]]:
        """Every service provider in a document, on the same terms; with `certificates` one of them must have signed it.

        Raises MetadataRefused, and what registering raises.
        """
        from idp.saml.sp_metadata import read_document

        found = read_document(data, now=self._clock.now(), certificates=certificates, plain_http=plain_http)
        if len(found) > 1 and (terms.get("client_id") or terms.get("start_url")):
            raise Invalid(f"the file describes {len(found)} service providers: client_id and start_url are for one")
        return [self._providers.register(one, **terms) for one in found]

    def from_somewhere(self, name: str, certificates: Sequence[bytes] = (), **terms: Any) -> list[dict[str, Any]]:
        """By the address of its metadata, which is read again from then on; without `certificates` also by an entityID
        that a source knows.

        Raises Unavailable, MetadataRefused, and what registering raises; then no address is remembered.
        """
        if not certificates:
            try:
                provider, source_id = self._discovery.look_up(name)
            except NotFound:
                pass
            else:
                return [self._providers.register(provider, source_id=source_id, **terms)]
            try:
                return [self._from_address(name, **terms)]
            except Unavailable as error:
                raise Unavailable(f"no source knows it, and {error}", detail=error.detail) from error
        return [self._from_address(name, certificates, **terms)]

    def source(
        self, kind: str, url: str, certificates: Sequence[bytes], *, replace: bool = False, **terms: Any
    ) -> tuple[str, Refreshed]:
        """Adds a source (`SamlSources.add`) and reads it; one that cannot be read now is not kept. Returns its id.

        With `replace` one that is there gets these certificates and terms, and keeps its services; it has the former
        ones again when it cannot be read with them.
        """
        known = next((one["id"] for one in self._sources.list() if (one["url"], one["kind"]) == (url, kind)), "")
        if known and replace:
            former, former_terms = self._sources.change(known, certificates, **terms)
            try:
                return known, self._sources.refresh(known)
            except Exception:
                self._sources.change(known, former, **former_terms)
                raise
        source_id = self._sources.add(kind, url, certificates, **terms)
        try:
            return source_id, self._sources.refresh(source_id)
        except Exception:
            self._sources.remove(source_id)
            raise

    def _from_address(self, url: str, certificates: Sequence[bytes] = (), **terms: Any) -> dict[str, Any]:
        found, reading = self._reading.document(url, certificates, now=self._clock.now())
        if len(found) != 1:
            raise Invalid("the address describes several service providers: add it as a source of kind aggregate")
        known = next((one["id"] for one in self._sources.list() if (one["url"], one["kind"]) == (url, "entity")), "")
        source_id = known or self._sources.add("entity", url, certificates)
        try:
            record = self._providers.register(found[0], source_id=source_id, **terms)
        except Exception:
            if not known:
                self._sources.remove(source_id)
            raise
        self._sources.pin(source_id, certificates, reading)
        return record
