"""Read question sets as others publish them: SQuAD (Rajpurkar et al. 2016, 2018), BEIR (Thakur et al. 2021) and TREC."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qa.errors import BadInput
from qa.questions.lines import Collector, asked, file_text, json_lines, word
from qa.questions.records import Expected, Fault, Question, QuestionFile, short


def read_squad(path: Path) -> QuestionFile:
    """Read SQuAD 1 or 2; answers are placed in their paragraphs, which resolving finds in the documents."""
    text, collector = file_text(path), Collector(path)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: not JSON ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise BadInput(f"{path}:1: data: missing; a .json file must be SQuAD's, JSON Lines end in .jsonl")
    line, position = 1, 0
    for name, article, paragraph, entry in _entries(path, data["data"], collector):
        # A parser keeps no lines: the line is that of the next place where the id stands in the file.
        identity = entry.get("id")
        found = text.find(json.dumps(identity, ensure_ascii=False), position) if isinstance(identity, str) else -1
        if found >= 0:
            line, position = line + text.count("\n", position, found), found
        with collector.noting():
            collector.take(_from_squad(f"{path}:{line}", name, article, paragraph, entry))
    return collector.file()


def _entries(
    path: Path, articles: list[Any], collector: Collector
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each question's place in the file with its article, paragraph and itself."""
    for number, article in enumerate(articles):
        with collector.noting():
            for below, paragraph in enumerate(_list(f"{path}: data[{number}]", article, "paragraphs")):
                where = f"data[{number}].paragraphs[{below}]"
                for last, entry in enumerate(_list(f"{path}: {where}", paragraph, "qas")):
                    if not isinstance(entry, dict):
                        raise Fault(f"{path}: {where}.qas[{last}]: must be an object")
                    yield f"{where}.qas[{last}]", article, paragraph, entry


def _list(where: str, record: object, key: str) -> list[Any]:
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, list):
        raise Fault(f"{where}.{key}: missing, or no list")
    return value


def _from_squad(
    place: str, name: str, article: Mapping[str, Any], paragraph: Mapping[str, Any], entry: Mapping[str, Any]
) -> Question:
    identity, text = word(entry, "id", place), asked(entry, "question", place)
    context, title = paragraph.get("context"), article.get("title")
    if not isinstance(context, str) or not context.strip():
        raise Fault(f"{place}: {name.rpartition('.')[0]}.context: missing, or empty")
    expected = []
    answers = [] if entry.get("is_impossible") is True else _list(f"{place}: {name}", entry, "answers")
    for number, answer in enumerate(answers):
        field = f"{name}.answers[{number}]"
        start = answer.get("answer_start") if isinstance(answer, dict) else None
        if not isinstance(start, int) or isinstance(start, bool):
            raise Fault(f"{place}: {field}.answer_start: missing, or no whole number")
        expected.append(Expected(field, start=start, text=word(answer, "text", f"{place}: {field}"), context=context))
    about = title if isinstance(title, str) else None
    return Question(identity, text, tuple(expected), bool(expected), place, about)


def read_judged(path: Path, queries: Path) -> QuestionFile:
    """Read TREC's or BEIR's judgements of documents with the queries of a .tsv or .jsonl file.

    Every judged query counts, also one whose judgements are all 0, as in `trec_eval -c`; queries
    without judgements are counted apart.
    """
    if not queries.is_file():
        raise BadInput(f"{path}: its queries are missing; {queries} does not exist (name another with --queries)")
    collector = Collector(path)
    texts = _queries(queries, collector)
    judged = _judgements(path, collector)
    for identity, (place, expected) in judged.items():
        with collector.noting():
            if identity not in texts:
                raise Fault(f"{place}: query: {short(identity)} is not in {queries}")
            collector.take(Question(identity, texts[identity], tuple(expected), True, place))
    return collector.file(unjudged=len(texts.keys() - judged.keys()))


def _queries(path: Path, collector: Collector) -> dict[str, str]:
    texts: dict[str, str] = {}
    for place, record in json_lines(path, collector.faults) if path.suffix == ".jsonl" else _tabbed(path):
        with collector.noting():
            identity = word(record, "_id", place)
            if identity in texts:
                raise Fault(f"{place}: _id: {short(identity)} is there twice")
            texts[identity] = asked(record, "text", place)
    return texts


def _tabbed(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(file_text(path).split("\n"), start=1):
        identity, _, text = line.rstrip("\r").partition("\t")
        if line.strip():
            yield f"{path}:{number}", {"_id": identity.strip(), "text": text}


def _judgements(path: Path, collector: Collector) -> dict[str, tuple[str, list[Expected]]]:
    """Return each query's place and judgements, from `query 0 document grade` or BEIR's three columns with a header."""
    judged: dict[str, tuple[str, list[Expected]]] = {}
    seen: dict[tuple[str, str], str] = {}
    for number, line in enumerate(file_text(path).split("\n"), start=1):
        place, fields = f"{path}:{number}", line.split("\t") if "\t" in line else line.split()
        fields = [item.strip() for item in fields]
        if not line.strip() or (number == 1 and fields[0] == "query-id"):
            continue
        with collector.noting():
            if len(fields) not in (3, 4):
                raise Fault(f"{place}: has {len(fields)} fields; judgements have query, 0, document and grade")
            query, document, grade = fields[0], fields[-2], fields[-1]
            if not re.fullmatch(r"-?\d{1,9}", grade, re.ASCII):
                raise Fault(f"{place}: grade: {short(grade)} is no whole number")
            if (query, document) in seen:
                raise Fault(f"{place}: document: {short(document)} is judged for this query in {seen[query, document]} too")
            seen[query, document] = place
            judged.setdefault(query, (place, []))[1].append(Expected("document", document, grade=int(grade)))
    return judged
