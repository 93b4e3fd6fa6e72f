"""Print documents as the index holds them."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from qa.cli.application import print_json, show
from qa.collection import files_covered
from qa.coverage import Skipped
from qa.errors import BadInput
from qa.render import coverage_view, long_date, visible
from qa.store import Store

SUGGESTED = 3
"""Documents named where there is none of the name that was given."""


def show_coverage(index: Path, json: bool) -> bool:
    """Print what was read of every file when the index was built; tell whether it was all."""
    store = Store.open(index)
    try:
        documents = [entry.document for entry in store.entries]
        skipped = [Skipped(str(item["path"]), str(item["reason"])) for item in store.manifest.skipped]
        generation, root = store.manifest.generation, store.manifest.root
    finally:
        store.close()
    files = files_covered(documents, skipped)
    if json:
        rows = [item.to_dict() for item in files]
        print_json({"schema": 1, "generation": generation, "root": root, "files": rows})
    else:
        show(coverage_view(files))
    return all(item.whole for item in files)


def list_documents(store: Store, json: bool) -> None:
    """Print all documents with date and number of passages."""
    entries = store.entries
    if json:
        rows = [
            {
                "document": entry.document.path,
                "title": entry.document.title,
                "publisher": entry.document.publisher,
                "date": entry.document.date,
                "retold": entry.document.retold,
                "passages": entry.passages,
                "encoding": entry.document.encoding,
                "language": entry.document.language,
                "pages": entry.document.coverage.pages,
                "sha256": entry.document.sha256,
            }
            for entry in entries
        ]
        print_json({"schema": 1, "generation": store.manifest.generation, "root": store.manifest.root, "documents": rows})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("document", "date", "title"):
        table.add_column(name)
    table.add_column("passages", justify="right")
    for entry in entries:
        document = entry.document
        date = long_date(document.date) if document.date else "–"
        title = document.title + (" (retold)" if document.retold else "")
        table.add_row(Text(visible(document.path)), date, Text(visible(title)), f"{entry.passages:,}")
    show(table)


def nearest_paths(wanted: str, paths: Sequence[str]) -> list[str]:
    """Return up to three paths that a shortened or mistyped one may mean: those that hold its name, then those of a like name."""
    stem = PurePosixPath(wanted.lower()).stem
    found = [path for path in paths if stem and stem in path.lower()]
    if len(found) < SUGGESTED:
        names = {path: PurePosixPath(path.lower()).stem for path in paths}
        alike = get_close_matches(stem, dict.fromkeys(names.values()), SUGGESTED)
        found += [path for name in alike for path in paths if names[path] == name]
    return list(dict.fromkeys(found))[:SUGGESTED]


def show_one(store: Store, path: str, at: int | None, json: bool) -> None:
    """Print a document's text, or the passage that holds an offset; every passage is checked first."""
    entry = next((entry for entry in store.entries if entry.document.path == path), None)
    if entry is None:
        near = nearest_paths(path, [entry.document.path for entry in store.entries])
        perhaps = f"; perhaps {' or '.join(near)}" if near else ""
        raise BadInput(f"{path}: no such document in the index{perhaps}; run: qa show")
    passages = store.verified(range(entry.first_passage, entry.first_passage + entry.passages))
    if at is not None:
        passages = [stored for stored in passages if stored.passage.start <= at < stored.passage.end]
        if not passages:
            raise BadInput(f"{path}: no passage holds offset {at}; headings and front matter belong to none")
    text = store.catalog.text(entry.number) if at is None else passages[0].text
    if json:
        rows = [
            {
                "start": stored.passage.start,
                "end": stored.passage.end,
                "line": stored.passage.line,
                "heading": list(stored.passage.heading),
                "text": stored.text,
                "sentences": [span.to_dict() for span in stored.passage.sentences],
            }
            for stored in passages
        ]
        described = {"document": path, "sha256": entry.document.sha256, "text": text, "passages": rows}
        print_json({"schema": 1, "generation": store.manifest.generation, **described})
        return
    print(visible(text))
