"""A small SAML identity provider for the tests of the service provider: metadata, responses, logout, and lies.

Signs with xmlsec; every message can be spoilt, since the tests are mostly about what must be refused.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import xmlsec as untyped_xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from werkzeug.wrappers import Request, Response

from idp.core.clock import Clock, SystemClock
from idp.core.ids import new_id

xmlsec: Any = untyped_xmlsec
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
_NS = f'xmlns:saml="{SAML}" xmlns:samlp="{SAMLP}"'
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
NAMES = {
    "pairwise-id": "urn:oasis:names:tc:SAML:attribute:pairwise-id",
    "displayName": "urn:oid:2.16.840.1.113730.3.1.241",
    "eduPersonScopedAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
    "preferredLanguage": "urn:oid:2.16.840.1.113730.3.1.39",
    "roles": "urn:bilim:attribute:roles",
    "school": "urn:bilim:attribute:school",
    "classes": "urn:bilim:attribute:classes",
}


@dataclass(frozen=True)
class Key:
    pem: bytes
    certificate: bytes
    """PEM."""
    private: Any

    @property
    def base64(self) -> str:
        return "".join(line for line in self.certificate.decode().splitlines() if "-----" not in line)


@cache
def key(name: str) -> Key:
    """One for each name in a test run; `ec…` are of P-256."""
    private: Any = (
        ec.generate_private_key(ec.SECP256R1()) if name.startswith("ec") else rsa.generate_private_key(65537, 2048)
    )
    now = SystemClock().now()
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(private.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    certificate = made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)
    return Key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), certificate, private)


@dataclass(frozen=True)
class Asked:
    """A message of the service provider, its signature checked."""

    root: Any
    relay_state: str

    @property
    def id(self) -> str:
        return str(self.root.get("ID"))

    def text(self, path: str) -> str:
        return str(self.root.findtext(path, "", {"saml": SAML, "samlp": SAMLP}))


class FakeIdp:
    issuer = "http://localhost:8000"
    entity_id = "http://localhost:8000/saml/metadata"
    sp = "http://localhost:8005"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.certificate = ""
        """Of the service provider, base64, as its metadata names it."""
        self.served: bytes | None = None
        """Instead of the metadata; empty answers 503."""
        self.asked_for_metadata = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert Request(environ).path == "/saml/metadata"
        self.asked_for_metadata += 1
        body = self.metadata() if self.served is None else self.served
        return Response(body, 200 if body else 503)(environ, start_response)

    def time(self, **shift: float) -> str:
        return f"{self.clock.now() + timedelta(**shift):%Y-%m-%dT%H:%M:%SZ}"

    def metadata(self, *, signed_by: str = "idp", **changes: str) -> bytes:
        """Names the keys `ec` and `idp`, as during a rollover; `changes` replace texts of the document."""
        keys = "".join(
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{key(name).base64}'
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            for name in ("ec", "idp")
        )
        bindings = "urn:oasis:names:tc:SAML:2.0:bindings:"
        text = f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" ID="_{new_id()}"
 entityID="{self.entity_id}" validUntil="{self.time(days=14)}">
<md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}" WantAuthnRequestsSigned="true"><md:Extensions>
<shibmd:Scope regexp="false">bilim.example</shibmd:Scope></md:Extensions>{keys}
<md:SingleLogoutService Binding="{bindings}SOAP" Location="{self.issuer}/saml/soap"/>
<md:SingleLogoutService Binding="{bindings}HTTP-Redirect" Location="{self.issuer}/saml/slo"
 ResponseLocation="{self.issuer}/saml/slo/done"/>
<md:SingleSignOnService Binding="{bindings}HTTP-POST" Location="{self.issuer}/saml/sso/post"/>
<md:SingleSignOnService Binding="{bindings}HTTP-Redirect" Location="{self.issuer}/saml/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""
        for old, new in changes.items():
            text = text.replace({"sso": f"{self.issuer}/saml/sso", "until": self.time(days=14)}.get(old, old), new)
        root = etree.fromstring(text)
        if signed_by:
            _sign(root, key(signed_by), at=0)
        return etree.tostring(root)

    def read(self, address: str) -> Asked:
        """What the browser was sent with. Fails unless it is signed with the key of the service provider's metadata."""
        query = urlsplit(address).query
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        assert fields["SigAlg"] == _RSA_SHA256
        octets = query.rpartition("&Signature=")[0].encode() if "&SigAlg" in query.split("&Signature=")[0] else b""
        octets = octets or _reordered(query)
        certificate = x509.load_der_x509_certificate(base64.b64decode(self.certificate))
        public: Any = certificate.public_key()
        public.verify(base64.b64decode(fields["Signature"]), octets, padding.PKCS1v15(), hashes.SHA256())
        message = fields.get("SAMLRequest") or fields["SAMLResponse"]
        root = etree.fromstring(zlib.decompress(base64.b64decode(message), -15))
        assert root.get("Destination") == address.partition("?")[0]
        return Asked(root, fields["RelayState"])

    def response(self, asked: Asked, person: Mapping[str, Any], **lies: Any) -> dict[str, str]:
        """The form that the browser posts. `lies` replace single values, see the body."""
        index = lies.get("session_index", f"_{new_id()}")
        values: dict[str, Any] = {
            "destination": f"{self.sp}/saml/acs",
            "recipient": f"{self.sp}/saml/acs",
            "audience": f"{self.sp}/saml/metadata",
            "in_response_to": asked.id,
            "confirmed": asked.id,
            "issuer": self.entity_id,
            "name_id": f"name of {person['pairwise-id']}",
            "assertion_id": f"_{new_id()}",
            "shift": 0.0,
            **lies,
        }
        shift = values["shift"]
        answers = f' InResponseTo="{values["in_response_to"]}"' if values["in_response_to"] else ""
        confirms = f' InResponseTo="{values["confirmed"]}"' if values["confirmed"] else ""
        restriction = f"<saml:AudienceRestriction><saml:Audience>{values['audience']}</saml:Audience>"
        conditions = f"{restriction}</saml:AudienceRestriction>" if values["audience"] else ""
        assertion = f"""<saml:Assertion {_NS} ID="{values["assertion_id"]}" Version="2.0"
 IssueInstant="{self.time(minutes=shift)}"><saml:Issuer>{values["issuer"]}</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
 NameQualifier="{self.entity_id}" SPNameQualifier="{self.sp}/saml/metadata">{values["name_id"]}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData{confirms}
 Recipient="{values["recipient"]}" NotOnOrAfter="{self.time(minutes=shift + 5)}"/></saml:SubjectConfirmation>
</saml:Subject><saml:Conditions NotBefore="{self.time(minutes=shift - 1)}"
 NotOnOrAfter="{self.time(minutes=shift + 5)}">{conditions}</saml:Conditions>
<saml:AuthnStatement AuthnInstant="{self.time(minutes=shift)}" SessionIndex="{_escaped(index)}"
 SessionNotOnOrAfter="{self.time(hours=values.get("hours", 8))}"><saml:AuthnContext><saml:AuthnContextClassRef>
urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext>
</saml:AuthnStatement><saml:AttributeStatement>{_attributes(person, values.get("names", "uri"))}
</saml:AttributeStatement></saml:Assertion>"""
        element = etree.fromstring(assertion)
        if values.get("signed_by", "idp"):
            _sign(element, key(values.get("signed_by", "idp")), at=1)
        root = etree.fromstring(f"""<samlp:Response {_NS} ID="_{new_id()}" Version="2.0"{answers}
 IssueInstant="{self.time()}" Destination="{values["destination"]}"><saml:Issuer>{values["issuer"]}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="{_STATUS}Success"/></samlp:Status></samlp:Response>""")
        root.append(element)
        data = etree.tostring(root)
        for old, new in values.get("tampered", {}).items():
            assert old.encode() in data
            data = data.replace(old.encode(), new.encode())
        return self.form(data, values.get("relay_state", asked.relay_state))

    def refusal(self, asked: Asked, *codes: str) -> dict[str, str]:
        """An unsigned answer without an assertion, as real IdPs send it."""
        nested = "".join(f'<samlp:StatusCode Value="{_STATUS}{code}">' for code in codes)
        text = f"""<samlp:Response {_NS} ID="_{new_id()}" Version="2.0" InResponseTo="{asked.id}"
 IssueInstant="{self.time()}" Destination="{self.sp}/saml/acs"><saml:Issuer>{self.entity_id}</saml:Issuer>
<samlp:Status>{nested}{"</samlp:StatusCode>" * len(codes)}</samlp:Status></samlp:Response>"""
        return self.form(text.encode(), asked.relay_state)

    def form(self, data: bytes, relay_state: str) -> dict[str, str]:
        return {"SAMLResponse": base64.b64encode(data).decode(), "RelayState": relay_state}

    def logout_request(self, name_id: str, *session_indexes: str, **lies: Any) -> str:
        indexes = "".join(f"<samlp:SessionIndex>{index}</samlp:SessionIndex>" for index in session_indexes)
        destination = lies.get("destination", f"{self.sp}/saml/sls")
        text = f"""<samlp:LogoutRequest {_NS} ID="_{new_id()}" Version="2.0"
 IssueInstant="{self.time(minutes=lies.get("shift", 0))}" Destination="{destination}">
<saml:Issuer>{lies.get("issuer", self.entity_id)}</saml:Issuer><saml:NameID>{name_id}</saml:NameID>{indexes}
</samlp:LogoutRequest>"""
        return self.redirect("SAMLRequest", text, "state of the IdP", **lies)

    def logout_response(self, asked: Asked, *codes: str, **lies: Any) -> str:
        nested = "".join(f'<samlp:StatusCode Value="{_STATUS}{code}">' for code in codes or ("Success",))
        text = f"""<samlp:LogoutResponse {_NS} ID="_{new_id()}" Version="2.0" InResponseTo="{asked.id}"
 IssueInstant="{self.time()}" Destination="{self.sp}/saml/sls"><saml:Issuer>{self.entity_id}</saml:Issuer>
<samlp:Status>{nested}{"</samlp:StatusCode>" * len(codes or ("Success",))}</samlp:Status></samlp:LogoutResponse>"""
        return self.redirect("SAMLResponse", text, asked.relay_state, **lies)

    def redirect(self, kind: str, text: str, relay_state: str, *, signed_by: str = "idp", **_lies: Any) -> str:
        """Path and query at the service provider."""
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        message = base64.b64encode(deflater.compress(text.encode()) + deflater.flush()).decode()
        query = f"{kind}={quote(message, safe='')}&RelayState={quote(relay_state, safe='')}"
        if signed_by:
            query += f"&SigAlg={quote(_RSA_SHA256, safe='')}"
            signature = key(signed_by).private.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
            query += f"&Signature={quote(base64.b64encode(signature).decode(), safe='')}"
        return f"/saml/sls?{query}"


def _reordered(query: str) -> bytes:
    """The octets under the signature: SAML Bindings §3.4.4.1 fixes their order, not that of the query."""
    parts = {part.partition("=")[0]: part for part in query.split("&")}
    order = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg")
    return "&".join(parts[name] for name in order if name in parts).encode()


def _attributes(person: Mapping[str, Any], names: str) -> str:
    made = ""
    for short, value in person.items():
        values = value if isinstance(value, list) else [value]
        texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in values]
        name = NAMES[short] if names == "uri" else short if names == "basic" else f"other:{short}"
        inner = "".join(f"<saml:AttributeValue>{_escaped(text)}</saml:AttributeValue>" for text in texts)
        made += f'<saml:Attribute Name="{name}" FriendlyName="{short}" NameFormat="{_URI}">{inner}</saml:Attribute>'
    return made


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _sign(element: Any, signer: Key, *, at: int) -> None:
    template = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256, ns="ds")
    element.insert(at, template)
    xmlsec.tree.add_ids(element, ["ID"])
    reference = xmlsec.template.add_reference(template, xmlsec.Transform.SHA256, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.pem, xmlsec.KeyFormat.PEM)
    context.key.load_cert_from_memory(signer.certificate, xmlsec.KeyFormat.PEM)
    context.sign(template)
