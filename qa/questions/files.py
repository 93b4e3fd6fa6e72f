"""Tell a question set's format from its path and read it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from qa.errors import BadInput
from qa.questions.lines import read_csv, read_lines
from qa.questions.published import read_judged, read_squad
from qa.questions.records import QuestionFile

_KNOWN = "give a .jsonl, .csv or SQuAD .json file, a BEIR folder, or TREC judgements with --queries"
_READERS: Mapping[str, Callable[[Path], QuestionFile]] = {".jsonl": read_lines, ".csv": read_csv, ".json": read_squad}


def read_questions(path: Path, queries: Path | None = None) -> QuestionFile:
    """Read a question set of any known format; its faults are in the result.

    `queries` names the questions of TREC judgements; without it `queries.tsv` beside them is read.
    Raises BadInput for what cannot be read at all.
    """
    if path.is_dir():
        path = _judgements_in(path)
    if not path.exists():
        raise BadInput(f"{path}: no such file; {_KNOWN}")
    if queries is not None:
        return read_judged(path, queries)
    if path.parent.name == "qrels" and path.suffix == ".tsv":
        return read_judged(path, path.parent.parent / "queries.jsonl")
    reader = _READERS.get(path.suffix.lower())
    return reader(path) if reader else read_judged(path, path.parent / "queries.tsv")


def _judgements_in(folder: Path) -> Path:
    """Return the judgements of a BEIR or TREC folder: `test.tsv` before others, else the only ones."""
    try:
        found = sorted((folder / "qrels").glob("*.tsv")) or sorted(
            path for path in folder.iterdir() if path.is_file() and (path.stem == "qrels" or path.suffix == ".qrels")
        )
    except OSError as error:
        raise BadInput(f"{folder}: cannot be read ({error.strerror})") from None
    test = folder / "qrels" / "test.tsv"
    if test not in found and len(found) != 1:
        several = f"; it has {', '.join(path.name for path in found)}, name one" if found else f"; {_KNOWN}"
        raise BadInput(f"{folder}: holds no judgements that are the only ones, nor qrels/test.tsv{several}")
    return test if test in found else found[0]
