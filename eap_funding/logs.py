"""The log as lines of JSON, and errors by mail. Neither names a person."""

import ipaddress
import json
import logging
import re
import time
import traceback
from datetime import UTC, datetime
from smtplib import SMTPException

from django.core.mail import mail_admins

_OF_PEOPLE = {"user", "account", "from"}  # fields of a message that a line of JSON leaves out


def shortened(client):
    """Return the first 24 bits of an IPv4 address, or 48 of an IPv6 one: a network, and no person."""
    try:
        network = ipaddress.ip_network(client)
    except ValueError:
        return client
    return str(network.supernet(new_prefix=min(network.prefixlen, 24 if network.version == 4 else 48)).network_address)


class JsonLines(logging.Formatter):
    """A log record as one line of JSON: of a request its line, of an event, such as ``"refused: user=%s action=%s"``,
    its name and what it is about, without the fields that name people."""

    def format(self, record):
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": at, "level": record.levelname, "logger": record.name}
        if record.name == "access":
            line["event"], _, rest = str(record.msg).partition(":")
            values = dict(zip(re.findall(r"(\w+)=%", rest), record.args or (), strict=False))
            line |= {name: value for name, value in values.items() if name not in _OF_PEOPLE}
            line |= {"user": record.user, "request": record.request_id, "address": shortened(record.client)}
        elif record.name == "requests":
            line |= record.line
        else:
            line |= {"message": record.getMessage(), "request": getattr(record, "request_id", "-")}  # of gunicorn
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class ErrorMail(logging.Handler):
    """Mails errors to ADMINS: what kind, where in the code, which request. Values, messages and addresses stay here."""

    PAUSE = 5 * 60  # seconds between two mails of a process
    _last = -PAUSE

    def __init__(self):
        super().__init__(logging.ERROR)

    def emit(self, record):
        if not record.exc_info or time.monotonic() - self._last < self.PAUSE:
            return
        self._last = time.monotonic()
        kind, _error, trace = record.exc_info
        lines = [f"{kind.__name__}, logged by {record.name}", f"Request: {getattr(record, 'request_id', '-')}", ""]
        lines += [f"{each.filename}:{each.lineno} in {each.name}" for each in traceback.extract_tb(trace)]
        body = "\n".join([*lines, "", "More is in the log of the site."])
        try:
            mail_admins(f"Error: {kind.__name__}", body)
        except (OSError, SMTPException):
            self.handleError(record)
