"""SAML 2.0: who we are, whom we serve, where we learn of them. XML libraries are imported on first use."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from idp.parts.sign_in import SignInParts
from idp.services import scope
from idp.services.saml_discovery import SamlDiscovery
from idp.services.saml_enrolment import SamlEnrolment
from idp.services.saml_keys import SamlKeys
from idp.services.saml_metadata import SamlMetadata
from idp.services.saml_providers import SamlProviders
from idp.services.saml_reading import SamlReading
from idp.services.saml_sources import SamlSources
from idp.services.throttle import Limits, Throttle

if TYPE_CHECKING:
    from idp.saml.server import Server
    from idp.services.saml_door import SamlDoor
    from idp.store.saml import SamlStores


class SamlParts(SignInParts):
    """Parts of the second protocol; sessions, people and clients are those of the first."""

    @cached_property
    def saml_keys(self) -> SamlKeys:
        return SamlKeys(self.uow, self.clock, self.keys, self.settings.domain)

    @cached_property
    def saml_providers(self) -> SamlProviders:
        return SamlProviders(self.uow, self.clock, self.settings.issuer)

    @cached_property
    def saml_reading(self) -> SamlReading:
        return SamlReading(self.fetcher)

    @cached_property
    def saml_sources(self) -> SamlSources:
        return SamlSources(self.uow, self.clock, self.saml_reading)

    @cached_property
    def saml_discovery(self) -> SamlDiscovery:
        def throttle(limits: Limits) -> Throttle:
            return Throttle(self.uow, self.clock, self.keys.secret("token"), limits)

        return SamlDiscovery(self.uow, self.clock, self.saml_reading, throttle)

    @cached_property
    def saml_enrolment(self) -> SamlEnrolment:
        return SamlEnrolment(self.clock, self.saml_reading, self.saml_providers, self.saml_sources, self.saml_discovery)

    @cached_property
    def saml_metadata(self) -> SamlMetadata:
        settings = self.settings
        return SamlMetadata(
            lambda: self.saml,
            self.clock,
            self.saml_keys.version,
            operator=settings.operator_name,
            contact=settings.contact_mail,
        )

    @cached_property
    def saml(self) -> Server:
        from idp.saml.server import Server

        subjects = self.oidc.subjects
        return Server(
            issuer=self.settings.issuer,
            entity_id=self.settings.issuer + "/saml/metadata",
            scope=self.settings.domain,
            clock=self.clock,
            signing=self.saml_keys.signing,
            decryption=self.saml_keys.decryption,
            pairwise=subjects.sub,
            # No entityID has a space in it, so no service can be the sector of this one.
            subject=lambda person_id: subjects.sub("SAML subject-id", person_id),
            discover=self.saml_discovery.find,
        )

    @cached_property
    def saml_stores(self) -> SamlStores:
        from idp.saml.entity import ServiceProvider, Settings
        from idp.store.saml import SamlStores

        @lru_cache(maxsize=256)
        def read(kept: str, chosen: str) -> tuple[ServiceProvider, Settings]:
            return ServiceProvider.from_json(json.loads(kept)), Settings.from_json(json.loads(chosen))

        return SamlStores(self.uow, scope.of_person, read)

    @cached_property
    def saml_door(self) -> SamlDoor:
        from idp.services.saml_consent import SamlConsents
        from idp.services.saml_door import SamlDoor
        from idp.services.saml_logout import SamlLogout
        from idp.services.saml_soap import SamlSoap

        uow, stores, server, clock = self.uow, self.saml_stores, self.saml, self.clock
        return SamlDoor(
            server,
            stores,
            SamlConsents(uow, stores, server, clock),
            SamlLogout(uow, stores, server, clock, self.fetcher),
            SamlSoap(uow, stores, server, clock, self.login),
            self.saml_metadata,
        )
