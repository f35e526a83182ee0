"""Encrypting for others and decrypting with our keys, against xmlsec as the other side."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import xmlsec
from lxml import etree

from idp.xml import signature
from idp.xml.algorithms import DS, OAEP, OAEP_MGF1P, SHA256, XENC, XENC11, ds, xenc
from idp.xml.build import element, serialize
from idp.xml.encryption import decrypt, encrypt
from idp.xml.errors import CannotDecrypt, CannotEncrypt
from idp.xml.keys import Credential
from idp.xml.parser import Element, parse
from tests.vectors.xml_keys import credential

_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
_T = xmlsec.constants
_GCM256, _GCM128, _CBC256, _CBC128 = (
    XENC11 + "aes256-gcm",
    XENC11 + "aes128-gcm",
    XENC + "aes256-cbc",
    XENC + "aes128-cbc",
)
_DES, _RSA15 = XENC + "tripledes-cbc", XENC + "rsa-1_5"


@pytest.mark.parametrize(
    ("listed", "block", "transport"),
    [
        ((), _GCM256, OAEP_MGF1P),
        ((_CBC128, _GCM128, _GCM256), _GCM256, OAEP_MGF1P),
        ((_CBC256, _GCM128), _GCM128, OAEP_MGF1P),
        ((_CBC128, _CBC256, _DES), _CBC256, OAEP_MGF1P),
        ((_CBC128,), _CBC128, OAEP_MGF1P),
        ((_GCM128, OAEP, OAEP_MGF1P, _RSA15, SHA256), _GCM128, OAEP),
        ((_RSA15, OAEP_MGF1P), _GCM256, OAEP_MGF1P),
        (("urn:unknown",), _GCM256, OAEP_MGF1P),
    ],
)
def test_the_best_that_the_recipient_reads_is_taken_and_xmlsec_reads_it(
    listed: tuple[str, ...], block: str, transport: str
) -> None:
    sp = credential("sp")
    made = encrypt(_name_id(), sp.certificate, recipient="https://sp.example", algorithms=listed)
    wire = parse(serialize(made))
    assert (wire.tag, wire.get("Type")) == (xenc("EncryptedData"), XENC + "Element")
    assert _algorithm(wire) == block
    (encrypted_key,) = wire.iter(xenc("EncryptedKey"))
    assert (_algorithm(encrypted_key), encrypted_key.get("Recipient")) == (transport, "https://sp.example")
    assert serialize(decrypt(wire, [sp], allow_cbc=True)) == serialize(_name_id())
    assert etree.tostring(_opened_by_xmlsec(wire, sp)) == etree.tostring(_name_id())


@pytest.mark.parametrize("listed", [(_DES,), (_RSA15,), (_GCM256, _RSA15), (_DES, OAEP), (_DES, _RSA15)])
def test_nothing_is_encrypted_for_one_who_reads_nothing_safe(listed: tuple[str, ...]) -> None:
    with pytest.raises(CannotEncrypt):
        encrypt(_name_id(), credential("sp").certificate, algorithms=listed)


def test_only_rsa_keys_can_be_encrypted_for() -> None:
    curve = credential("sp", "ecdsa-sha256")
    with pytest.raises(CannotEncrypt):
        encrypt(_name_id(), curve.certificate)
    with pytest.raises(CannotDecrypt):
        decrypt(_encrypted(), [curve])


def test_a_signed_element_keeps_its_signature() -> None:
    idp, sp = credential("idp"), credential("sp")
    assertion = element(f"{{{_SAML}}}Assertion", {"ID": "_a"}, element(f"{{{_SAML}}}Issuer", {}, "Мектеп"))
    response = element(
        "{urn:p}Response",
        {},
        assertion,
        nsmap={"samlp": "urn:p", "saml": _SAML, "xs": "http://www.w3.org/2001/XMLSchema"},
    )
    signature.sign(assertion, idp, position=1)
    opened = decrypt(parse(serialize(encrypt(response[0], sp.certificate))), [sp])
    signature.verify(opened, [idp.certificate])
    assert opened.getparent() is None
    assert opened.nsmap["xs"] == "http://www.w3.org/2001/XMLSchema"


@pytest.mark.parametrize("block", [_T.TransformAes128Gcm, _T.TransformAes256Gcm])
def test_what_xmlsec_encrypts_is_read_with_either_of_our_keys(block: Any) -> None:
    """xmlsec leaves the declaration of a prefix to the elements around (XML-Enc §4.3.3)."""
    old, new, other = (credential(name) for name in ("old", "new", "other"))
    for recipient in (old, new):
        encrypted = _made_by_xmlsec(recipient, block)
        assert decrypt(encrypted, [other, old, new]).text == "pupil-7"
        with pytest.raises(CannotDecrypt):
            decrypt(encrypted, [other])


def test_blocks_without_integrity_are_read_only_where_that_is_said() -> None:
    encrypted = _made_by_xmlsec(credential("sp"), _T.TransformAes128Cbc)
    with pytest.raises(CannotDecrypt):
        decrypt(encrypted, [credential("sp")])
    assert decrypt(encrypted, [credential("sp")], allow_cbc=True).text == "pupil-7"


def test_rsa_1_5_is_refused() -> None:
    encrypted = _made_by_xmlsec(credential("sp"), _T.TransformAes128Gcm, _T.TransformRsaPkcs1)
    assert _opened_by_xmlsec(encrypted, credential("sp")).text == "pupil-7"
    with pytest.raises(CannotDecrypt):
        decrypt(encrypted, [credential("sp")], allow_cbc=True)


def test_the_key_may_stand_beside_the_data() -> None:
    """SAML Core §2.2.4: EncryptedID holds EncryptedData and EncryptedKey side by side."""
    encrypted = _encrypted()
    key_info = encrypted[1]
    encrypted_id = element(f"{{{_SAML}}}EncryptedID", {}, encrypted, key_info[0])
    encrypted.remove(key_info)
    assert decrypt(encrypted_id[0], [credential("sp")]).text == "pupil-7"


def test_a_message_cannot_make_us_try_keys_for_ever() -> None:
    """A private key takes its time; eight tries are more than any sender needs."""
    encrypted = _encrypted()
    wrong = parse(serialize(encrypt(_name_id(), credential("other").certificate)))[1][0]
    for _ in range(7):
        encrypted[1].insert(0, copy.deepcopy(wrong))
    assert decrypt(encrypted, [credential("sp")]).text == "pupil-7"
    encrypted[1].insert(0, wrong)
    with pytest.raises(CannotDecrypt):
        decrypt(encrypted, [credential("sp")])


def _set(path: str, text: str) -> Callable[[Element], None]:
    def change(encrypted: Element) -> None:
        found = encrypted.find(path, {"xenc": XENC, "ds": DS})
        assert found is not None
        found.text = text

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[0].set("Algorithm", _GCM128),
        lambda data: data[0].set("Algorithm", _DES),
        lambda data: data[0].set("Algorithm", _CBC256),
        lambda data: data.remove(data[0]),
        lambda data: data.remove(data[1]),
        lambda data: data.remove(data[2]),
        lambda data: data.append(copy.deepcopy(data[2])),
        lambda data: setattr(data, "tag", xenc("Other")),
        _set("xenc:CipherData/xenc:CipherValue", ""),
        _set("xenc:CipherData/xenc:CipherValue", "AAAA"),
        _set("xenc:CipherData/xenc:CipherValue", "A" * 64),
        _set("xenc:CipherData/xenc:CipherValue", "я"),
        _set("ds:KeyInfo/xenc:EncryptedKey/xenc:CipherData/xenc:CipherValue", "AAAA"),
        lambda data: data[2].append(element(xenc("CipherReference"), {"URI": "http://192.0.2.1/"})),
        lambda data: data[2].remove(data[2][0]),
        lambda data: data[1][0][0].append(element(ds("DigestMethod"), {"Algorithm": "urn:unknown"})),
        lambda data: data[1][0][0].append(element(xenc("OAEPparams"), {}, "AAAA")),
        lambda data: data[1].append(element(ds("RetrievalMethod"), {"URI": "#x"})) or data[1].remove(data[1][0]),
    ],
)
def test_every_cause_has_one_text(change: Callable[[Element], object]) -> None:
    encrypted = _encrypted()
    change(encrypted)
    if len(encrypted) == 3 and len(encrypted[2]) == 2:  # a CipherReference beside the value is just not followed
        assert decrypt(encrypted, [credential("sp")]).text == "pupil-7"
        return
    with pytest.raises(CannotDecrypt) as caught:
        decrypt(encrypted, [credential("sp")], allow_cbc=True)
    assert (caught.value.description, caught.value.code) == ("the encrypted data cannot be read", "xml_cannot_decrypt")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "plain",
    [
        *(" ", "text", "<a/><b/>", "x<a/>", "<a/>x", "<a>", "</around><around>", "<a/></around><around><b/>", "<q:a/>"),
        *("<!DOCTYPE a><a/>", "<a><?pi?></a>", "<a>" * 70 + "</a>" * 70),
    ],
)
def test_only_one_element_may_come_out(plain: str) -> None:
    sp = credential("sp")
    key = xmlsec.Key.generate(_T.KeyDataAes, 128, _T.KeyDataTypeSession)
    encrypted = _by_xmlsec(
        sp,
        _T.TransformAes128Gcm,
        _T.TransformRsaOaep,
        lambda made, context: context.encrypt_binary(made, plain.encode()),
        key,
    )
    with pytest.raises(CannotDecrypt):
        decrypt(encrypted, [sp])


def _name_id() -> Element:
    return element(f"{{{_SAML}}}NameID", {"Format": "urn:x"}, "pupil-7", nsmap={"saml": _SAML})


def _encrypted() -> Element:
    return parse(serialize(encrypt(_name_id(), credential("sp").certificate)))


def _algorithm(encrypted: Element) -> str:
    return str(encrypted[0].get("Algorithm"))


def _made_by_xmlsec(recipient: Credential, block: Any, transport: Any = _T.TransformRsaOaep) -> Element:
    around = etree.fromstring(f'<r xmlns:saml="{_SAML}"><saml:NameID>pupil-7</saml:NameID></r>')
    bits = 256 if block == _T.TransformAes256Gcm else 128
    key = xmlsec.Key.generate(_T.KeyDataAes, bits, _T.KeyDataTypeSession)
    _by_xmlsec(recipient, block, transport, lambda made, context: context.encrypt_xml(made, around[0]), key)
    return parse(etree.tostring(around))[0]


def _by_xmlsec(
    recipient: Credential,
    block: Any,
    transport: Any,
    act: Callable[[Element, xmlsec.EncryptionContext], Element],
    key: xmlsec.Key,
) -> Element:
    document = etree.Element("unused")
    made = xmlsec.template.encrypted_data_create(document, block, type=_T.TypeEncElement, ns="xenc")
    xmlsec.template.encrypted_data_ensure_cipher_value(made)
    info = xmlsec.template.encrypted_data_ensure_key_info(made, ns="ds")
    encrypted_key = xmlsec.template.add_encrypted_key(info, transport)
    xmlsec.template.encrypted_data_ensure_cipher_value(encrypted_key)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(recipient.certificate, _T.KeyDataFormatCertDer))
    context = xmlsec.EncryptionContext(manager)
    context.key = key
    return act(made, context)


def _opened_by_xmlsec(encrypted: Element, recipient: Credential) -> Element:
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(recipient.private_key_pem, _T.KeyDataFormatPem))
    around = etree.Element("r")
    around.append(copy.deepcopy(encrypted))
    return xmlsec.EncryptionContext(manager).decrypt(around[0])
