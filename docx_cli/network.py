"""The one file that uses the network, and only where a person allowed it."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING, Any

from docx_cli import __version__
from docx_cli.errors import DocxError, FileAccessError, TimeLimitError, UnsupportedInputError

if TYPE_CHECKING:
    from http.client import HTTPMessage

LARGEST = 256 * 2**20
"""Most bytes of one document."""
LONGEST = 300.0
"""Most seconds for one document."""
SILENCE = 30.0
"""Most seconds without a byte."""
_CHUNK = 1 << 16


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server to http and https alone; urllib's own goes to FTP, too."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.lower().startswith(("http://", "https://")):
            fp.close()
            raise urllib.error.URLError("it leads to another protocol")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, *, largest: int = LARGEST, longest: float = LONGEST) -> bytes:
    """Return what lies at an address; nothing that the server says of it is used.

    Args:
        url: begins with http:// or https://.
        largest: most bytes that are taken.
        longest: most seconds in all.

    Raises:
        FileAccessError: there is no such server or document, or it may not be had.
        UnsupportedInputError: it is larger than `largest`.
        TimeLimitError: it took too long.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    try:
        request = urllib.request.Request(url, headers={"User-Agent": f"docx-cli/{__version__}"})
        with opener.open(request, timeout=min(SILENCE, longest)) as response:
            return _read(response, url, largest, time.monotonic() + longest)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _explain(error, url) from error


def _read(response: Any, url: str, largest: int, deadline: float) -> bytes:
    data = bytearray()
    while chunk := response.read1(_CHUNK):
        data += chunk
        if len(data) > largest:
            limit = f"{largest / 2**20:g} MiB"
            raise UnsupportedInputError(f"is larger than {limit}", source=url)
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:  # what a server announced and did not send
        raise http.client.IncompleteRead(bytes(data), response.length)
    return bytes(data)


def _explain(error: Exception, url: str) -> DocxError:
    """Turn what urllib raises into an error of ours."""
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, TimeoutError):
        return TimeLimitError("fetching it took too long", source=url)
    said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    if isinstance(error, http.client.IncompleteRead):
        said = "the connection broke off"
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        said = f"the server says {error.code} {said}"
    return FileAccessError(f"cannot be fetched: {said}", source=url)
