"""The stand-ins of one development installation in one process: NCALayer on a web socket, the NCA over http."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Origin

from idp.cli.dev.demo_nca import DemoNca
from idp.cli.dev.key_chooser import page
from idp.cli.dev.nca_server import nca_server
from idp.cli.dev.ncalayer import NcaLayer
from idp.core.clock import Clock, SystemClock, epoch

_MAX_MESSAGE = 32 * 2**20


@dataclass(frozen=True, slots=True)
class StandIns:
    """Where they listen: `ws://…` and `http://…` of the same host and port, and the NCA's `http://…`."""

    ncalayer: str
    nca: str
    layer: NcaLayer


@contextmanager
def stand_ins(demo: DemoNca, *, issuer: str, ncalayer: str, nca: str, clock: Clock | None = None) -> Iterator[StandIns]:
    """Both serve in threads until the block ends. Addresses are `HOST:PORT`; port 0 takes a free one."""
    clock = clock or SystemClock()
    for one in demo.authorities.values():
        one.number_from(epoch(clock.now()))
    layer = NcaLayer(demo, clock)
    host, _, port = nca.rpartition(":")
    authority = nca_server(host, int(port), demo, clock)
    sockets = ncalayer_server(layer, ncalayer, issuer)
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in (authority, sockets)]
    for thread in threads:
        thread.start()
    bound = sockets.socket.getsockname()
    try:
        yield StandIns(
            f"http://{bound[0]}:{bound[1]}",
            f"http://{authority.server_address[0]!s}:{authority.server_address[1]}",
            layer,
        )
    finally:
        authority.shutdown()
        authority.server_close()
        sockets.shutdown()


def ncalayer_server(layer: NcaLayer, bind: str, issuer: str) -> Server:
    """Bound, not yet serving. Any page could use a key that signs without asking, so only the issuer's may connect."""
    parts = urlsplit(issuer)
    origin = Origin(f"{parts.scheme}://{parts.netloc}")

    def process_request(connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        if urlsplit(request.path).path != "/":
            return connection.respond(404, "nothing here\n")
        body = page(layer, request.path, origin).encode()
        headers = Headers(
            {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "Connection": "close",
            }
        )
        return Response(200, "OK", headers, body)

    def talk(connection: ServerConnection) -> None:
        answer = layer.answer("--heartbeat--")
        try:
            while True:
                if answer is not None:
                    connection.send(answer)
                message = connection.recv()
                answer = layer.answer(message if isinstance(message, str) else message.decode(errors="replace"))
        except ConnectionClosed:
            return

    host, _, port = bind.rpartition(":")
    return serve(talk, host, int(port), origins=[origin], process_request=process_request, max_size=_MAX_MESSAGE)


def run(folder: Path, *, issuer: str, ncalayer: str, nca: str, stop: threading.Event) -> None:
    """Until `stop` is set."""
    # A line for every look at the key chooser would bury the IdP's own log.
    logging.getLogger("websockets").setLevel(logging.WARNING)
    with stand_ins(DemoNca.load(folder), issuer=issuer, ncalayer=ncalayer, nca=nca):
        stop.wait()
