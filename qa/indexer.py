"""Build or update an index: read, cut, embed what is new, stage, verify, publish."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qa.catalog import CatalogWriter
from qa.collection import files_covered
from qa.corpus import read_corpus
from qa.digests import passage_digest, vector_key
from qa.encoder import Encoder, Unit, Vectors, stack
from qa.errors import BadInput, DamagedIndex
from qa.generation import Held, Manifest
from qa.lexical import clear_links, write_lexical
from qa.loaders import check_root, printable
from qa.models import ENCODER_FILES, Progress, prepare_model
from qa.passages import context_of, cut_passages
from qa.predecessor import known_vectors, open_catalog, open_predecessor
from qa.publishing import generation_files, prune, publish, stage, writing
from qa.records import BuildReport, Document, Passage, Skipped, Span
from qa.settings import READING, SETTINGS
from qa.store import CATALOG, DIGESTS, ENCODER, LEXICAL, ROWS, VECTORS, CatalogError, open_parts
from qa.text import stems
from qa.vectors import write_vectors

KEPT_GENERATIONS = 2


@dataclass(frozen=True)
class Options:
    """Hold how an index is to be built; see `qa index --help`."""

    model: str | None = None
    rebuild: bool = False
    replace: bool = False
    forget: bool = False
    dry_run: bool = False


class Cut(NamedTuple):
    """Pair a document with its passages and their vectors' keys."""

    document: Document
    passages: list[Passage]
    keys: list[str]


def _corpus_digest(documents: list[Document]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(document.id.encode())
    return digest.hexdigest()


def build_index(
    root: str | Path, index_dir: str | Path, progress: Progress | None = None, options: Options | None = None
) -> BuildReport:
    """Build or update the index of a folder and publish it; return what was done.

    Only passages whose context, text, sentence bounds or model changed are embedded. Raises BadInput
    where nothing can be read, LockedIndex while another process writes, IncompatibleIndex or
    DamagedIndex where only a rebuild would help. Until the new generation is published the old one
    answers.
    """
    options = options or Options()
    progress = progress or (lambda stage, done, total: None)
    started = time.perf_counter()
    folder, index = check_root(Path(root)), Path(index_dir)
    for path in (folder, index.absolute()):
        if str(path) != str(path).encode("utf-8", "replace").decode():
            raise BadInput(f"{printable(str(path))}: its name is not UTF-8; rename it")
    clear_links()
    with writing(index):
        held, model = open_predecessor(index, folder, options.model, rebuild=options.rebuild, replace=options.replace)
        try:
            return _build(folder, index, held, model, options, progress, started)
        except DamagedIndex:
            # its checksums agree and still it is none of ours: only who asks for a rebuild is given one
            if held is None or not (options.rebuild or options.replace):
                raise
            return _build(folder, index, None, model, options, progress, started)
        except (OSError, CatalogError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BadInput(f"{index}: cannot be written ({reason}); make room or name another with --index") from error
        finally:
            if held is not None:
                held.close()


def _build(
    root: Path, index: Path, held: Held | None, model: str, options: Options, progress: Progress, started: float
) -> BuildReport:
    catalog = None if held is None else open_catalog(held)
    try:
        entries = [] if catalog is None else catalog.entries()
        recall = None if catalog is None or options.rebuild else catalog.recall
        documents, skipped = read_corpus(root, index, progress, recall)
    finally:
        if catalog is not None:
            catalog.close()
    if not documents and (held is None or skipped):
        first = f"none of its {len(skipped)} files can be read: {skipped[0].path}: {skipped[0].reason}" if skipped else ""
        raise BadInput(f"{printable(str(root))}: {first or 'no documents in it'}; put PDF, Markdown or text files there")
    old = {entry.document.path: entry.document.id for entry in entries}
    files = {entry.document.path: entry.document.file_sha256 for entry in entries}
    new = {document.path: document.id for document in documents}
    changes = {
        "added": tuple(path for path in new if path not in old),
        "changed": tuple(path for path, id_ in new.items() if path in old and old[path] != id_),
        "removed": tuple(path for path in old if path not in new),
    }
    unchanged = sum(old.get(path) == id_ for path, id_ in new.items())
    same = (
        held is not None
        and not any(changes.values())
        # the same text may stand on other pages now
        and all(files[document.path] == document.file_sha256 for document in documents)
        and not options.rebuild
        and Path(held.manifest.root) == root
        and [vars(item) for item in skipped] == list(held.manifest.skipped)
    )
    if held is not None and (same or options.dry_run):
        notes = () if options.dry_run else _prune(index, options)
        return _report(held.manifest, changes, unchanged, 0, documents, skipped, notes, False, started)
    staged = stage(index, _corpus_digest(documents))
    try:
        reuse = None if held is None or options.rebuild or model != held.manifest.model["model"] else held
        if reuse:
            _place_encoder(reuse.folder / ENCODER, staged / ENCODER, os.link)
        else:
            _place_encoder(prepare_model(model, progress), staged / ENCODER, shutil.copyfile)
        encoder = Encoder(staged / ENCODER)
        cuts = list(_cut(documents, encoder, reuse, progress))
        if options.dry_run:
            manifest = _manifest(staged, root, encoder, cuts, skipped)
            return _report(manifest, changes, unchanged, 0, documents, skipped, (), False, started)
        embedded = _write(staged, cuts, encoder, reuse, progress)
        progress("publishing", 0, 1)
        manifest = _manifest(staged, root, encoder, cuts, skipped)
        open_parts(staged).catalog.close()  # raises unless every part opens and all counts agree
        publish(index, staged, manifest)
        if held is not None:
            held.close()  # or it would be this very process that keeps it from being forgotten
        notes = _prune(index, options)
        progress("publishing", 1, 1)
        return _report(manifest, changes, unchanged, embedded, documents, skipped, notes, True, started)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _prune(index: Path, options: Options) -> tuple[str, ...]:
    """Remove older generations; return a note on those that were to be forgotten and are still read."""
    in_use = prune(index, 1 if options.forget else KEPT_GENERATIONS)
    if not in_use or not options.forget:
        return ()
    return (f"still read by another process and kept: {', '.join(in_use)}; run qa index --forget again when it has ended",)


def _place_encoder(source: Path, target: Path, place: Callable[[Path, Path], object]) -> None:
    """Put the encoder into a generation: linked from its predecessor, copied from the cache.

    A link to the cache would let damage to the one be damage to the other.
    """
    target.mkdir()
    for name in ENCODER_FILES:
        try:
            place(source / name, target / name)
        except OSError:  # a file system without links
            shutil.copyfile(source / name, target / name)


def _cut(documents: list[Document], encoder: Encoder, reuse: Held | None, progress: Progress) -> Iterator[Cut]:
    """Yield documents with their passages; one with no words to quote has none.

    A document that is in every respect as it was, of the same model, is cut as it was.
    """
    limit = encoder.token_limit(SETTINGS.passage_tokens)
    before = None
    if reuse is not None and reuse.manifest.model["fingerprint"] == encoder.fingerprint:
        before = open_catalog(reuse)
    try:
        entries = {} if before is None else {entry.document.path: entry for entry in before.entries(READING)}
        for done, document in enumerate(documents):
            progress("cutting", done, len(documents))
            entry = entries.get(document.path)
            if before is not None and entry is not None and entry.document == replace(document, text="", locators=()):
                yield Cut(document, *before.passages_of(entry))
                continue
            passages = cut_passages(document, SETTINGS, encoder.count_tokens, limit)
            units = (_unit(document, passage) for passage in passages)
            keys = [vector_key(unit.context, unit.text, unit.sentences, encoder.fingerprint) for unit in units]
            yield Cut(document, passages, keys)
    finally:
        if before is not None:
            before.close()


def _unit(document: Document, passage: Passage) -> Unit:
    sentences = tuple(Span(span.start - passage.start, span.end - passage.start) for span in passage.sentences)
    return Unit(context_of(document.title, passage.heading), document.text[passage.start : passage.end], sentences)


def _embed(cuts: list[Cut], encoder: Encoder, reuse: Held | None, progress: Progress) -> tuple[dict[str, Vectors], int]:
    """Return each key's sentence vectors, old ones where they are known, and how many passages were embedded."""
    vectors = {} if reuse is None else known_vectors(reuse, {key for cut in cuts for key in cut.keys})
    missing: dict[str, Unit] = {}
    for document, passages, keys in cuts:
        for passage, key in zip(passages, keys, strict=True):
            if key not in vectors and key not in missing:
                missing[key] = _unit(document, passage)
    for done, (key, rows_) in enumerate(zip(missing, encoder.encode_passages(missing.values()), strict=True)):
        progress("embedding", done, len(missing))
        vectors[key] = rows_
    progress("embedding", len(missing), len(missing))
    return vectors, len(missing)


def _write(staged: Path, cuts: list[Cut], encoder: Encoder, reuse: Held | None, progress: Progress) -> int:
    """Write all parts of a generation but its manifest; return how many passages were embedded."""
    vectors, embedded = _embed(cuts, encoder, reuse, progress)
    keys = [key for cut in cuts for key in cut.keys]
    counts = [len(vectors[key]) for key in keys]
    write_vectors(staged / VECTORS, stack([vectors[key] for key in keys], encoder.dimension))
    np.save(staged / ROWS, np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64), allow_pickle=False)
    writer = CatalogWriter(staged / CATALOG)
    for cut in cuts:
        writer.add(*cut)
    writer.close()
    numbered = [
        (document, cut.document.text[passage.start : passage.end])
        for document, cut in enumerate(cuts)
        for passage in cut.passages
    ]
    (staged / DIGESTS).write_bytes(b"".join(passage_digest(text) for _, text in numbered))
    words = staged / f"{LEXICAL}.part"
    try:
        write_lexical(words, ((number, document, stems(text)) for number, (document, text) in enumerate(numbered)))
    except ValueError as error:  # how tantivy says that the disk failed it
        raise OSError(" ".join(str(error).split())[:200]) from error
    # A thread of tantivy's may outlive its writer (one in a thousand did) and leave a lock behind; once
    # the folder has another name it finds nothing to lock.
    words.rename(staged / LEXICAL)
    for lock in (staged / LEXICAL).glob("*.lock"):
        lock.unlink()
    return embedded


def _manifest(staged: Path, root: Path, encoder: Encoder, cuts: list[Cut], skipped: list[Skipped]) -> Manifest:
    return Manifest(
        generation=staged.name.removeprefix(".staging-"),
        root=str(root),
        model={
            "model": encoder.model,
            "fingerprint": encoder.fingerprint,
            "dimension": encoder.dimension,
            "precision": encoder.precision,
        },
        settings=vars(SETTINGS).copy(),
        counts={
            "documents": len(cuts),
            "passages": sum(len(cut.passages) for cut in cuts),
            "sentences": sum(len(passage.sentences) for cut in cuts for passage in cut.passages),
        },
        corpus=_corpus_digest([cut.document for cut in cuts]),
        skipped=tuple(vars(item).copy() for item in skipped),
        files=generation_files(staged),
    )


def _report(
    manifest: Manifest,
    changes: Mapping[str, tuple[str, ...]],
    unchanged: int,
    embedded: int,
    documents: list[Document],
    skipped: list[Skipped],
    notes: tuple[str, ...],
    published: bool,
    started: float,
) -> BuildReport:
    return BuildReport(
        root=manifest.root,
        generation=manifest.generation,
        documents=manifest.counts["documents"],
        passages=manifest.counts["passages"],
        sentences=manifest.counts["sentences"],
        added=changes["added"],
        changed=changes["changed"],
        removed=changes["removed"],
        unchanged=unchanged,
        embedded=embedded,
        skipped=tuple(skipped),
        notes=notes,
        published=published,
        seconds=round(time.perf_counter() - started, 2),
        files=files_covered(documents, skipped),
    )
