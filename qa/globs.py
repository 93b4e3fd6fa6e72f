"""Match paths with globs: `*` within a folder, `**` across folders, and every path as a glob of itself."""

import re
from functools import lru_cache

_ESCAPED = re.compile(r"\[([*?\[])\]")


@lru_cache
def _ends(pattern: str) -> tuple[str, str]:
    """Return what a glob's matches begin and end with, which spares most of 50,000 paths the matching.

    A slash after two stars is no part of it: `**/` may stand for no folder.
    """
    return re.split(r"[*?\[]", pattern)[0], re.split(r"[*?\]]", pattern)[-1].removeprefix("/")


def matches_glob(path: str, pattern: str) -> bool:
    """Tell whether a POSIX path is, or matches, a glob: `*` within a folder, `**` across folders.

    `[*]`, `[?]` and `[[]` stand for the character itself, as `glob.escape` writes them.
    """
    first, last = _ends(pattern)
    if not (path.startswith(first) and path.endswith(last)):
        return False
    # Set by set, as no regular expression can be made to wait for ever on a pattern of many stars.
    places = {0}
    for part in re.split(r"(\[[*?\[]\]|\*\*/|\*\*|\*|\?)", pattern):
        if not places or not part:
            continue
        if part == "**":
            places = set(range(min(places), len(path) + 1))
        elif part == "**/":
            places |= {place + 1 for place in range(min(places), len(path)) if path[place] == "/"}
        elif part == "*":
            ends = {place: path.find("/", place) for place in places}
            places = {reached for place, end in ends.items() for reached in range(place, (len(path) if end < 0 else end) + 1)}
        elif part == "?":
            places = {place + 1 for place in places if path[place : place + 1] not in ("", "/")}
        else:
            literal = part[1] if re.fullmatch(r"\[[*?\[]\]", part) else part
            places = {place + len(literal) for place in places if path.startswith(literal, place)}
    return path == pattern or len(path) in places


def escaped(path: str) -> str:
    """Return the glob that matches a path and no other."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def only_path(pattern: str) -> str | None:
    """Return the one path that a glob matches; None for one that may match several."""
    return None if re.search(r"[*?]", _ESCAPED.sub("", pattern)) else _ESCAPED.sub(r"\1", pattern)
