"""Fetch a page or file from the web and save it under `<root>/web/`, within limits, from public addresses alone."""

import codecs
import hashlib
import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping
from email.message import Message
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from qa.errors import BadInput
from qa.folders import printable
from qa.loaders import APART, FILE_BYTES, FORMATS, Unreadable, document_from
from qa.sandbox import Sandbox

FOLDER = "web"
REDIRECTS = 5
SECONDS = 20.0
"""How long a server may stay silent."""

WHOLE_SECONDS = 120.0
_CHUNK = 65536
_NOBODYS = tuple(map(ipaddress.ip_network, ("::/96", "64:ff9b:1::/48", "fec0::/10", "::ffff:0:0:0/96")))
"""Networks that lead to IPv4 addresses or into private networks, and that Python counts as global."""

_NAME_CHARACTERS = 80
_AGENT = "verbatim-qa"

_ENDINGS: Mapping[str, str] = {
    "text/html": ".html",
    "application/xhtml+xml": ".xhtml",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/rtf": ".rtf",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}
_VAGUE = ("", "application/octet-stream", "binary/octet-stream", "text/plain")
_TEXTS = (".html", ".xhtml", ".txt", ".md", ".csv", ".json")


def is_url(text: str) -> bool:
    """Tell whether an argument is meant as an address and not as a folder."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def save_page(url: str, root: Path, *, allow_private: bool = False, ocr: bool = False) -> str:
    """Fetch a page or file, save it under the root and return its path there; the same address takes its place again.

    Raises BadInput, with what to do, where it cannot be had or read; then nothing is saved.
    """
    where, headers, data = _fetch(url, allow_private=allow_private)
    ending = _ending(where, headers)
    if ending in _TEXTS:
        data = _as_utf8(data, headers.get_content_charset())
    if ending in (".html", ".xhtml"):
        # As browsers mark the pages they save; the loader takes the address from it.
        data = f"<!-- saved from url=({len(where):04d}){where} -->\n".encode() + data
    path = f"{FOLDER}/{_name(where)}{ending}"
    try:
        with Sandbox(ocr=ocr) as sandbox:
            document_from(path, data, sandbox)
    except Unreadable as error:
        raise BadInput(f"{printable(url)}: {error}") from None
    folder = root / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise BadInput(f"{folder}: is a link; make it a folder")
        part = folder / f".{_name(where)}.part"
        part.write_bytes(data)
        part.replace(root / path)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be written ({error.strerror}); make room or chmod +w it") from None
    return path


def _fetch(url: str, *, allow_private: bool) -> tuple[str, Message, bytes]:
    """Return where the content was found at last, the answer's headers and its bytes."""
    until = time.monotonic() + WHOLE_SECONDS
    where = url
    for _ in range(REDIRECTS + 1):
        parts = _checked(where)
        where = urlunsplit(parts)
        connection = _connect(parts, url, allow_private=allow_private)
        try:
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("GET", target, headers={"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": "*/*"})
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308) and answer.getheader("Location"):
                where = urljoin(where, str(answer.getheader("Location")))
                continue
            if answer.status != 200:
                raise BadInput(
                    f"{printable(where)}: the server answers {answer.status} {printable(answer.reason)}; check the address"
                )
            if (answer.getheader("Content-Encoding") or "identity").lower() != "identity":
                raise BadInput(f"{printable(where)}: is sent packed though asked not to be; save it with a browser")
            return where, answer.headers, _body(answer, where, until)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise BadInput(f"{printable(where)}: cannot be fetched ({_why(error)}); check the address and the network") from None
        finally:
            connection.close()
    raise BadInput(f"{printable(url)}: leads on more than {REDIRECTS} times; name where it leads to")


def _checked(url: str) -> SplitResult:
    """Return the parts of an address that can be fetched."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # UnicodeError is one
        raise BadInput(f"{printable(url)}: is no address; write it as https://host/path") from None
    if parts.scheme not in ("http", "https"):
        raise BadInput(f"{printable(url)}: only http and https are fetched")
    if not host or parts.username is not None:
        raise BadInput(f"{printable(url)}: is no address without a password; write it as https://host/path")
    netloc = f"[{host}]" if ":" in host else host
    netloc += "" if parts.port is None else f":{parts.port}"
    # Blanks and what is not ASCII are written as browsers send them.
    path, query = (re.sub(r"""[^!-~]|[<>"]""", _quoted, part) for part in (parts.path, parts.query))
    return SplitResult(parts.scheme, netloc, path, query, "")


def _quoted(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def _connect(parts: SplitResult, url: str, *, allow_private: bool) -> http.client.HTTPConnection:
    """Return a connection to an address that was checked; the name is not looked up a second time."""
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(item[4][0]) for item in found]
        for address in addresses:
            if not allow_private and not is_public(address):
                raise BadInput(
                    f"{printable(url)}: leads to {address}, which is in a private network; if that is meant, add --allow-private"
                )
        connected = socket.create_connection((addresses[0], port), SECONDS)
        if parts.scheme == "https":
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
    except OSError as error:
        raise BadInput(f"{printable(url)}: {host} cannot be reached ({_why(error)}); check the address and the network") from None
    connection = http.client.HTTPConnection(host, parts.port)
    connection.sock = connected
    connection.auto_open = 0
    return connection


def is_public(address: str) -> bool:
    """Tell whether an IP address is anybody's on the internet, the IPv4 address within an IPv6 one too."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if any(ip in network for network in _NOBODYS):
            return False
    return ip.is_global and not ip.is_multicast


def _why(error: Exception) -> str:
    return printable(str(getattr(error, "strerror", None) or error or type(error).__name__))


def _body(answer: http.client.HTTPResponse, where: str, until: float) -> bytes:
    """Return an answer's bytes; as many as a file may have, and no longer than a person waits."""
    data = bytearray()
    while chunk := answer.read1(_CHUNK):
        data += chunk
        if len(data) > FILE_BYTES:
            raise BadInput(f"{printable(where)}: is larger than {FILE_BYTES // 1_000_000} MB; fetch it yourself and split it")
        if time.monotonic() > until:
            raise BadInput(f"{printable(where)}: takes longer than {WHOLE_SECONDS:.0f} seconds; fetch it yourself")
    if answer.length:
        raise BadInput(f"{printable(where)}: ends {answer.length:,} bytes too soon; try again")
    return bytes(data)


def _ending(where: str, headers: Message) -> str:
    """Return the ending of the format that an answer is in; raises BadInput where it is none that is read."""
    kind = headers.get_content_type() if headers.get("Content-Type") else ""
    own = PurePosixPath(urlsplit(where).path).suffix.lower()
    if kind in _VAGUE and (own in FORMATS or own in APART):
        return own
    if kind in _ENDINGS:
        return _ENDINGS[kind]
    raise BadInput(
        f"{printable(where)}: is {printable(kind) or 'of no known type'}, which is not read; save it as PDF or plain text"
    )


def _as_utf8(data: bytes, charset: str | None) -> bytes:
    """Return a text's bytes as UTF-8 where the server, and not the text itself, says what they are."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return data.decode("utf-16" if marked else charset or "").encode()
        except (LookupError, UnicodeError):
            return data
    return data


def _name(where: str) -> str:
    """Return a file's name for an address: what it says, and a digest that tells it from all others."""
    parts = urlsplit(where)
    path = PurePosixPath(parts.path or "/")  # of a site's home page it has no name, and so no ending to take away
    words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{parts.hostname}{path.parent / path.stem}")
    return f"{words[:_NAME_CHARACTERS].strip('-.')}-{hashlib.sha256(where.encode()).hexdigest()[:8]}"
