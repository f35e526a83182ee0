"""Known answers for `self_test`; where each comes from stands there."""

from __future__ import annotations

from dataclasses import dataclass

from idp.eds.curves import RFC7091_512, TC26_512_A
from idp.eds.ports import Curve

M1 = b"012345678901234567890123456789012345678901234567890123456789012"
M2 = "Се ветри, Стрибожи внуци, веютъ с моря стрелами на храбрыя плъкы Игоревы".encode("cp1251")

STREEBOG512 = (
    (
        "RFC 6986 M1",
        M1,
        bytes.fromhex(
            "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
            "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48"
        ),
    ),
    (
        "RFC 6986 M2",
        M2,
        bytes.fromhex(
            "1e88e62226bfca6f9994f1f2d51569e0daf8475a3b0fe61a5300eee46d961376"
            "035fe83549ada2b8620fcd7c496ce5b33f0cb9dddc2b6460143b03dabac9fb28"
        ),
    ),
    (
        "Streebog-512 of 128 octets FF",
        b"\xff" * 128,
        bytes.fromhex(
            "90a161d12ad309498d3fe5d48202d8a4e9c406d6a264aeab258ac5ecc37a7962"
            "aaf9587a5abb09b6bb81ec4b3752a3ff5a838ef175be5772056bc5fe54fcfc7e"
        ),
    ),
)
"""Name, message, digest in standard octet order (the RFC prints numbers, last octet first)."""

GOST94 = (
    "RFC 5831 §7.1",
    b"This is message, length=32 bytes",
    bytes.fromhex("b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa"),
)


@dataclass(frozen=True, slots=True)
class SignatureVector:
    name: str
    curve: Curve
    public_key: tuple[int, int]
    e: int
    r: int
    s: int


SIGNATURES = (
    SignatureVector(
        name="RFC 7091 §7.2",
        curve=RFC7091_512,
        public_key=(
            int(
                "115dc5bc96760c7b48598d8ab9e740d4c4a85a65be33c1815b5c320c854621dd"
                "5a515856d13314af69bc5b924c8b4ddff75c45415c1d9dd9dd33612cd530efe1",
                16,
            ),
            int(
                "37c7c90cd40b0f5621dc3ac1b751cfa0e2634fa0503b3d52639f5d7fb72afd61"
                "ea199441d943ffe7f0c70a2759a3cdb84c114e1f9339fdf27f35eca93677beec",
                16,
            ),
        ),
        e=int(
            "3754f3cfacc9e0615c4f4a7c4d8dab531b09b6f9c170c533a71d147035b0c591"
            "7184ee536593f4414339976c647c5d5a407adedb1d560c4fc6777d2972075b8c",
            16,
        ),
        r=int(
            "2f86fa60a081091a23dd795e1e3c689ee512a3c82ee0dcc2643c78eea8fcacd3"
            "5492558486b20f1c9ec197c90699850260c93bcbcd9c5c3317e19344e173ae36",
            16,
        ),
        s=int(
            "1081b394696ffe8e6585e7a9362d26b6325f56778aadbc081c0bfbe933d52ff5"
            "823ce288e8c4f362526080df7f70ce406a6eeb1f56919cb92a9853bde73e5b4a",
            16,
        ),
    ),
    SignatureVector(
        name="tc26 512-bit curve A",
        curve=TC26_512_A,
        public_key=(
            int.from_bytes(
                bytes.fromhex(
                    "aab0eda4abff21208d18799fb9a8556654ba783070eba10cb9abb253ec56dcf5"
                    "d3ccba6192e464e6e5bcb6dea137792f2431f6c897eb1b3c0cc14327b1adc0a7"
                ),
                "little",
            ),
            int.from_bytes(
                bytes.fromhex(
                    "914613a3074e363aedb204d38d3563971bd8758e878c9db11403721b48002d38"
                    "461f92472d40ea92f9958c0ffa4c93756401b97f89fdbe0b5e46e4a4631cdb5a"
                ),
                "little",
            ),
        ),
        e=int.from_bytes(STREEBOG512[0][2], "little"),
        r=int(
            "561b01afb058d86534a5bbbe50ec01b620bc4379318d7bf6f6c9248696920c68"
            "a2fab805f89d252138577516a866df301abf7be0329a6eb64765f564db8dc11c",
            16,
        ),
        s=int(
            "700e2ade82f2b9262f03ef4dfa175613f4c2100943a332697d925687f64a328e"
            "b4adff550ac4ff96a666021e05e5412232ad139fb8fb92f3dc12e093db8f9527",
            16,
        ),
    ),
)
