"""The demo folder's authorities and keys, as they lie in it. Who has which is for `demo_holders`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from idp.cli.dev.folder import write_private
from idp.cli.dev.nca import Key, MiniNca


@dataclass(frozen=True, slots=True)
class DemoKey:
    """`name` is what `--key` and the chooser take; `title` says who and what."""

    name: str
    title: str
    authority: str
    key: Key


class DemoNca:
    """Both hierarchies (`gost2015`, `rsa`) with the demo keys."""

    def __init__(self, authorities: dict[str, MiniNca], keys: dict[str, DemoKey]) -> None:
        self.authorities = authorities
        self.keys = keys

    def of(self, demo_key: DemoKey) -> MiniNca:
        return self.authorities[demo_key.authority]

    def write_anchors(self, folder: Path) -> list[Path]:
        """What an IdP has to trust for these keys, as DER files."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, nca in self.authorities.items():
            for kind, certificate in zip(("root", "nca"), nca.anchors, strict=True):
                file = folder / f"dev_{kind}_{name}.cer"
                file.write_bytes(certificate)
                written.append(file)
        return written

    def save(self, folder: Path) -> None:
        """Private keys in the clear, for their owner only."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, nca in self.authorities.items():
            nca.save(folder / name)
        dumped = [
            {"name": one.name, "title": one.title, "authority": one.authority, "key": one.key.dump()}
            for one in self.keys.values()
        ]
        write_private(folder / "keys.json", {"keys": dumped})

    @classmethod
    def load(cls, folder: Path) -> DemoNca:
        authorities = {name: MiniNca.load(folder / name) for name in ("gost2015", "rsa")}
        dumped = json.loads((folder / "keys.json").read_text())["keys"]
        keys = {
            one["name"]: DemoKey(one["name"], one["title"], one["authority"], Key.load(one["key"])) for one in dumped
        }
        return cls(authorities, keys)
