"""Index damaged files and say what became of them: `python -m tests.benchmarks.mutated [COUNT] [SEED]`.

Each is one of the sample files, or of those of formats that are written by hand, with bits flipped, an end cut off, a
stretch taken out or doubled, or another format's ending. None may crash the program, hang over ten seconds, need more
than a gigabyte, or pass without a reason.
"""

import io
import json
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from qa.archives import members
from qa.formats.child import MEMORY_BYTES
from qa.formats.parsed import Unreadable
from qa.loaders import APART, FORMATS, document_from, load
from qa.records import Skipped
from qa.sandbox import FILE_SECONDS, QUIET_SECONDS, Sandbox

FILES = Path(__file__).parents[1] / "files"
_MAIL = b"From: a@example.org\nSubject: Tides\nDate: Thu, 6 May 2021 10:00:00 +0000\nMIME-Version: 1.0\n"
_PARTS = (
    b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain; charset=utf-8\n\nHigh at noon.\n'
    b"--x\nContent-Type: text/html\n\n<p>Low at <b>six</b>.</p>\n--x--\n"
)
_RECORDS = [{"name": "East", "depth": 8.0, "ships": [{"id": number, "flag": "red"} for number in range(9)]}] * 20
HANDMADE = {
    "rows.csv": b"Quay;Depth;Note\n" + b'North;6,5;"old; deep\nand ""wide"""\n' * 50,
    "rows.tsv": b"Quay\tDepth\nNorth\t6.5\n" * 50,
    "records.json": json.dumps({"title": "Quays", "quays": _RECORDS}).encode(),
    "records.jsonl": "\n".join(map(json.dumps, _RECORDS)).encode(),
    "one.eml": _MAIL + _PARTS,
    "many.mbox": (b"From a@example.org Thu May  6 10:00:00 2021\n" + _MAIL + _PARTS + b"\n") * 5,
    "page.mhtml": _MAIL + b"Content-Type: text/html\n\n<h1>Tides</h1><table><tr><th>Day<th>Hour<tr><td>Sunday<td>noon</table>",
    "notes.md": b"---\ntitle: Notes\ndate: 2019-03-04\n---\n# Tides\n\nHigh at noon.\n\nLow\n---\n\n- at six\n" * 9,
    "notes.rst": b"Tides\n=====\n\nHigh at noon.\n\nLow\n---\n\nAt six.\n" * 9,
    "notes.txt": "Hochwasser um zwölf – täglich.\n".encode() * 50,
}
"""Files of the formats that nobody's program is needed for; an archive of some of them is made too."""


def samples() -> dict[str, bytes]:
    """Return the files to damage, by their names."""
    found = {path.name: path.read_bytes() for path in sorted(FILES.iterdir()) if path.suffix in APART}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in HANDMADE.items():
            archive.writestr(name, content)
    return found | HANDMADE | {"all.zip": out.getvalue()}


def read(folder: Path, name: str, sandbox: Sandbox) -> list[str]:
    """Read a file, of an archive all that it holds; return the reasons why what was not."""
    if not name.endswith(".zip"):
        load(folder, name, sandbox)
        return []
    reasons = []
    for member in members(folder, name):
        try:
            if isinstance(member, Skipped):
                raise Unreadable(member.reason)
            document_from(*member, sandbox)
        except Unreadable as error:
            reasons.append(str(error))
    return reasons


def mutate(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Return a kind of damage and the damaged bytes."""
    kind = chance.choice(["flipped", "flipped", "truncated", "cut", "doubled", "swapped"])
    place = chance.randrange(len(content))
    end = min(len(content), place + chance.randrange(1, 2000))
    if kind == "flipped":
        changed = bytearray(content)
        for _ in range(chance.choice([1, 10, 200])):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return kind, bytes(changed)
    if kind == "truncated":
        return kind, content[:place]
    if kind == "cut":
        return kind, content[:place] + content[end:]
    if kind == "doubled":
        return kind, content[:end] + content[place:]
    return kind, content


def main(count: int, seed: int) -> int:
    """Read damaged files one after the other; return how many broke a promise."""
    chance = random.Random(seed)
    contents = samples()
    results: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    broken, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        folder = Path(name)
        for number in range(count):
            sample = chance.choice(list(contents))
            kind, content = mutate(contents[sample], chance)
            ending = chance.choice([*APART, *FORMATS, ".zip"]) if kind == "swapped" else Path(sample).suffix
            path = folder / f"{number}{ending}"
            path.write_bytes(content)
            started = time.monotonic()
            try:
                told, result = read(folder, path.name, sandbox), "read"
            except Unreadable as error:
                told, result = [str(error)], "refused"
            for reason in told:
                reasons[reason] += 1
                if "; " not in reason and not reason.startswith("empty"):
                    print(f"{path.name}: no remedy: {reason}")
                    broken += 1
            seconds = time.monotonic() - started
            slowest = max(slowest, seconds)
            if seconds > min(QUIET_SECONDS, FILE_SECONDS) + 2:
                print(f"{sample} {kind}: took {seconds:.1f} s")
                broken += 1
            results[kind, result] += 1
            path.unlink()
    for (kind, result), number in sorted(results.items()):
        print(f"{kind:10} {result:8} {number:6,}")
    for reason, number in reasons.most_common():
        print(f"{number:6,}  {reason}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    broken += peak > MEMORY_BYTES / 2**20
    print(f"{count:,} files, slowest {slowest:.1f} s, largest process {peak:,.0f} MiB, {broken:,} promises broken")
    return broken


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:]]
    sys.exit(1 if main(*(given + [1000, 7][len(given) :])) else 0)
