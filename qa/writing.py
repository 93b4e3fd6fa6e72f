"""Put a file in place in one step."""

import contextlib
import os
import shutil
from pathlib import Path

from qa.errors import BadInput


def write_whole(path: Path, text: str) -> None:
    """Write a file so that what stood there is kept where this cannot be written; raises BadInput then.

    A link's own file is written, with the mode that it had, and into a pipe or a device, which nothing may take the place of.
    """
    content = text.encode("utf-8", "backslashreplace")  # names of files may hold what is not UTF-8
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:100]}-{os.getpid()}")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
