"""Each fault of the proxy does what its table says: else whatever is tested through it proves nothing."""

import contextlib
import gc
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.builders import envelope, observed
from tests.faults.proxy import FAULTS, FaultProxy
from tests.faults.servers import Server
from tests.people import Member, Town

pytestmark = pytest.mark.on("sqlite", why="the network does not know where the server keeps its things")
Answer = tuple[int, str, bytes]


@pytest.fixture
def running(server: Server) -> Iterator[Server]:
    with server:
        yield server


def upload(network: FaultProxy, member: Member, patience: float = 5) -> Answer | None:
    """One batch of a session; None for an end without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", network.port, timeout=patience)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {member.token}"}
    body = json.dumps(envelope(observed("09:00 rooming", "09:05 end")))
    try:
        connection.request("POST", "/api/v1/batches", body, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def stored(town: Town) -> int:
    from sqlalchemy import text

    with town.database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM sessions")).scalar_one())


# the fault, the status that comes back (None: no answer), how many sessions the server then has
TABLE: tuple[tuple[str, int | None, int], ...] = (
    ("pass", 200, 1),
    ("drop_request", None, 0),
    ("reset", None, 0),
    ("drop_response", None, 1),
    ("reset_response", None, 1),
    ("truncate", None, 1),
    ("duplicate", 200, 1),
    ("portal", 200, 0),
    ("portal_json", 200, 0),
    ("portal_redirect", 302, 0),
    ("bad_gateway", 502, 0),
    ("gateway_timeout", 504, 0),
    ("unavailable", 503, 0),
    ("too_many", 429, 0),
    ("gateway_400", 400, 0),
    ("late_gateway", 504, 1),
    ("silence", None, 0),
    ("swallow", None, 1),
)


def test_a_fault_strikes_one_request_and_the_next_passes(running: Server, network: FaultProxy, town: Town) -> None:
    there = 0
    for fault, answered, done in TABLE:
        network.next(fault)
        answer = upload(network, town["otto"], patience=0.5)
        assert (answer and answer[0]) == answered, fault
        there += done
        assert stored(town) == there, fault
        again = upload(network, town["otto"])
        assert again is not None, fault
        assert json.loads(again[2])["timesink"] == 1
        there += 1
        assert [one.fault for one in network.seen[-2:]] == [fault, "pass"]
    assert {fault for fault, _answered, _done in TABLE} == set(FAULTS) - {"hold", "delay", "trickle", "refuse"}


def test_what_is_held_is_overtaken_and_arrives_when_it_is_let_go(
    running: Server, network: FaultProxy, town: Town
) -> None:
    network.next("hold")
    got: list[Answer | None] = []
    first = threading.Thread(target=lambda: got.append(upload(network, town["otto"])))
    first.start()
    while not network.seen:
        time.sleep(0.01)
    assert upload(network, town["otto"]) is not None
    assert (stored(town), got) == (1, [])
    network.release()
    first.join(10)
    assert got[0] is not None
    assert got[0][0] == 200
    assert stored(town) == 2


def test_refusing_means_that_nobody_listens_until_it_is_healed(
    running: Server, network: FaultProxy, town: Town
) -> None:
    network.always("refuse")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", network.port), timeout=5)
    network.heal()
    assert upload(network, town["otto"]) is not None


def test_a_trickle_gives_a_byte_a_second_until_it_is_let_go(running: Server, network: FaultProxy, town: Town) -> None:
    network.next("trickle")
    threading.Timer(1.5, network.release).start()
    assert upload(network, town["otto"], patience=5) is None  # it ends then, and half an answer is none
    assert stored(town) == 1


def test_a_delay_is_waited_for(running: Server, network: FaultProxy, town: Town) -> None:
    network.always("delay", seconds=0.4)
    begun = time.monotonic()
    assert upload(network, town["otto"]) is not None
    assert time.monotonic() - begun >= 0.4


def test_only_uploads_are_tampered_with_unless_said_otherwise(running: Server, network: FaultProxy) -> None:
    def ready() -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", network.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            with connection.getresponse() as answer:
                return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    network.always("portal_redirect")
    assert (ready(), network.seen) == (200, [])
    network.only = None
    assert ready() == 302
    network.heal()
    running.kill()
    assert ready() is None  # a dead server is a connection that ends


def test_whoever_is_accepted_while_the_listening_ends_is_not_left_open() -> None:
    """Else the socket is found at the end of a long soak, and called a fault (pytest makes warnings of it errors)."""
    with FaultProxy(target=1) as network:
        port, over = network.port, threading.Event()

        def knock() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as held:
                    held.send(b"GET / HTTP/1.1\r\n\r\n")

        knocking = [threading.Thread(target=knock) for _one in range(4)]
        for one in knocking:
            one.start()
        for _time in range(30):
            network.always("refuse")
            network.heal()
        over.set()
        for one in knocking:
            one.join()
    gc.collect()
