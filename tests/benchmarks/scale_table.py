"""What `tests/benchmarks/scale.py` prints: measured values with the targets beside them, bytes by part, growth."""

import statistics
from typing import Any

from tests.benchmarks.corpora import QUANTILES, Nearness

PARTS = {
    "vectors.int8": "sentence vectors, a byte a value",
    "vectors.faiss": "index of sentence vectors",
    "catalog.sqlite": "texts and places",
    "lexical": "words",
    "digests.bin": "digests of passages",
    "rows.npy": "where passages' vectors begin",
    "encoder": "model for questions",
}


def parts(files: dict[str, int]) -> dict[str, int]:
    """Return bytes by part: a folder's files together."""
    found: dict[str, int] = {}
    for name, size in files.items():
        part = name.split("/")[0]
        found[part] = found.get(part, 0) + size
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def show_quantiles(quantiles: dict[int, tuple[Nearness, Nearness]]) -> None:
    """Print how near neighbours lie among real vectors and among as many that were made up."""
    print("cosine with the nearest neighbour, and with the nearest of another passage; quantiles", *QUANTILES)
    for size, compared in quantiles.items():
        for label, nearness in zip(("real", "made up"), compared, strict=True):
            print(f"  {size:6,} {label:8}" + "    ".join(" ".join(f"{value:.3f}" for value in values) for values in nearness))


def percentile(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def row(label: str, measured: str, target: str = "") -> None:
    """Print one figure, and what is wanted where something is."""
    print(f"  {label:42} {measured:>24}   {target}".rstrip())


def show(built: dict[str, Any], asked: dict[str, Any]) -> None:
    """Print one size's figures."""
    passages, files, wanted = built["passages"], parts(asked["files"]), built["passages"] > 900_000
    without, times, processor = asked["without"], asked["times"], asked["processor"]
    total = sum(files.values())
    lost = {kind: asked["exact"][kind] - asked["success"][kind] for kind in asked["exact"]}
    print(f"\n{passages:,} passages, {built['sentences']:,} sentence vectors, index {asked['kind']}")
    row("question without the reader, median", f"{statistics.median(without):.1f} ms", "30 ms" if wanted else "")
    row("question without the reader, 95th", f"{percentile(without):.1f} ms", "80 ms" if wanted else "")
    row("question, median and 95th", f"{statistics.median(times):.1f} {percentile(times):.1f} ms")
    for label, used in (("without the reader", processor["without"]), ("with it", processor["with"])):
        thousand = f"1,000 questions: {statistics.mean(used):.1f} s"
        row(f"  processor's, {label}", f"{statistics.median(used):.1f} {percentile(used):.1f} ms", thousand)
    row("opening", f"{asked['opening']:.3f} s", "1 s" if wanted else "")
    row("resident while asking", f"{asked['resident'] / 1e6:,.0f} MB", "2,000 MB" if wanted else "")
    for kind, label in (("real", "real questions"), ("facts", "invented facts")):
        row(
            f"Success@5, {label}",
            f"{asked['success'][kind]:.3f}",
            f"{asked['exact'][kind]:.3f} exact, lost {lost[kind]:.3f} (0.01)",
        )
    recall = asked["recall"]
    row("sentence vectors found of the first 10, 100", f"{recall['10']:.3f} {recall['100']:.3f}")
    row("on disk", f"{total / 1e6:,.1f} MB", "3,500 MB" if wanted else "")
    for part, size in files.items():
        row(f"  {PARTS.get(part, part)}", f"{size / 1e6:,.1f} MB", f"{size / passages:,.0f} bytes a passage, {size / total:.1%}")
    cost = built["processor"] / passages * 1000
    row("processor, 1,000 passages, model spared", f"{cost:.2f} s", f"the model: {built['model'] * 1000:.1f} s")
    row("indexing, the model spared", f"{built['seconds']:,.0f} s", f"most memory {built['peak_bytes'] / 1e6:,.0f} MB")


def show_growth(rows: list[tuple[int, float]]) -> None:
    """Draw the median question without the reader against the size."""
    if len(rows) < 2:
        return
    longest = max(median for _, median in rows)
    print("\nmedian of a question without the reader")
    for passages, median in rows:
        print(f"  {passages:>12,} {'█' * max(1, round(median / longest * 60))} {median:.1f} ms")
    (least, first), (most, last) = rows[0], rows[-1]
    print(f"  {most / least:,.0f} times the passages, {last / first:.1f} times the time (1,000 to 1,000,000: under 10 wanted)")
