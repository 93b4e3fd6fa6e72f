"""Say whether an index and this installation are well, and what mends what is not."""

import hashlib
import json
import os
import platform
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from packaging.requirements import Requirement

from qa.confidence import NOT_UNDERSTOOD, of_this_version, parse_calibration
from qa.corpus import read_corpus
from qa.coverage import Skipped
from qa.digests import DIGEST_BYTES
from qa.errors import NoIndex, VerbatimError
from qa.generation import check, hold
from qa.models import cache_root, damaged_exports, packaged_model
from qa.ownership import foreign, generation_folders
from qa.predecessor import recognises
from qa.publishing import leftovers
from qa.settings import CANDIDATES, READING
from qa.store import Store

_LEAST_FREE_BYTES = 200_000_000
_RECALL_QUESTIONS = 50
_LEAST_RECALL = 0.8
"""With less something is wrong: on real questions nine in ten are found, and of those that are cited nearly all."""


@dataclass(frozen=True)
class Finding:
    """Hold the result of one check; `remedy` is the command that mends it, empty where all is well."""

    check: str
    well: bool
    found: str
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON shows it."""
        return vars(self).copy()


def _remedy(error: VerbatimError) -> str:
    return str(error).rpartition("run: ")[2] if "run: " in str(error) else "qa index --rebuild"


def _passages(store: Store) -> Finding:
    """Check every passage's text against its digest."""
    for first in range(0, store.passages, 1000):
        store.verified(range(first, min(first + 1000, store.passages)))
    return Finding(
        "passages", True, f"{store.passages:,} passages are the text that was indexed ({DIGEST_BYTES * 8}-bit digests)"
    )


def _documents(store: Store) -> Finding:
    """Check every document's whole text against its identity."""
    for entry in store.entries:
        if hashlib.sha256(store.catalog.text(entry.number).encode()).hexdigest() != entry.document.sha256:
            return Finding(
                "documents", False, f"{entry.document.path}: its stored text is not what was read", "qa index --rebuild"
            )
    return Finding("documents", True, f"{len(store.entries):,} documents are whole")


def _recall(store: Store) -> Finding:
    """Compare what questions find with what they would find if they looked at every sentence vector.

    The questions are the first sentences of passages from all over the index.
    """
    vectors = store.vectors
    if vectors.exact:
        return Finding("recall", True, "exact: a question is compared with every sentence")
    numbers = np.unique(np.linspace(0, store.passages - 1, _RECALL_QUESTIONS, dtype=np.int64))
    firsts = [(passage.text, passage.passage) for passage in store.verified(numbers.tolist())]
    texts = [text[: passage.sentences[0].end - passage.start] for text, passage in firsts]
    questions = np.stack([store.encoder.encode_question(text) for text in texts])
    count = min(CANDIDATES, vectors.rows)
    every, _ = vectors.nearest_of_all(questions, count)
    found = [vectors.nearest(question, 4 * count)[0][:count] for question in questions]
    share = float(np.mean([len(np.intersect1d(some, all_)) / count for some, all_ in zip(found, every, strict=True)]))
    told = f"{share:.1%} of the {count:,} nearest of {vectors.rows:,} sentences are found without looking at every one"
    return Finding("recall", share >= _LEAST_RECALL, told, "" if share >= _LEAST_RECALL else "qa index --rebuild")


def _drift(store: Store, index: Path) -> Finding:
    """Compare the folder as it is now with what was indexed."""
    root = Path(store.manifest.root)
    if not (os.access(root, os.R_OK | os.X_OK) and root.is_dir()):
        return Finding("folder", False, f"{root} is not there or may not be read", "qa index FOLDER --replace")
    known = {entry.document.path: entry.document.id for entry in store.entries}
    ocr = recognises(store.manifest, store.entries)
    documents, _ = read_corpus(root, index, lambda stage, done, total: None, store.catalog.recall, ocr=ocr)
    seen = {document.path: document.id for document in documents}
    changed = [path for path, id_ in seen.items() if known.get(path) != id_] + [path for path in known if path not in seen]
    if changed:
        return Finding(
            "folder", False, f"{len(changed):,} files differ from the index, among them {sorted(changed)[0]}", "qa index"
        )
    older = sum(entry.reading != READING for entry in store.entries)
    if older:
        return Finding("folder", False, f"{older:,} files were read by an earlier version, which cut them otherwise", "qa index")
    return Finding("folder", True, f"{root} is as it was indexed")


def _skipped(store: Store) -> Finding:
    """Name the files that could not be read when the index was built."""
    skipped = [Skipped(str(item["path"]), str(item["reason"])) for item in store.manifest.skipped]
    if not skipped:
        return Finding("skipped files", True, "every file was read")
    first = skipped[0]
    reason, remedy = first.reason.removesuffix(f"; {first.remedy}"), first.remedy or "mend or remove it"
    # To index again mends nothing while the file itself is as it was.
    remedy += "" if "qa index" in remedy else ", then run: qa index"
    others = "; what mends the others is told by: qa doctor --coverage" if len(skipped) > 1 else ""
    return Finding(
        "skipped files", False, f"{len(skipped):,} files were not read, among them {first.path}: {reason}", f"{remedy}{others}"
    )


def _disk(index: Path) -> Finding:
    """Check that another generation would fit."""
    free = shutil.disk_usage(index).free
    need = max(_LEAST_FREE_BYTES, 2 * sum(path.stat().st_size for path in index.rglob("*") if path.is_file()))
    if free >= need:
        return Finding("disk", True, f"{free // 1_000_000_000:,} GB free")
    room = f"free {(need - free) // 1_000_000 + 1:,} MB on the disk of {index}"
    several = len(generation_folders(index)) > 1
    remedy = f"qa index --forget; if that is not enough, {room}" if several else f"{room}, or run: qa index FOLDER --index OTHER"
    found = f"{free // 1_000_000:,} MB free; another generation may need {need // 1_000_000:,} MB"
    return Finding("disk", False, found, remedy)


def _writable(index: Path) -> Finding:
    """Check that the index can be updated."""
    if os.access(index, os.W_OK | os.X_OK):
        return Finding("permission", True, f"{index} can be written")
    return Finding("permission", False, f"{index} cannot be written; asking works, indexing does not", f"chmod u+wx {index}")


def _orphans(index: Path) -> Finding:
    """Look for what killed runs left and what no manifest lists."""
    try:
        strange = foreign(index)
    except OSError as error:
        return Finding("leftovers", False, f"{index} cannot be looked through ({error.strerror})", f"chmod -R u+rX {index}")
    if strange is not None:
        return Finding(
            "leftovers",
            False,
            f"{strange} is no part of an index; with it none is updated",
            f"mv {shlex.quote(str(strange))} FOLDER",
        )
    found = leftovers(index)
    if not found:
        return Finding("leftovers", True, "none: every file belongs to the index")
    killed = [path for path in found if path.parent == index]
    remedy = "qa index" if killed else shlex.join(["rm", *map(str, found)])
    return Finding("leftovers", False, f"{len(found):,} that no generation lists, among them {(killed or found)[0]}", remedy)


def _cache() -> Finding:
    """Check the exports of models in the user's cache, which indexing copies."""
    damaged = damaged_exports()
    if damaged:
        return Finding("model cache", False, f"{damaged[0]}: its files are not those that were written", f"rm -r {damaged[0]}")
    return Finding("model cache", True, f"{cache_root()} is whole")


def _versions() -> Finding:
    """Check that the packages installed are of the versions this one was made for."""
    try:
        wanted = [Requirement(line) for line in metadata.requires("verbatim-qa") or ()]
    except metadata.PackageNotFoundError:
        return Finding("versions", False, "Verbatim runs from a folder and was not installed", "pip install -e .")
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = ""
        if not found or not requirement.specifier.contains(found, prereleases=True):
            state = f"{requirement.name} {found}" if found else f"{requirement.name} is not installed"
            return Finding("versions", False, f"{state}; needed is {requirement.specifier}", f"pip install '{requirement}'")
    return Finding("versions", True, f"Python {platform.python_version()} and {len(wanted)} packages are as needed")


def _calibration(index: Path) -> Finding:
    """Check the index's own calibration, without which the shipped one is used."""
    path = index / "calibration.json"
    try:
        text = path.read_bytes().decode()
        if not of_this_version(json.loads(text)):
            found = f"{path}: fitted by another version, so the shipped one is used in its place"
            return Finding("calibration", False, found, "qa calibrate QUESTIONS")
        parse_calibration(text)
    except FileNotFoundError:
        return Finding("calibration", True, "the shipped one")
    except (OSError, *NOT_UNDERSTOOD) as error:
        return Finding("calibration", False, f"{path}: cannot be used ({type(error).__name__})", "qa calibrate --undo")
    return Finding("calibration", True, f"{path}")


def _model() -> Finding:
    """Check the packaged default model, which only indexing needs."""
    try:
        folder = packaged_model()
    except VerbatimError as error:
        return Finding("default model", False, str(error), _remedy(error))
    return Finding("default model", True, f"{folder.parent.name}, the published files; exports are kept in {cache_root()}")


def _precision(store: Store) -> str:
    """Say in which numbers the model runs, and what the check at its export found."""
    encoder = store.encoder
    if encoder.precision == "int8":
        return f"int8, on average {encoder.int8_cosine:.4f} of cosine to float32 on the probes of its export"
    return f"{encoder.precision}: in int8 its vectors strayed too far ({encoder.int8_cosine:.4f} of cosine on average)"


def examine(index: Path) -> list[Finding]:
    """Run all checks on an index directory, the cheap ones first; one that fails does not stop the rest."""
    findings = [_versions(), _model(), _cache()]
    try:
        held = hold(index)
    except NoIndex as error:
        return [*findings, Finding("index", False, str(error), "qa index FOLDER")]
    except VerbatimError as error:
        return [*findings, Finding("index", False, str(error), _remedy(error))]
    findings += [_writable(index), _disk(index), _orphans(index), _calibration(index)]
    try:
        check(index, held, whole=True)
        findings.append(Finding("checksums", True, f"{len(held.manifest.files)} files of generation {held.manifest.generation}"))
    except VerbatimError as error:
        return [*findings, Finding("checksums", False, str(error), _remedy(error))]
    finally:
        held.close()
    try:
        store = Store.open(index)
    except VerbatimError as error:
        return [*findings, Finding("index", False, str(error), _remedy(error))]
    try:
        counts = store.manifest.counts
        made = f"{counts['documents']:,} documents, {counts['passages']:,} passages, {counts['sentences']:,} sentences"
        findings.append(Finding("counts", True, f"{made}; equal in catalog, vectors and words"))
        findings.append(Finding("encoder", True, _precision(store)))
        examinations: Mapping[str, Callable[[Store], Finding]] = {
            "passages": _passages,
            "documents": _documents,
            "recall": _recall,
            "drift": lambda store: _drift(store, index),
            "skipped": _skipped,
        }
        for name, examination in examinations.items():
            try:
                findings.append(examination(store))
            except VerbatimError as error:
                findings.append(Finding(name, False, str(error), _remedy(error)))
    finally:
        store.close()
    return findings
