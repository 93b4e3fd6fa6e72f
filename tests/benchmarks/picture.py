"""Draw README's picture, a real answer in a terminal: python -m tests.benchmarks.picture [INDEX]."""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from qa import Engine
from qa.render import answer_view

QUESTION = "Who chairs the Improvement Board?"
PICTURE = Path(__file__).parents[1] / "pictures" / "answer.svg"


def main() -> None:
    """Ask the index and save what the terminal shows."""
    with Engine.open(sys.argv[1] if len(sys.argv) > 1 else "index") as engine:
        result = engine.ask(QUESTION, k=3)
        console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, highlight=False, legacy_windows=False)
        console.print(Text(f'$ qa ask "{QUESTION}"', style="green"))
        console.print(answer_view(result, Path(engine.store.manifest.root), explain=False))
    drawn = console.export_svg(title="Verbatim")
    PICTURE.parent.mkdir(exist_ok=True)
    # The viewer's own monospaced font will do; a picture asks the network for nothing.
    PICTURE.write_text(re.sub(r"<!--.*?-->|@font-face \{.*?\}", "", drawn, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
