"""The register's head as a short text to keep elsewhere, signed if there is a key.

Its form is that of C2SP's checkpoints and signed notes (https://c2sp.org/signed-note), with the head in hexadecimal.
"""

import base64
import hashlib
import secrets

from django.conf import settings
from nacl.signing import SigningKey

from provenance.models import Revision

from ..published.views import identity

ED25519 = b"\x01"  # its number in signed notes


def checkpoint(version):
    """Return the checkpoint of a Version: origin, number of public changes, head, version, and signature."""
    count = Revision.objects.public().filter(pk__lte=version.number).count()
    text = f"{origin()}\n{count}\n{version.head}\nversion {version.number}\n"
    if not settings.SEAL_KEY:
        return text
    key = SigningKey(base64.b64decode(settings.SEAL_KEY))
    signature = base64.b64encode(_key_hash(key) + key.sign(text.encode()).signature).decode()
    return f"{text}\n— {origin()} {signature}\n"


def origin():
    """Return the name of this register in checkpoints: the address of the site without its scheme."""
    return identity("").partition("://")[2]


def new_key():
    """Return (a new SEAL_KEY, the public key that checks its signatures, as signed notes have it)."""
    seed = secrets.token_bytes(32)
    key = SigningKey(seed)
    public = base64.b64encode(ED25519 + bytes(key.verify_key)).decode()
    return base64.b64encode(seed).decode(), f"{origin()}+{_key_hash(key).hex()}+{public}"


def _key_hash(key):
    return hashlib.sha256(f"{origin()}\n".encode() + ED25519 + bytes(key.verify_key)).digest()[:4]
