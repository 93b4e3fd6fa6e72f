"""The command that proves saved answers: verify."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from qa.cli.application import DEFAULT_INDEX, IndexOption, JsonOption, app, print_json, tell


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="Answers saved with qa ask --json, or JSON lines of them.")],
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Prove that saved answers' quotes still stand in the index: ok, moved, changed or missing.

    Exit status: 0 all stand, some perhaps elsewhere; 1 one is changed or missing.
    """
    from qa.store import Store
    from qa.verification import CHANGED, MISSING, MOVED, verify

    store = Store.open(index)
    try:
        verdicts = verify(store, file)
    finally:
        store.close()
    counts = Counter(verdict.state for verdict in verdicts)
    if json:
        print_json({"schema": 1, "counts": dict(counts), "quotes": [verdict.to_dict() for verdict in verdicts]})
    else:
        from qa.render import visible

        for verdict in verdicts:
            where = (
                f" to {verdict.document}:{verdict.start}" if verdict.state == MOVED else f" {verdict.document}:{verdict.start}"
            )
            print(visible(f"{verdict.state:8}{where}  “{' '.join(verdict.quote.split())[:80]}”"))
        print(", ".join(f"{number:,} {state}" for state, number in counts.items()) or "no quotes")
    if any(verdict.own and verdict.state in (CHANGED, MISSING) for verdict in verdicts):
        tell(
            "Some quotes are of documents that were added to the browser chat and are not in this index."
            f" To prove them, index a folder that holds those files (qa index FOLDER --index OTHER) and run: qa verify {file}"
            " --index OTHER"
        )
    if counts[CHANGED] or counts[MISSING]:
        raise typer.Exit(1)
