"""A network that misbehaves on demand: an HTTP proxy between a phone and the server, in a thread of its own.

    with FaultProxy(site.port) as network:          # the phone opens network.url instead of site.url
        phone = hand_out(otto, network.url)
        network.next("drop_response", times=2)      # the next two uploads; what comes after them passes
        network.always("refuse")                    # from now on, until ...
        network.heal()                              # ... this, which also lets go what is held
        assert len(network.seen) == 3               # each upload that came here: when, what was done, what came back

Only `/api/v1/batches` is tampered with unless `only` says otherwise; other requests pass (`refuse` and `reset` know no
paths). One request a connection, so that each can be spoilt alone.

| fault | what happens |
|---|---|
| `pass` | goes on, comes back |
| `refuse` | nobody listens on the port (with `always` alone) |
| `drop_request` | read, not passed on, connection closed |
| `drop_response` | the server did it, the answer is thrown away, connection closed |
| `reset` | as `drop_request`, with a TCP reset |
| `reset_response` | the server did it, then a TCP reset |
| `duplicate` | passed on twice at the same moment; one of the answers comes back |
| `hold` | waits until `release()` or `heal()`, then goes on; so later ones overtake it |
| `delay` | goes on after `seconds` |
| `truncate` | the server did it, half of the answer comes back, the connection is closed |
| `trickle` | the server did it, its answer comes back at a byte a second |
| `silence` | accepted, never answered: a half-open connection; ends when the phone gives up, or at `heal()` |
| `swallow` | as `silence`, but the server did it |
| `portal` | 200 and HTML: "Free Wi-Fi" |
| `portal_json` | 200 and JSON, but not ours |
| `portal_redirect` | 302 to another host |
| `bad_gateway`, `gateway_timeout`, `unavailable`, `too_many` | 502, 504, 503, 429 with HTML, the server not asked |
| `gateway_400` | 400 and JSON of a stranger: what an application firewall says |
| `late_gateway` | the server did it, 504 comes back |
"""

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

Answer = TypeVar("Answer")
BATCHES = "/api/v1/batches"
TRICKLE_S = 1.0
HTML = "<!doctype html><title>{title}</title><h1>{title}</h1>"

# what stands in for the server's answer: status, type, further header, body
STAND_INS: dict[str, tuple[str, str, str, str]] = {
    "portal": ("200 OK", "text/html", "", HTML.format(title="Free Wi-Fi: accept our terms")),
    "portal_json": ("200 OK", "application/json", "", '{"portal": "sign in", "results": []}'),
    "portal_redirect": ("302 Found", "text/html", "Location: http://portal.invalid/login\r\n", ""),
    "bad_gateway": ("502 Bad Gateway", "text/html", "", HTML.format(title="502 Bad Gateway")),
    "gateway_timeout": ("504 Gateway Time-out", "text/html", "", HTML.format(title="504 Gateway Time-out")),
    "unavailable": ("503 Service Unavailable", "text/html", "Retry-After: 1\r\n", HTML.format(title="503")),
    "too_many": ("429 Too Many Requests", "text/html", "Retry-After: 1\r\n", HTML.format(title="429")),
    "gateway_400": ("400 Bad Request", "application/json", "", '{"error": "request blocked"}'),
    "late_gateway": ("504 Gateway Time-out", "text/html", "", HTML.format(title="504 Gateway Time-out")),
}
SERVED = {  # faults in which the server has done its part
    "pass", "drop_response", "reset_response", "duplicate", "hold", "delay", "truncate", "trickle", "swallow",
    "late_gateway",
}  # fmt: skip
FAULTS = (*sorted(SERVED | set(STAND_INS) | {"drop_request", "reset", "silence"}), "refuse")


@dataclass(slots=True)
class Seen:
    """One request that the proxy tampered with or let pass; `status` of the server, if it was asked and answered."""

    at: float
    fault: str
    body: bytes
    status: int | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].split(b"?")[0].decode("latin-1")

    def encoded(self) -> bytes:
        """With the connection closed after it, so that the answer is whatever comes until then."""
        first, *lines = self.head.split(b"\r\n")
        kept = [line for line in lines if line and not line.lower().startswith((b"connection:", b"keep-alive:"))]
        return b"\r\n".join([first, *kept, b"Connection: close", b"", b""]) + self.body


class FaultProxy:
    """See above. Controlled from any thread; works in its own."""

    def __init__(self, target: int, only: str | None = BATCHES) -> None:
        """`target`: port of the server on 127.0.0.1. `only`: the path to tamper with, None for every one."""
        self.target, self.only = target, only
        self.seen: list[Seen] = []
        self.seconds = 0.5  # of `delay`
        self._always = "pass"
        self._next: deque[str] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._listening: asyncio.Server | None = None
        self._free = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- what a test says -------------------------------------------------------------------------------------------

    def next(self, *faults: str, times: int = 1) -> None:
        """What becomes of the next requests, one by one."""
        _check(faults)
        self._do(self._soon(lambda: self._next.extend(faults * times)))

    def always(self, fault: str, *, seconds: float | None = None) -> None:
        """What becomes of every request from now on, once what `next` said is used up."""
        _check((fault,))
        self._do(self._turn(fault, seconds))

    def heal(self) -> None:
        """No fault any more; what is held goes on."""
        self._do(self._turn("pass", None))
        self.release()

    def release(self) -> None:
        """What is held, silent or trickling goes on (or ends)."""
        self._do(self._soon(self._let_go))

    def cut(self) -> None:
        """Every connection that is open at this moment is reset."""
        self._do(self._soon(lambda: _reset(*self._open)))

    @property
    def failing_since(self) -> float | None:
        """When the newest run of requests without a full answer began (of `time.monotonic`)."""
        since = None
        for one in reversed(self.seen):
            if one.fault in ("pass", "duplicate", "delay") and one.status == 200:
                break
            since = one.at
        return since

    # --- how it does it ---------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _soon(self, act: Callable[[], object]) -> None:
        act()

    def _let_go(self) -> None:
        self._free.set()
        self._free = asyncio.Event()

    async def _turn(self, fault: str, seconds: float | None) -> None:
        self._always = fault
        if fault == "pass":
            self._next.clear()
        if seconds is not None:
            self.seconds = seconds
        if fault == "refuse":
            await self._stop_listening()
        elif self._listening is None:
            await self._listen()

    async def _listen(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._listening = await asyncio.start_server(self._serve, sock=listening)

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            for listening in self._listening.sockets:
                self._loop.remove_reader(listening)
            # whoever was accepted in this very turn: asyncio would leave that socket open if the listening were closed
            await asyncio.sleep(0)
            self._listening.close()
            self._listening = None
        _reset(*self._open)

    async def _end(self) -> None:
        await self._stop_listening()
        self._let_go()
        while True:
            _reset(*self._open)
            for task in self._tasks:
                task.cancel()
            # a connection may be accepted, and not yet be served, when the listening ends; and sockets are closed at
            # the loop's next turns: so all of them have to be over after a rest
            await asyncio.sleep(0.02)
            if asyncio.all_tasks() == {asyncio.current_task()}:
                return

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a phone that gives up, a server that is killed: a connection that ends is all there is to say
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        if request is None:
            return
        if self.only is not None and request.path != self.only:
            writer.write(await self._ask(request))
            await writer.drain()
            return
        fault = self._next.popleft() if self._next else self._always
        seen = Seen(time.monotonic(), fault, request.body)
        self.seen.append(seen)
        answer = await self._spoilt(fault, request, seen, reader, writer)
        if answer:
            writer.write(answer)
            await writer.drain()

    async def _spoilt(
        self, fault: str, request: _Request, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        """What the phone gets; nothing: the connection just ends."""
        if fault == "hold":
            await self._free.wait()
        elif fault == "delay":
            await asyncio.sleep(self.seconds)
        answer = b""
        if fault == "duplicate":
            answer, _other = await asyncio.gather(self._ask(request), self._ask(request))
        elif fault in SERVED:
            answer = await self._ask(request)
        if answer:
            seen.status = int(answer.split(b" ", 2)[1])
        if fault in STAND_INS:
            return _stand_in(fault)
        if fault in ("reset", "reset_response"):
            _reset(writer)
        elif fault in ("silence", "swallow"):
            await self._until_given_up(reader)
        elif fault == "truncate":
            return answer[: max(1, len(answer) - 40)]
        elif fault == "trickle":
            await self._trickle(answer, writer)
        elif fault in ("pass", "duplicate", "hold", "delay"):
            return answer
        return b""

    async def _ask(self, request: _Request) -> bytes:
        """The server's answer, whole, or an OSError if it does not listen or dies over it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            writer.write(request.encoded())
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        if not answer:
            raise ConnectionResetError
        return answer

    async def _until_given_up(self, reader: asyncio.StreamReader) -> None:
        given_up = asyncio.ensure_future(reader.read(1))
        let_go = asyncio.ensure_future(self._free.wait())
        try:
            await asyncio.wait((given_up, let_go), return_when=asyncio.FIRST_COMPLETED)
        finally:
            given_up.cancel()
            let_go.cancel()

    async def _trickle(self, answer: bytes, writer: asyncio.StreamWriter) -> None:
        free = self._free
        for byte in answer:
            writer.write(bytes((byte,)))
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(free.wait(), TRICKLE_S)
            if free.is_set():
                return


def _check(faults: tuple[str, ...]) -> None:
    unknown = set(faults) - set(FAULTS)
    if unknown:
        raise ValueError(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return _Request(head, await reader.readexactly(length))


def _stand_in(fault: str) -> bytes:
    status, kind, more, body = STAND_INS[fault]
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return (head + body).encode()


def _reset(*writers: asyncio.StreamWriter) -> None:
    """Ends connections the hard way: what is still on its way is thrown away."""
    for writer in writers:
        held: socket.socket = writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
