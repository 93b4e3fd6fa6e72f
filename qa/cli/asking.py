"""Commands that ask: ask and search."""

import sys
from typing import Annotated, Any

import typer

from qa.cli.application import (
    ABSTAINED,
    DEFAULT_INDEX,
    IndexOption,
    JsonOption,
    ReaderOption,
    app,
    document_root,
    open_engine,
    print_json,
    read_lines,
    show,
    tell,
)

SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="GLOB", help="Only documents whose path matches (** for folders); repeatable."),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only documents dated then or later: 2013, 2020-01, 2022-06-17.")
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Only documents dated then or earlier.")]


@app.command()
def ask(
    question: Annotated[
        str, typer.Argument(help="The question; - reads questions from standard input, one a line, and prints JSON lines.")
    ],
    k: Annotated[int, typer.Option("--k", help="Most citations.")] = 5,
    explain: Annotated[bool, typer.Option("--explain", help="Show scores and what the confidence is made of.")] = False,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    after: Annotated[
        list[str] | None,
        typer.Option("--after", metavar="QUESTION", help="An earlier question that this one follows up; repeatable, in order."),
    ] = None,
    reader: ReaderOption = "shipped",
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Answer a question in the documents' own words, with citations.

    Exit status: 0 answered, 1 not in the documents, 2 something is wrong.
    """
    from qa.follow_ups import alone

    with open_engine(index, reader) as engine:

        def answer(text: str) -> tuple[Any, bool, dict[str, Any]]:
            if after:
                text = alone(text, after, lambda earlier: engine.ask(earlier, source=source, since=since, until=until))
            result = engine.ask(text, k=k, source=source, since=since, until=until)
            described = result.to_dict()
            if explain:
                described["explain"] = [{"rank": item.rank, "features": dict(item.features)} for item in result.passages]
            return result, result.answered, described

        if question == "-":
            answered = True
            for line in read_lines("standard input"):
                _, one, described = answer(line)
                answered &= one
                print_json(described, indent=None)
        else:
            result, answered, described = answer(question)
            if result.question != question:
                tell(f"Understood as: {result.question}")
            if json:
                print_json(described)
            else:
                from qa.render import answer_view

                show(answer_view(result, document_root(engine), explain))
    if not answered:
        raise typer.Exit(ABSTAINED)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help='What to look for; "quoted phrases" must stand in the text.')],
    k: Annotated[int, typer.Option("--k", help="Most passages.")] = 10,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """List the best passages, without choosing an answer.

    Exit status: 0 found, 1 nothing found, 2 something is wrong.
    """
    with open_engine(index) as engine:
        hits = engine.search(query, k=k, source=source, since=since, until=until)
        if json:
            searched = engine.searched(source, since, until)
            print_json({"schema": 1, "query": query, "hits": [hit.to_dict() for hit in hits], "searched": searched.to_dict()})
        elif hits:
            from rich.console import Group

            from qa.render import citations_view

            show(Group(*citations_view(hits, document_root(engine), False)))
        else:
            from qa.render import scope_line

            print(f"Nothing found. {scope_line(engine.searched(source, since, until))}", file=sys.stderr)
    if not hits:
        raise typer.Exit(ABSTAINED)
