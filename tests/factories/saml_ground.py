"""A SAML service provider registered at the whole app: it sends a browser off and reads what comes back."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from idp.parts import Parts
from idp.saml import names
from idp.saml.entity import Settings
from idp.saml.names import q
from idp.xml.build import serialize
from idp.xml.encryption import decrypt
from idp.xml.parser import Element, children, parse, text_of
from idp.xml.signature import has_signature, verify
from tests.factories.saml_sp import SamlSp
from tests.fakes.browser import Browser, Forms

HOST = "http://localhost:8000"
ASKED = ("pairwise-id", "displayName", "mail", "eduPersonScopedAffiliation")


@dataclass
class Heard:
    """A Response as its service provider reads it; `status` is the last word of the deepest code."""

    address: str
    relay_state: str
    status: str
    in_response_to: str = ""
    name_id: dict[str, str] = field(default_factory=dict)
    session_index: str = ""
    context: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)


class SamlGround(SamlSp):
    """`terms` go to `saml_providers.register`; `settings` are `saml.entity.Settings`, `metadata` changes of it."""

    def __init__(
        self,
        app: Flask,
        entity_id: str = "https://lms.example/saml",
        *,
        number: int = 2,
        settings: Settings | None = None,
        metadata: dict[str, Any] | None = None,
        **terms: Any,
    ) -> None:
        super().__init__(entity_id, number=number)
        self.app = app
        self.parts: Parts = app.extensions["parts"]
        self.now = self.parts.clock.now()
        described = {"names": {"kk": "Оқу алаңы", "ru": "Площадка"}, "encryption_certificates": ()} | (metadata or {})
        known = {"consent": "implicit", "schools": "all", "attributes": ASKED, "owner": "Иесі", "purpose": "Оқу"}
        record = self.parts.saml_providers.register(self.metadata(**described), settings=settings, **(known | terms))
        self.client_id = str(record["client_id"])

    def address(self, *content: Element, relay_state: str = "back", is_signed: bool = True, **attributes: Any) -> str:
        """Of a usual AuthnRequest by Redirect."""
        request = self.authn_request(*content, destination=f"{HOST}/saml/sso", **attributes)
        return "/saml/sso?" + self.by_redirect(request, relay_state=relay_state, is_signed=is_signed).decode()

    def enter(self, browser: Browser, *content: Element, **attributes: Any) -> Heard:
        """Sends a browser whose person needs nothing more, and reads the answer."""
        self.now = self.parts.clock.now()
        browser.go(self.address(*content, **attributes))
        return self.hear(browser)

    def hear(self, browser: Browser) -> Heard:
        """What the form on the page would post."""
        action, fields = form(browser)
        return self.read(action, fields["SAMLResponse"], fields.get("RelayState", ""))

    def read(self, address: str, message: str, relay_state: str = "") -> Heard:
        return self.read_xml(address, base64.b64decode(message), relay_state)

    def read_xml(self, address: str, xml: bytes, relay_state: str = "") -> Heard:
        """Checks signatures with the certificates of our metadata, and opens what is encrypted."""
        certificates = [one.certificate for one in self.parts.saml.signing()]
        root = parse(xml)
        codes = root.iter(q(names.SAMLP, "StatusCode"))
        status = [code.get("Value", "").removeprefix(names.STATUS) for code in codes][-1]
        found = children(root, q(names.SAML, "Assertion"))
        sealed = children(root, q(names.SAML, "EncryptedAssertion"))
        if not sealed and (not found or root[1].tag == q(names.DS, "Signature")):
            root = verify(root, certificates)
        heard = Heard(address, relay_state, status, root.get("InResponseTo", ""))
        for one in sealed:
            found.append(decrypt(one[0], [self.credential]))
        if found:
            self._assertion(parse(serialize(found[0])), certificates, heard)
        return heard

    def _assertion(self, assertion: Element, certificates: Sequence[bytes], heard: Heard) -> None:
        if has_signature(assertion):
            assertion = verify(assertion, certificates)
        for name_id in assertion.iter(q(names.SAML, "NameID")):
            if name_id.getparent().tag == q(names.SAML, "Subject"):  # type: ignore[union-attr]
                heard.name_id = {"value": text_of(name_id), "format": name_id.get("Format", "")}
        for statement in assertion.iter(q(names.SAML, "AuthnStatement")):
            heard.session_index = statement.get("SessionIndex", "")
        for context in assertion.iter(q(names.SAML, "AuthnContextClassRef")):
            heard.context = text_of(context)
        for attribute in assertion.iter(q(names.SAML, "Attribute")):
            name = attribute.get("FriendlyName") or attribute.attrib["Name"]
            heard.attributes[str(name)] = ["".join(value.itertext()) for value in attribute]

    def sign_out(self, browser: Browser, heard: Heard, **attributes: Any) -> None:
        """A LogoutRequest by Redirect for what was heard."""
        self.now = self.parts.clock.now()
        indexes = [heard.session_index] if heard.session_index else []
        request = self.logout_request(heard.name_id, indexes=indexes, destination=f"{HOST}/saml/slo", **attributes)
        browser.left_for = ""
        browser.go("/saml/slo?" + self.by_redirect(request, relay_state="out").decode())


def form(browser: Browser) -> tuple[str, dict[str, str]]:
    """Action and fields of the form that posts itself."""
    assert browser.page.status_code == 200, (browser.page.status_code, browser.page.text[-800:])
    parser = Forms()
    parser.feed(browser.page.text)
    for attributes, values in parser.forms:
        if attributes.get("id") == "form-post":
            return attributes["action"], values
    raise AssertionError(f"no answer on {browser.page.request.path}: {browser.page.text[:1500]}")
