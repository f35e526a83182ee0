"""Everything that proves a signature, in one archive: to be kept for years and checked without us (LTV)."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

from idp.documents.signature_card import signature_card
from idp.services import evidence as evidence_json
from idp.services.signature_facts import fingerprint_of
from idp.services.signing import Kept

_ENDINGS = {"text/plain": "txt", "application/pdf": "pdf"}
_README = """\
{title_kk}

KK
document.{ending}  қол қойылған құжат, SHA-256: {sha256}
signature.cms      қолтаңба (CMS, DER). SHA-256: {cms}
card.pdf           адамдарға арналған мәлімет
certificates/      қол қоюшыдан түбірге дейінгі сертификаттар. Біріншісінде қол қоюшының ЖСН-і бар: бөтенге бермеңіз
status.der         сертификаттың сол кездегі күйі туралы ҰКО жауабы (OCSP), болса
timestamp.der      уақыт белгісі (RFC 3161), болса
evidence.json      осының бәрі бір файлда
Тексеру: {verify} бетіне құжат пен signature.cms файлын жүктеңіз.

RU
document.{ending}  подписанный документ, SHA-256: {sha256}
signature.cms      подпись (CMS, DER). SHA-256: {cms}
card.pdf           сведения для людей
certificates/      сертификаты от подписавшего до корня. В первом есть ИИН подписавшего: не отдавайте посторонним
status.der         ответ НУЦ о статусе сертификата на тот момент (OCSP), если есть
timestamp.der      метка времени (RFC 3161), если есть
evidence.json      всё это в одном файле
Проверка: загрузите документ и signature.cms на странице {verify}.

EN
document.{ending}  the signed document, SHA-256: {sha256}
signature.cms      the signature (CMS, DER). SHA-256: {cms}
card.pdf           the facts, for people
certificates/      from the signer's to the root. The first one holds the signer's IIN: do not hand it to strangers
status.der         what the NCA said of the certificate then (OCSP), if it did
timestamp.der      the timestamp (RFC 3161), if there is one
evidence.json      all of this in one file
To check: upload the document and signature.cms at {verify}.
"""


def evidence_bundle(kept: Kept, *, issuer: str) -> bytes:
    """A ZIP with the same octets each time: its times are that of the signature."""
    evidence, row = kept.evidence, kept.paper.row
    ending = _ENDINGS[row.media_type]
    readme = _README.format(
        title_kk=row.title["kk"],
        ending=ending,
        sha256=row.document_sha256,
        cms=fingerprint_of(evidence.cms),
        verify=f"{issuer}/verify",
    )
    files = {
        "README.txt": readme.encode(),
        f"document.{ending}": kept.document,
        "signature.cms": evidence.cms,
        "card.pdf": signature_card(kept, issuer=issuer),
        "evidence.json": json.dumps(evidence_json.as_json(evidence), indent=2).encode(),
        "status.der": evidence.status.der,
        "timestamp.der": evidence.timestamp.der if evidence.timestamp else b"",
    }
    files |= {f"certificates/{number}.cer": one for number, one in enumerate(evidence.chain, start=1)}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            if octets:
                entry = zipfile.ZipInfo(name, kept.received_at.timetuple()[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, octets)
    return out.getvalue()
