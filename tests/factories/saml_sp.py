"""The other side of SAML for tests: a service provider that asks by every binding, and an identity provider to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from idp.core.clock import Clock, FixedClock
from idp.core.ids import new_id
from idp.saml import names
from idp.saml.bindings import REQUEST, RESPONSE, post, redirect, soap
from idp.saml.entity import Endpoint, ServiceProvider
from idp.saml.names import q
from idp.saml.server import Server
from idp.xml.build import element, serialize
from idp.xml.encryption import encrypt
from idp.xml.keys import Credential
from idp.xml.parser import Element
from idp.xml.signature import sign
from tests.factories.saml_metadata import credential

ISSUER = "https://id.example"
SSO, SLO, SOAP = f"{ISSUER}/saml/sso", f"{ISSUER}/saml/slo", f"{ISSUER}/saml/soap"
NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
PAIRWISE = {"value": "k5uxq2tz", "format": names.PERSISTENT}
_NSMAP: Mapping[str | None, str] = {"samlp": names.SAMLP, "saml": names.SAML}


def identity_provider(clock: Clock | None = None) -> Server:
    """One that signs with RSA and ECDSA, and decrypts with two keys."""
    return Server(
        issuer=ISSUER,
        entity_id=f"{ISSUER}/saml/metadata",
        scope="id.example",
        clock=clock or FixedClock(NOW),
        signing=lambda: (credential(0), credential(0, "ecdsa-sha256")),
        decryption=lambda: (credential(0), credential(1)),
        pairwise=lambda sector, person_id: f"{sector}-{person_id}",
        subject=lambda person_id: person_id,
    )


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class SamlSp:
    """`number` chooses its key; the metadata it has is `provider`. Messages are of `now` unless told otherwise."""

    def __init__(
        self, entity_id: str = "https://lms.example/saml", *, number: int = 2, algorithm: str = "rsa-sha256"
    ) -> None:
        self.entity_id = entity_id
        self._key = number, algorithm
        self.base = entity_id.rpartition("/")[0]
        self.now = NOW

    @property
    def credential(self) -> Credential:
        """Made when first needed, once per test run: RSA takes its time."""
        return credential(*self._key)

    @cached_property
    def provider(self) -> ServiceProvider:
        return self.metadata()

    def metadata(self, **changes: Any) -> ServiceProvider:
        """Its record; `changes` replace members of it."""
        return ServiceProvider(
            **{
                "entity_id": self.entity_id,
                "acs": (
                    Endpoint(names.POST, f"{self.base}/acs", index=0, is_default=True),
                    Endpoint(names.ARTIFACT, f"{self.base}/artifact", index=1),
                    Endpoint(names.PAOS_BINDING, f"{self.base}/paos", index=2),
                    Endpoint(names.SIMPLE_SIGN, f"{self.base}/simple", index=3),
                ),
                "slo": (
                    Endpoint(names.REDIRECT, f"{self.base}/slo"),
                    Endpoint(names.SOAP_BINDING, f"{self.base}/soap"),
                ),
                "signing_certificates": (self.credential.certificate,),
                "encryption_certificates": (self.credential.certificate,),
                **changes,
            }
        )

    def message(self, name: str, *content: Element, destination: str | None = SSO, **attributes: str | None) -> Element:
        """Any message. `attributes` replace what it would have; None leaves one out."""
        head = {"ID": f"_{new_id()}", "Version": "2.0", "IssueInstant": instant(self.now), "Destination": destination}
        issuer = element(q(names.SAML, "Issuer"), None, self.entity_id)
        return element(q(names.SAMLP, name), head | attributes, issuer, *content, nsmap=_NSMAP)

    def authn_request(self, *content: Element, destination: str | None = SSO, **attributes: str | None) -> Element:
        return self.message("AuthnRequest", *content, destination=destination, **attributes)

    def logout_request(
        self,
        name_id: Mapping[str, str] = PAIRWISE,
        *,
        indexes: Sequence[str] = (),
        extensions: Sequence[Element] = (),
        encrypted_for: Credential | None = None,
        destination: str | None = SLO,
        **attributes: str | None,
    ) -> Element:
        told = element(
            q(names.SAML, "NameID"), {"Format": name_id.get("format")}, name_id["value"], nsmap={"saml": names.SAML}
        )
        if encrypted_for:
            told = element(q(names.SAML, "EncryptedID"), None, encrypt(told, encrypted_for.certificate))
        more = [element(q(names.SAMLP, "Extensions"), None, *extensions)] if extensions else []
        sessions = [element(q(names.SAMLP, "SessionIndex"), None, one) for one in indexes]
        return self.message("LogoutRequest", *more, told, *sessions, destination=destination, **attributes)

    def logout_response(
        self, in_response_to: str, *, second: str = "", destination: str | None = SLO, **attributes: str | None
    ) -> Element:
        inner = [element(q(names.SAMLP, "StatusCode"), {"Value": names.STATUS + second})] if second else []
        code = element(q(names.SAMLP, "StatusCode"), {"Value": f"{names.STATUS}Success"}, *inner)
        status = element(q(names.SAMLP, "Status"), None, code)
        about = {"InResponseTo": in_response_to} | attributes
        return self.message("LogoutResponse", status, destination=destination, **about)

    def artifact_resolve(self, artifact: str, **attributes: str | None) -> Element:
        content = element(q(names.SAMLP, "Artifact"), None, artifact)
        return self.message("ArtifactResolve", content, destination=None, **attributes)

    def signed(self, message: Element) -> Element:
        sign(message, self.credential, position=1)
        return message

    def by_redirect(self, message: Element, *, relay_state: str = "", is_signed: bool = True) -> bytes:
        """The query that a browser brings."""
        uri = redirect.write(
            "https://x.example/",
            message,
            kind=_kind(message),
            relay_state=relay_state,
            credential=self.credential if is_signed else None,
        )
        return uri.partition("?")[2].encode()

    def by_post(self, message: Element, *, relay_state: str = "", is_signed: bool = True) -> list[tuple[str, str]]:
        """The fields of the form."""
        xml = serialize(self.signed(message) if is_signed else message)
        return list(post.write(xml, kind=_kind(message), relay_state=relay_state))

    def by_simple_sign(self, message: Element, *, relay_state: str = "") -> list[tuple[str, str]]:
        return list(
            post.write_simple_sign(
                serialize(message), kind=_kind(message), relay_state=relay_state, credential=self.credential
            )
        )

    def by_soap(self, message: Element, headers: Sequence[Element] = (), *, is_signed: bool = True) -> bytes:
        """The envelope, of an enhanced client too when `headers` say so."""
        return soap.wrap(self.signed(message) if is_signed else message, headers)


def _kind(message: Element) -> str:
    return RESPONSE if str(message.tag).endswith("Response") else REQUEST
