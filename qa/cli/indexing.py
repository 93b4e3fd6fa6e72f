"""Commands on the index itself: index, show and doctor."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.cli.application import (
    DEFAULT_CORPUS,
    DEFAULT_INDEX,
    IndexOption,
    JsonOption,
    app,
    print_json,
    progress_bar,
    show,
    tell,
)
from qa.errors import BadInput

if TYPE_CHECKING:
    from qa.indexer import Options


@app.command()
def index(
    path: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER|URL]",
            help="Folder of documents; without it the one indexed before, else ./corpus. An address is fetched into its web/.",
            show_default=False,
        ),
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Embed everything anew, also over a damaged index.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Let this folder take the place of the one indexed before.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove older generations at once, so that deleted text is gone.")
    ] = False,
    model: Annotated[str | None, typer.Option("--model", metavar="NAME_OR_PATH", help="Any sentence-transformers model.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and change nothing.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on and update the index whenever files change, until interrupted.")
    ] = False,
    ocr: Annotated[
        bool | None,
        typer.Option(
            "--ocr/--no-ocr",
            help="Recognise the words of PDF pages that are images, with tesseract; they may be misread, and citations say so."
            " An index goes on as it was built.",
            show_default=False,
        ),
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from addresses of this machine and private networks too.")
    ] = False,
    adopt: Annotated[
        Path | None,
        typer.Option(
            "--adopt",
            metavar="INDEX",
            help="Take over an index that somebody else built: write its texts, and nothing else of it, as files to the new"
            " FOLDER and index those.",
        ),
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Build or update the index of a folder; only what changed is embedded."""
    from qa.downloads import is_url, save_page
    from qa.indexer import Options, build_index
    from qa.predecessor import recorded_ocr, recorded_root

    url = path if path is not None and is_url(path) else None
    folder = Path(path) if path is not None and url is None else None
    if adopt is not None:
        if folder is None or watch or dry_run:
            raise BadInput("--adopt needs a new folder for the texts and goes with neither --watch nor --dry-run")
        take_over(adopt, folder)
    recorded = None if folder is not None else recorded_root(index)
    root = folder or recorded or DEFAULT_CORPUS
    if folder is None and not (os.access(root, os.R_OK | os.X_OK) and root.is_dir()):
        hint = "" if recorded is None else ", or where the index came from elsewhere: qa index FOLDER --adopt INDEX"
        raise BadInput(f"{root}: no such folder, or no permission to read it; run: qa index FOLDER{hint}")
    options = Options(model=model, rebuild=rebuild, replace=replace, forget=forget, dry_run=dry_run, ocr=ocr)
    if ocr:
        from qa.formats.recognition import tesseract

        if tesseract() is None:
            raise BadInput("--ocr needs the program tesseract, which is not installed; in Debian: apt install tesseract-ocr")
    if watch:
        if dry_run:
            raise BadInput("--watch and --dry-run say two things; leave one out")
        if url is not None:
            raise BadInput("an address is fetched once; leave --watch out")
        follow_folder(root, index, options, json)
        return
    if url is not None:
        if dry_run:
            raise BadInput("an address and --dry-run say two things; leave one out")
        recognise = recorded_ocr(index) if ocr is None else ocr
        tell(f"Saved as {root / save_page(url, root, allow_private=allow_private, ocr=recognise)}")
    with progress_bar() as progress:
        report = build_index(root, index, progress, options)
    if json:
        print_json(report.to_dict())
        return
    from qa.render import report_view

    show(report_view(report))


def take_over(foreign: Path, folder: Path) -> None:
    """Write the texts of an index that somebody else built to a folder."""
    from qa.adoption import adopt

    tell(f"Took {adopt(foreign, folder):,} texts of {foreign} into {folder}")


def follow_folder(root: Path, index: Path, options: "Options", json: bool) -> None:
    """Print a report after every update of the index, until interrupted; as JSON, one a line."""
    from qa.errors import VerbatimError
    from qa.render import report_view
    from qa.watcher import follow

    try:
        for result in follow(root, index, options, ready=lambda: tell(f"Watching {root}; press Ctrl-C to end.")):
            if isinstance(result, VerbatimError):
                tell(f"qa: {result}")
            elif json:
                print_json(result.to_dict(), indent=None)
            elif result.published or result.skipped:
                show(report_view(result))
    except KeyboardInterrupt:
        return


@app.command(name="show")
def show_document(
    path: Annotated[
        str | None, typer.Argument(help="A document's path as listed; without it all documents are listed.", show_default=False)
    ] = None,
    at: Annotated[
        int | None, typer.Option("--at", metavar="OFFSET", help="Show only the passage that holds this offset.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """List the documents, or show one as the index holds it."""
    from qa.cli.showing import list_documents, show_one
    from qa.store import Store

    store = Store.open(index)
    try:
        if path is None:
            list_documents(store, json)
        else:
            show_one(store, path, at, json)
    finally:
        store.close()


@app.command()
def doctor(
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say instead what was read of every file, what was not, why, and what mends it.")
    ] = False,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Check the index and this installation; each failing check names the command that mends it.

    Exit status: 0 all is well, 1 something is not (with --coverage: a file was not read, or not wholly).
    """
    if coverage:
        from qa.cli.showing import show_coverage

        if not show_coverage(index, json):
            raise typer.Exit(1)
        return
    from qa.doctor import examine

    findings = examine(index)
    if json:
        print_json({"schema": 1, "index": str(index), "checks": [finding.to_dict() for finding in findings]})
    else:
        for finding in findings:
            mark = "ok     " if finding.well else "PROBLEM"
            print(
                f"{mark}  {finding.check}: {finding.found}"
                + (f"\n         mend it with: {finding.remedy}" if finding.remedy else "")
            )
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
