"""A raw HTTP/1.1 keep-alive client on asyncio streams: as little as a client can cost, for it shares the machine."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self


@dataclass(slots=True)
class Answers:
    """What came back: how long each answer took, its status, its body."""

    ms: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    elapsed_s: float = 0.0


class Client:
    """One connection. Requests go out whole, in one write."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    @classmethod
    async def to(cls, port: int, **headers: str) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return cls(reader, writer, f"Host: 127.0.0.1:{port}\r\n{lines}")

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self._exchange(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        return await self._exchange(self.sending("POST", path, body))

    def posting(self, path: str, body: bytes) -> bytes:
        return self.sending("POST", path, body)

    def sending(self, method: str, path: str, body: bytes) -> bytes:
        """The bytes of a request, to be made before the clock starts."""
        told = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{method} {path} HTTP/1.1\r\n{self._head}{told}\r\n".encode() + body

    async def send_each(self, requests: Iterable[bytes], answers: Answers, until: float) -> int:
        """One after the other, each when the one before is answered; how many. `until`: time.perf_counter()."""
        sent = 0
        for request in requests:
            begun = time.perf_counter()
            if begun >= until:
                break
            status, body = await self._exchange(request)
            answers.ms.append((time.perf_counter() - begun) * 1000)
            answers.statuses.append(status)
            answers.bodies.append(body)
            sent += 1
        return sent

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return int(head[9:12]), await self._reader.readexactly(int(length))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
