"""Aggregates of any size, signed, written to a file without being held."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from idp.xml import signature
from idp.xml.algorithms import ds
from idp.xml.canonical import canonical
from idp.xml.keys import Credential
from idp.xml.octets import sign_octets

METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
ENTITY = f"{{{METADATA}}}EntityDescriptor"
GROUP = f"{{{METADATA}}}EntitiesDescriptor"
_UI = "urn:oasis:names:tc:SAML:metadata:ui"
_BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings"
_START = f'<md:EntitiesDescriptor xmlns:md="{METADATA}" ID="_all" Name="https://federation.example">'
_END = "</md:EntitiesDescriptor>"


def entity(number: int, certificate: str) -> str:
    """One service of a federation, some 8 KB, in canonical form inside an element that uses the prefix md."""
    host = f"https://sp{number}.example.kz"
    key = (
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>\n'
        + "\n".join(certificate[start : start + 64] for start in range(0, len(certificate), 64))
        + "\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )
    names = "".join(
        f'\n          <mdui:{tag} xml:lang="{language}">Сервис № {number} &amp; серіктестері ({language}): "оқу" '
        f"&gt; {'мектеп ' * length}</mdui:{tag}>"
        for language in ("kk", "ru", "en")
        for tag, length in (("DisplayName", 2), ("Description", 20))
    )
    services = "".join(
        f'\n      <md:AssertionConsumerService Binding="{_BINDINGS}:{binding}" Location="{host}/acs/{place}" '
        f'index="{place}"></md:AssertionConsumerService>'
        for place, binding in enumerate(("HTTP-POST", "HTTP-Artifact", "HTTP-POST-SimpleSign", "PAOS") * 3)
    )
    attributes = "".join(
        f'\n        <md:RequestedAttribute FriendlyName="a{n}" Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.{n}" '
        f'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="true"></md:RequestedAttribute>'
        for n in range(8)
    )
    return (
        f'\n  <md:EntityDescriptor entityID="{host}/metadata">\n    <md:SPSSODescriptor AuthnRequestsSigned="true" '
        'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">\n      <md:Extensions>\n        '
        f'<mdui:UIInfo xmlns:mdui="{_UI}">{names}\n        </mdui:UIInfo>\n      </md:Extensions>'
        f'\n      <md:KeyDescriptor use="signing">{key}</md:KeyDescriptor>'
        f'\n      <md:KeyDescriptor use="encryption">{key}</md:KeyDescriptor>{services}'
        '\n      <md:AttributeConsumingService index="1">\n        '
        f'<md:ServiceName xml:lang="kk">Сервис</md:ServiceName>{attributes}\n      </md:AttributeConsumingService>'
        "\n    </md:SPSSODescriptor>\n  </md:EntityDescriptor>"
    )


def write(path: Path, size: int, signer: Credential) -> int:
    """A signed aggregate of some `size` octets; the number of its entities."""
    digest = hashlib.sha256()
    entities = 0
    for part in _parts(size, signer):
        digest.update(part)
        entities += part.count(b"<md:EntityDescriptor")
    first = True
    with path.open("wb") as file:
        for part in _parts(size, signer):
            file.write(part)
            if first:
                file.write(_signature(digest.digest(), signer))
            first = False
    return entities


def _parts(size: int, signer: Credential) -> Iterator[bytes]:
    yield _START.encode()
    written = number = 0
    while written < size:
        part = entity(number, signer.certificate_text).encode()
        number += 1
        written += len(part)
        yield part
    yield _END.encode()


def _signature(digest: bytes, signer: Credential) -> bytes:
    root = etree.fromstring(_START + _END)
    signature.sign(root, signer, position=0)
    made = root[0]
    info = made[0]
    value = info.find(f".//{ds('DigestValue')}")
    assert value is not None
    value.text = base64.b64encode(digest).decode()
    made[1].text = base64.b64encode(sign_octets(canonical(info), signer)[1]).decode()
    return canonical(made)
