"""How gunicorn serves this site. It reads this file from the folder it is started in.

PORT chooses the port, WEB_CONCURRENCY the number of worker processes; a command-line option wins
over both. RELEASE names what runs here.
"""

import json
import os
import selectors
import socket
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import gunicorn.http.message
import gunicorn.util
from gunicorn.workers.gthread import ThreadWorker

wsgi_app = "eap_funding.wsgi:application"
preload_app = True  # the index is made once, and the processes share its memory
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
UNSENT = 10  # seconds in which more of a request has to come, or its client is hung up on
SILENCE = 60  # seconds in which a client has to take something of its answer, or is hung up on
threads = 24  # more than there are places for requests (projects/capacity.py): the rest refuse, or tell health
# Unless it is named, each start is a release of its own: what clients keep is then fetched anew once.
raw_env = [f"RELEASE={os.environ.get('RELEASE') or time.time()}"]


class worker_class(ThreadWorker):
    """Requests at a second address (``--bind`` twice), such as for health, have threads of their own.

    Clients that stay after their last answer delay nobody: gunicorn waits two seconds for each to leave, and accepts no
    other meanwhile.
    """

    def init_process(self):
        self.watching = ThreadPoolExecutor(max_workers=2)
        super().init_process()

    def enqueue_req(self, conn):
        is_first = conn.server == self.sockets[0].getsockname()
        pool = self.tpool if is_first else self.watching
        done = pool.submit(self.handle, conn)
        done.add_done_callback(lambda each: self.method_queue.defer(self.finish_request, conn, each))

    def finish_request(self, conn, done):
        if done.cancelled() or done.exception() or done.result():
            return super().finish_request(conn, done)  # more may come
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:  # it has left
            self.nr_conns -= 1
            return conn.close()
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.read_the_rest, conn))

    def read_the_rest(self, conn, client):
        """Drop what is still being sent, or it would cut off the answer, and close when the client has left."""
        with suppress(OSError):
            if client.recv(2**16):
                return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self.nr_conns -= 1
        conn.close()


# A search of 100,000 characters must reach the application, whose 400 names the parameter at fault; gunicorn's own 414
# names nothing. gunicorn cuts a larger limit down to MAX_REQUEST_LINE, and 0 is none: one client could fill the memory.
# Should a later gunicorn drop that name, its own limit is back: safe, and a test notices.
limit_request_line = gunicorn.http.message.MAX_REQUEST_LINE = 256 * 1024


def write_problem(client, status, reason, detail):
    """Refuse what is no request, such as an address that is too long, as the API does; gunicorn would send HTML."""
    problem = json.dumps({"type": "about:blank", "title": reason, "status": status, "detail": detail})
    headers = f"Content-Type: application/problem+json\r\nContent-Length: {len(problem)}\r\nConnection: close"
    gunicorn.util.write_nonblock(client, f"HTTP/1.1 {status} {reason}\r\n{headers}\r\n\r\n{problem}".encode())


gunicorn.util.write_error = write_problem

# Only Django reads what a proxy says about its clients, and only with BEHIND_PROXY: gunicorn would believe anybody on
# this machine or at the other end of a socket.
secure_scheme_headers = {}
forwarder_headers = forwarded_allow_ips = ""

# Quiet: no line per request (a proxy in front keeps the log), no start-up chatter, no control socket.
accesslog = None
loglevel = "warning"
control_socket_disable = True


def is_no_hang_up(record):
    """Whether a log record is about anything but a client that was hung up on, like one that leaves."""
    error = record.exc_info and record.exc_info[1]
    return not (isinstance(error, TimeoutError | BlockingIOError) and str(record.msg).startswith("Socket error"))


def post_worker_init(worker):
    """Let a file that breaks off because the database went away write a line, and no traceback for each reader.

    Threads take turns five times as often as usual, so that health is answered in time while many pages are built.
    """
    from eap_funding.database.outage import OnceASecond

    sys.setswitchinterval(0.001)
    worker.log.error_log.addFilter(OnceASecond())
    worker.log.error_log.addFilter(is_no_hang_up)


def when_ready(server):
    """Make the index before the first process is forked, and say where the site is, or write JSON from then on."""
    from eap_funding.logs import JsonLines
    from eap_funding.wsgi import warm

    for listener in server.LISTENERS:  # connections have it from there: who takes nothing would keep a thread
        if listener.sock.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE * 1000)
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", UNSENT, 0))
    warm()
    if os.environ.get("LOG_FORMAT") == "json":
        for handler in server.log.error_log.handlers:
            handler.setFormatter(JsonLines())
    else:
        print(f"\n  Serving on {', '.join(map(str, server.LISTENERS))}/  (Ctrl-C stops it)\n", flush=True)
