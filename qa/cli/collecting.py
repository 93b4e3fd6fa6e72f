"""Commands that make question sets: questions new, add and check."""

from pathlib import Path
from typing import Annotated

import typer

from qa.cli.application import DEFAULT_INDEX, WRONG, IndexOption, JsonOption, app, open_engine, print_json
from qa.cli.evaluating import QueriesOption, QuestionsArgument
from qa.errors import BadInput

questions = typer.Typer(
    help="Make and check question sets for eval and calibrate.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
app.add_typer(questions, name="questions")

DEFAULT_SET = Path("questions.jsonl")


@questions.command()
def new(
    file: Annotated[Path, typer.Argument(help="File to make.")] = DEFAULT_SET,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="Most drafts.")] = 20,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="GLOB", help="Only documents whose path matches; repeatable.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Draft questions from the documents' headings and sentences, for you to fill in.

    A draft counts once its question is written and its "draft" mark is taken away or false.
    """
    from qa.questions.drafting import draft_questions, write_lines

    with open_engine(index) as engine:
        drafts = draft_questions(engine.store, count, source or ())
    write_lines(file, drafts)
    if json:
        print_json({"schema": 1, "file": str(file), "drafts": drafts})
    else:
        print(
            f"{len(drafts):,} drafts in {file}: write each question and take away its draft mark, then: qa questions check {file}"
        )


@questions.command()
def add(
    question: Annotated[str, typer.Argument(help="The question.")],
    expect: Annotated[str | None, typer.Option("--expect", metavar="TEXT", help="The documents' words that answer it.")] = None,
    unanswerable: Annotated[bool, typer.Option("--unanswerable", help="The documents don't answer it.")] = False,
    doc: Annotated[str | None, typer.Option("--doc", metavar="PATH", help="Document that holds the words.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Take every place where the words stand.")] = False,
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="Question set to add to.")] = DEFAULT_SET,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Add a question, finding where its answer stands."""
    from qa.questions.drafting import append_question, find_answers
    from qa.questions.golds import StoredTexts
    from qa.retriever import check_question

    if (expect is None) != unanswerable:
        raise BadInput("say what answers it with --expect, or that nothing does with --unanswerable")
    if not question.strip():
        raise BadInput("the question is empty")
    check_question(question.strip(), k=1)  # what cannot be asked could not be read back either
    with open_engine(index) as engine:
        answers = [] if expect is None else find_answers(StoredTexts(engine.store), expect, doc, every)
    record = append_question(file, question.strip(), answers)
    if json:
        print_json({"schema": 1, "file": str(file), "added": record})
    else:
        where = ", ".join(f"{answer['doc']} at {answer['start']:,}" for answer in answers) or "not answered by the documents"
        print(f"{record['id']} added to {file}: {where}")


@questions.command()
def check(
    file: QuestionsArgument,
    queries: QueriesOption = None,
    index: IndexOption = DEFAULT_INDEX,
    json: JsonOption = False,
) -> None:
    """Check a question set against the index: every fault with file, line and field.

    Exit status: 0 all is well, 2 something is wrong.
    """
    from qa.evaluation.relevance import Relevance
    from qa.questions.files import read_questions
    from qa.questions.golds import StoredTexts, resolve

    read = read_questions(file, queries)
    with open_engine(index) as engine:
        judged, unresolved = resolve(read, StoredTexts(engine.store))
        relevance = Relevance(engine.store)
        split = [item.question.place for item in judged if relevance.nowhere(item)]
    faults = [*read.faults, *unresolved]
    if not read.questions and not faults:
        faults = [f"{file}: holds no questions that count"]
    answerable = sum(item.answerable for item in judged)
    counts = {
        "answerable": answerable,
        "unanswerable": len(judged) - answerable,
        "drafts": read.drafts,
        "unjudged": read.unjudged,
    }
    if json:
        print_json({"schema": 1, "file": str(file), **counts, "faults": faults, "in_no_passage": split})
    else:
        for fault in faults:
            print(fault)
        for place in split:
            print(f"{place}: no passage holds its answer whole, so it counts as not found; choose shorter words (no fault)")
        told = ", ".join(
            f"{number:,} {name}" for name, number in counts.items() if number or name in ("answerable", "unanswerable")
        )
        print(f"{file}: {told}; {len(faults):,} faults" if faults else f"{file}: {told}; all is well")
    if faults:
        raise typer.Exit(WRONG)
