"""Asks over connections that are kept: how long one answer takes, and how many there are in a second."""

import http.client
import socket
import threading
from select import select
from time import perf_counter
from typing import NamedTuple

CONNECTIONS = 4  # at once


class Answer(NamedTuple):
    """``seconds`` from asking to the last byte; ``body``: bytes as they were sent."""

    seconds: float
    status: int
    body: bytes


class Client:
    """One connection to a port of this machine. It is opened anew, unmeasured, when the server closed it."""

    def __init__(self, port, encoding="identity"):
        self.port, self.encoding, self.socket = port, encoding, None

    def get(self, path):
        """Return the Answer, whatever its status. It has to tell its Content-Length."""
        if self.socket is None or select([self.socket], [], [], 0)[0]:
            self._open()
        start = perf_counter()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: {self.encoding}\r\n\r\n".encode()
        )
        status = int(self.reader.readline().split()[1])
        headers = {}
        while (line := self.reader.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        body = self.reader.read(int(headers[b"content-length"]))
        seconds = perf_counter() - start
        if headers.get(b"connection") == b"close":
            self.socket = None
        return Answer(seconds, status, body)

    def read(self, path):
        """Return the Answer, which has to be 200."""
        answer = self.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {answer.body[:300]!r}")
        return answer

    def close(self):
        if self.socket is not None:
            self.reader.close()
            self.socket.close()

    def _open(self):
        self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb", buffering=256 * 1024)


def rate(port, paths, seconds=1.0):
    """Return how many of ``paths``, an iterator without end, are answered in a second on CONNECTIONS at once."""
    counts, failures = [], []
    deadline = perf_counter() + seconds

    def ask():
        client, count = Client(port), 0
        try:
            while perf_counter() < deadline:
                client.read(next(paths))
                count += 1
        except Exception as failure:
            failures.append(failure)
        counts.append(count)

    start = perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (perf_counter() - start)


def pieces(port, path):
    """Yield a file as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}")
    while piece := response.read(256 * 1024):
        yield piece
    connection.close()
