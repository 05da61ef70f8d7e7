"""The basis travels with the page that shows it and comes back with every what-if: so none of them asks a database,
and whichever process gets it can answer.

It is signed with the login that the page was given to: what comes back is what this server read for this browser.
"""

import base64
import binascii
import hashlib
import hmac
import zlib

from pydantic import ValidationError

from app.errors import BadRequest
from app.i18n import _
from app.workload.basis import Basis

LARGEST = 1 << 20  # bytes of JSON: 13 weeks of a large clinic are a tenth of it


def carry(basis: Basis, secret: str) -> str:
    packed = base64.urlsafe_b64encode(zlib.compress(basis.model_dump_json().encode(), 6)).decode()
    return f"{_signature(packed, secret)}.{packed}"


def carried(text: str, secret: str) -> Basis:
    """Raises BadRequest for anything that `carry` did not make for this login."""
    signature, _dot, packed = text.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(packed, secret).encode()):
        raise _old()
    try:
        unpacking = zlib.decompressobj()
        body = unpacking.decompress(base64.urlsafe_b64decode(packed), LARGEST)
        return Basis.model_validate_json(body)
    except (binascii.Error, zlib.error, ValidationError) as error:  # of another version of this program
        raise _old() from error


def _signature(packed: str, secret: str) -> str:
    return hmac.new(secret.encode(), b"timesink what-if " + packed.encode(), hashlib.sha256).hexdigest()


def _old() -> BadRequest:
    return BadRequest(_("This page was open for too long or in another login: reload it."), code="stale_basis")
