"""Build or update an index: read, cut, embed what is new, stage, verify, publish."""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.catalog import Catalog
from qa.collection import files_covered
from qa.corpus import read_corpus
from qa.cuts import Cut, begun, cut_documents, sentence_counts
from qa.encoder import Encoder, PassageEncoding
from qa.errors import BadInput, DamagedIndex
from qa.folders import check_root, printable
from qa.generation import Held, Manifest
from qa.lexical import clear_links
from qa.models import ENCODER_FILES, Progress, prepare_model
from qa.parts import write_parts
from qa.predecessor import Counts, KnownVectors, open_catalog, open_predecessor, recognises, recorded_ocr
from qa.publishing import generation_files, prune, publish, stage, writing
from qa.records import BuildReport, Document, Skipped
from qa.settings import READING, SETTINGS
from qa.store import ENCODER, CatalogError, open_parts
from qa.vectors import EXACT_ROWS

KEPT_GENERATIONS = 2


@dataclass(frozen=True)
class Options:
    """Hold how an index is to be built; see `qa index --help`.

    Of up to `exact_rows` sentence vectors a question is compared with every one. Where `ocr` is None, it is as it
    was before.
    """

    model: str | None = None
    rebuild: bool = False
    replace: bool = False
    forget: bool = False
    dry_run: bool = False
    exact_rows: int = EXACT_ROWS
    ocr: bool | None = None


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
    with contextlib.nullcontext() if held is None else contextlib.closing(open_catalog(held)) as catalog:
        return _update(root, index, held, catalog, model, options, progress, started)


def _update(
    root: Path,
    index: Path,
    held: Held | None,
    catalog: Catalog | None,
    model: str,
    options: Options,
    progress: Progress,
    started: float,
) -> BuildReport:
    entries = [] if catalog is None else catalog.entries()
    recall = None if catalog is None or options.rebuild else catalog.recall
    recognised = recorded_ocr(index) if held is None else recognises(held.manifest, entries)
    ocr = recognised if options.ocr is None else options.ocr
    documents, skipped = read_corpus(root, index, progress, recall, ocr=ocr)
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
        and all(entry.reading == READING for entry in entries)
        and not options.rebuild
        and Path(held.manifest.root) == root
        and held.manifest.model["model"] == model
        and ocr == recognised
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
        same_model = reuse is not None and reuse.manifest.model["fingerprint"] == encoder.fingerprint
        with PassageEncoding(encoder) as encoding:
            cutting = cut_documents(documents, encoder, catalog if same_model else None, progress)
            cuts = list(cutting if reuse or options.dry_run else begun(cutting, encoding))
            if catalog is not None:
                catalog.close()  # what is to be forgotten must not be open
            if options.dry_run:
                counts = sentence_counts(cuts, KnownVectors(None, set()))
                manifest = _manifest(staged, root, encoder, cuts, counts, skipped, {}, ocr)
                return _report(manifest, changes, unchanged, 0, documents, skipped, (), False, started)
            counts, embedded = write_parts(staged, cuts, encoding, reuse, options.exact_rows, progress)
        progress("publishing", 0, 1)
        parts = open_parts(staged, encoder)  # raises unless every part opens and all counts agree
        parts.catalog.close()
        manifest = _manifest(staged, root, encoder, cuts, counts, skipped, parts.vectors.described, ocr)
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


def _manifest(
    staged: Path,
    root: Path,
    encoder: Encoder,
    cuts: list[Cut],
    counts: Counts,
    skipped: list[Skipped],
    vectors: Mapping[str, Any],
    ocr: bool,
) -> Manifest:
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
            "passages": len(counts),
            "sentences": int(counts.sum()),
        },
        corpus=_corpus_digest([cut.document for cut in cuts]),
        skipped=tuple(vars(item).copy() for item in skipped),
        vectors=vectors,
        files=generation_files(staged),
        ocr=ocr,
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
