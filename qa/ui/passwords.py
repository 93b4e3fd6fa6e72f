"""Who may come in: one name and password, from a file or the environment, compared in constant time and never shown."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path

from qa.errors import BadInput

GUESSES = 8
"""Log-ins looked at together; each that fails takes WAIT_SECONDS, so that guessing gets nowhere."""

WAIT_SECONDS = 1.0

_MOST_BYTES = 1000


def password_check(name: str, password: str) -> Callable[[str, str], Awaitable[bool]]:
    """Return what tells whether a name and a password are these; how long that takes says nothing of either."""
    wanted = _digest(name), _digest(password)
    turn = asyncio.Semaphore(GUESSES)

    async def check(given_name: str, given_password: str) -> bool:
        async with turn:
            given = _digest(given_name), _digest(given_password)
            right = [hmac.compare_digest(one, other) for one, other in zip(given, wanted, strict=True)]
            if not all(right):
                await asyncio.sleep(WAIT_SECONDS)
            return all(right)

    return check


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def parse_auth(text: str, where: str) -> tuple[str, str]:
    """Return name and password of NAME:PASSWORD; raises BadInput, which says where it stood and not what."""
    name, _, password = text.partition(":")
    if not (name.strip() and password) or not text.isprintable():
        raise BadInput(f"{where} needs a name and a password on one line; write NAME:PASSWORD")
    return name.strip(), password


def read_auth(path: Path) -> tuple[str, str]:
    """Return name and password from a file that nobody else can read; raises BadInput."""
    try:
        status = path.stat()
        if not path.is_file() or status.st_size > _MOST_BYTES:
            raise BadInput(f"{path}: is no file with a line NAME:PASSWORD; give --auth-file another")
        if status.st_mode & 0o077:
            raise BadInput(f"{path}: others on this machine may read it; run: chmod 600 {path}")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); give --auth-file another") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is not UTF-8; write NAME:PASSWORD into it") from None
    return parse_auth(text.removesuffix("\n").removesuffix("\r"), str(path))
