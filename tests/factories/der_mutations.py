"""Ways to change DER: octets at random, and whole elements with right lengths, which get deeper into a parser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from idp.cli.dev.nca.der import tlv
from idp.eds import der
from idp.eds.errors import Malformed

_INTERESTING = (0x00, 0x01, 0x05, 0x06, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA0, 0xA1, 0xFE, 0xFF, 0x30, 0x31, 0x24)


@dataclass
class Node:
    """An element as a tree; `children` is None for a primitive one."""

    tag: int
    content: bytes = b""
    children: list[Node] | None = None

    def encoded(self) -> bytes:
        inside = self.content if self.children is None else b"".join(child.encoded() for child in self.children)
        return tlv(self.tag, inside)

    def walk(self) -> list[Node]:
        """This one and everything below it."""
        return [self, *(below for child in self.children or () for below in child.walk())]


def tree(data: bytes) -> Node:
    """OCTET STRINGs that hold DER (a timestamp's content, extensions) stay opaque."""

    def node(element: der.Tlv) -> Node:
        if not element.tag & 0x20:
            return Node(element.tag, data[element.content : element.end])
        return Node(element.tag, children=[node(child) for child in der.children(data, element)])

    return node(der.header(data, 0, len(data)))


@dataclass
class Mutator:
    """Changes `data`, taking foreign parts from `others`, which are of the same kind."""

    data: bytes
    others: tuple[bytes, ...]
    random: Random

    def mutated(self) -> bytes:
        """One to three changes; may by chance be what it was."""
        changed = self.data
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            changed = self._structural(changed) if self.random.random() < 0.6 else self._octets(changed)
        return changed

    def _octets(self, data: bytes) -> bytes:
        if not data:
            return data
        choose: list[Callable[[bytes], bytes]] = [
            self._flip, self._set, self._cut, self._drop, self._repeat, self._splice, self._exchange, self._append,
        ]  # fmt: skip
        return self.random.choice(choose)(data)

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self.random.randrange(len(data))
        return start, min(len(data), start + self.random.choice((1, 2, 4, 16, 64, 256)))

    def _flip(self, data: bytes) -> bytes:
        at = self.random.randrange(len(data))
        return data[:at] + bytes((data[at] ^ 1 << self.random.randrange(8),)) + data[at + 1 :]

    def _set(self, data: bytes) -> bytes:
        at = self.random.randrange(len(data))
        return data[:at] + bytes((self.random.choice(_INTERESTING),)) + data[at + 1 :]

    def _cut(self, data: bytes) -> bytes:
        return data[: self.random.randrange(len(data))]

    def _drop(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[end:]

    def _repeat(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:end] + data[start:end] * self.random.choice((1, 2, 50)) + data[end:]

    def _splice(self, data: bytes) -> bytes:
        other = self.random.choice(self.others)
        start, end = self._span(other)
        return data[:start] + other[start:end] + data[end:]

    def _exchange(self, data: bytes) -> bytes:
        first, second = sorted((self._span(data), self._span(data)))
        if first[1] > second[0]:
            return data[::-1]
        middle = data[second[0] : second[1]] + data[first[1] : second[0]] + data[first[0] : first[1]]
        return data[: first[0]] + middle + data[second[1] :]

    def _append(self, data: bytes) -> bytes:
        return data + self.random.randbytes(self.random.choice((1, 2, 100)))

    def _structural(self, data: bytes) -> bytes:
        try:
            root = tree(data)
            foreign = tree(self.random.choice(self.others)).walk()
        except Malformed:
            return self._octets(data)
        parents = [node for node in root.walk() if node.children]
        if not parents:
            return self._octets(data)
        parent = self.random.choice(parents)
        children = parent.children or []
        at = self.random.randrange(len(children))
        kind = self.random.randrange(8)
        if kind == 0:
            del children[at]
        elif kind == 1:
            children.insert(self.random.randrange(len(children) + 1), children[at])
        elif kind == 2:
            self.random.shuffle(children)
        elif kind == 3:
            children[at] = self._like(children[at], foreign)
        elif kind == 4:
            children.insert(at, self.random.choice(foreign))
        elif kind == 5:
            children[at] = Node(self.random.choice(_INTERESTING), self._octets(children[at].encoded()))
        elif kind == 6:
            children.append(Node(self.random.choice((0x05, 0xA0, 0xA1, 0x30, 0x31))))
        else:
            children[at] = Node(0x30, children=[children[at]])
        return root.encoded()

    def _like(self, node: Node, foreign: list[Node]) -> Node:
        """A foreign element of the same tag: another person's certificate, name, number, signature, attribute."""
        return self.random.choice([other for other in foreign if other.tag == node.tag] or foreign)
