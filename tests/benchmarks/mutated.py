"""Index damaged files and say what became of them: `python -m tests.benchmarks.mutated [COUNT] [SEED]`.

Each is one of the sample files with bits flipped, an end cut off, a stretch taken out or doubled, or
another format's ending. None may crash the program, hang over ten seconds, or pass without a reason.
"""

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from qa.formats.parsed import Unreadable
from qa.loaders import APART, load
from qa.sandbox import FILE_SECONDS, QUIET_SECONDS, Sandbox

FILES = Path(__file__).parents[1] / "files"


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
    samples = sorted(path for path in FILES.iterdir() if path.suffix in APART)
    results: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    broken, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        folder = Path(name)
        for number in range(count):
            sample = chance.choice(samples)
            kind, content = mutate(sample.read_bytes(), chance)
            ending = chance.choice(list(APART)) if kind == "swapped" else sample.suffix
            path = folder / f"{number}{ending}"
            path.write_bytes(content)
            started = time.monotonic()
            try:
                load(folder, path.name, sandbox)
                result = "read"
            except Unreadable as error:
                result = "refused"
                reasons[str(error)] += 1
                if "; " not in str(error) and not str(error).startswith("empty"):
                    print(f"{path.name}: no remedy: {error}")
                    broken += 1
            seconds = time.monotonic() - started
            slowest = max(slowest, seconds)
            if seconds > min(QUIET_SECONDS, FILE_SECONDS) + 2:
                print(f"{sample.name} {kind}: took {seconds:.1f} s")
                broken += 1
            results[kind, result] += 1
            path.unlink()
    for (kind, result), number in sorted(results.items()):
        print(f"{kind:10} {result:8} {number:6,}")
    for reason, number in reasons.most_common():
        print(f"{number:6,}  {reason}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    print(f"{count:,} files, slowest {slowest:.1f} s, largest process {peak:,.0f} MiB, {broken:,} promises broken")
    return broken


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:]]
    sys.exit(1 if main(*(given + [1000, 7][len(given) :])) else 0)
