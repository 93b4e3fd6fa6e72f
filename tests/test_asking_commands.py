"""The commands ask and search as a user runs them: output, streams and exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1] / "corpus"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the shipped corpus and no index yet."""
    folder = tmp_path_factory.mktemp("asking")
    (folder / "corpus").symlink_to(CORPUS)
    return folder


def qa(folder: Path, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from qa.cli import program; program()", *arguments]
    environ = {key: value for key, value in os.environ.items() if key != "QA_INDEX"} | environment
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, input=stdin, env=environ, check=False)


@pytest.mark.parametrize(("arguments", "status"), [(["--version-no"], 2), (["show", "--index", "none"], 2), (["--help"], 0)])
def test_leaving_at_once_keeps_the_status_the_output_and_what_was_to_be_done_at_the_end(
    folder: Path, arguments: list[str], status: int
) -> None:
    # Registered after the program's own, as libraries' are: it must still be called, and its words be seen.
    script = (
        "import atexit, os, sys; from qa.cli import application as a; plain = a.main\n"
        "def main():\n    atexit.register(lambda: print('tidied'))\n    plain()\n"
        "a.main = main; sys.argv = ['qa', *sys.argv[1:]]; a.program()"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert done.stdout.endswith("tidied\n")


@pytest.fixture(scope="module")
def first(folder: Path) -> subprocess.CompletedProcess[str]:
    return qa(folder, "ask", "Who chairs the Improvement Board?")


@pytest.mark.usefixtures("first")
class TestAsking:
    def test_the_first_question_builds_the_index_and_is_answered(self, first: subprocess.CompletedProcess[str]) -> None:
        assert first.returncode == 0, first.stderr
        assert "Rory Paterson" in first.stdout.splitlines()[0]
        assert "retold from “Medway Council page on improvements" in first.stdout
        assert "medway-council-2022.md:20" in first.stdout
        assert "No index yet: building index from ./corpus" in first.stderr
        assert "\x1b" not in first.stdout + first.stderr

    def test_who_somebody_is_is_answered_with_what_that_person_is(self, folder: Path) -> None:
        done = qa(folder, "ask", "-", stdin="Who is Eleanor Brazil?\nwho is alan jarrett\nWho is Barbara Peacock?\n")
        answers = [json.loads(line)["answer"]["text"] for line in done.stdout.splitlines()]
        assert "ommissioner" in answers[0]
        assert answers[1:] == ["Leader of Medway Council", "Medway Council's Director of Children and Adult Services"]

    def test_json_goes_to_standard_output_alone(self, folder: Path) -> None:
        done = qa(folder, "ask", "Who chairs the Improvement Board?", "--json", "--explain")
        described = json.loads(done.stdout)
        assert (done.returncode, done.stderr, described["answered"]) == (0, "", True)
        assert described["explain"][0]["rank"] == 1
        text = (CORPUS / described["citations"][0]["document"]).read_bytes().decode()
        assert text[described["citations"][0]["start"] : described["citations"][0]["end"]] == described["citations"][0]["quote"]

    def test_a_follow_up_is_completed_from_earlier_questions(self, folder: Path) -> None:
        done = qa(folder, "ask", "How often does it meet?", "--after", "Who chairs the Improvement Board?", "--json")
        assert json.loads(done.stdout)["question"] == "How often does the Improvement Board meet?"
        assert done.stderr == "Understood as: How often does the Improvement Board meet?\n"

    def test_what_is_not_answered_exits_with_1(self, folder: Path) -> None:
        done = qa(folder, "ask", "What is the capital of Mongolia?")
        assert done.returncode == 1
        assert "The documents don't answer this." in done.stdout
        assert "These words occur nowhere:" in done.stdout

    def test_a_mistyped_word_is_asked_as_typed_and_the_word_meant_is_named(self, folder: Path) -> None:
        done = qa(folder, "ask", "Which comittee scrutinises the Improvemnet plan in Mongolia?")
        shown = " ".join(done.stdout.split())
        assert "occur nowhere: comittee (did you mean committee?), Improvemnet (did you mean Improvement?), Mongolia." in shown
        done = qa(folder, "ask", "Which comittee scrutinises the Improvemnet plan in Mongolia?", "--json")
        assert json.loads(done.stdout)["question"] == "Which comittee scrutinises the Improvemnet plan in Mongolia?"
        assert json.loads(done.stdout)["unknown_words"] == ["comittee", "Improvemnet", "Mongolia"]

    @pytest.mark.parametrize("question", ["", "why is it", "😀", "the and of"])
    def test_a_question_without_words_is_an_abstention(self, folder: Path, question: str) -> None:
        done = qa(folder, "ask", question)
        assert (done.returncode, done.stderr) == (1, "")
        assert "no words to search for" in done.stdout

    def test_query_language_is_only_text(self, folder: Path) -> None:
        done = qa(folder, "ask", 'body:(chair AND "x) +-&&|| !{}[]^"~*?:\\/ OR')
        assert done.returncode in (0, 1)
        assert done.stderr == ""

    def test_too_long_a_question_is_one_line_and_exit_2(self, folder: Path) -> None:
        done = qa(folder, "ask", "a" * 100_000)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "qa: the question has 100,000 characters; ask one of at most 10,000\n"

    def test_many_questions_give_one_json_object_a_line(self, folder: Path) -> None:
        done = qa(folder, "ask", "-", stdin="Who chairs the Improvement Board?\n\nwhat is the capital of Mongolia\n")
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert [answer["answered"] for answer in answers] == [True, False]
        assert done.returncode == 1

    def test_search_lists_passages_and_exits_1_where_a_phrase_stands_nowhere(self, folder: Path) -> None:
        done = qa(folder, "search", '"independent chair" board', "--json")
        hits = json.loads(done.stdout)["hits"]
        assert hits
        assert all("independent chair" in hit["quote"] for hit in hits)
        done = qa(folder, "search", '"purple elephants"')
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Nothing found. Searched 5 documents")

    def test_filters_limit_what_is_searched(self, folder: Path) -> None:
        done = qa(folder, "ask", "Who chairs the Improvement Board?", "--source", "community*", "--since", "2020", "--json")
        described = json.loads(done.stdout)
        assert described["searched"]["documents"] == 1
        assert described["searched"]["filters"] == {"source": ["community*"], "since": "2020"}
        assert {item["document"] for item in described["citations"] + described["nearest"]} <= {"community-care-2020.md"}

    def test_a_date_that_is_none_is_one_line_and_exit_2(self, folder: Path) -> None:
        done = qa(folder, "ask", "x", "--since", "soon")
        assert (done.returncode, done.stderr) == (2, "qa: 'soon' is no date; write 2013, 2020-01 or 2022-06-17\n")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
    @pytest.mark.parametrize(
        "words",
        [["ask", "Who chairs the Improvement Board?"], ["ask", "Who chairs the Improvement Board?", "--json"], ["--help"]],
    )
    def test_output_that_cannot_be_written_is_one_line_and_exit_2(self, folder: Path, words: list[str]) -> None:
        for name in ("main", "program"):
            command = [sys.executable, "-c", f"from qa.cli import {name}; {name}()", *words]
            with Path("/dev/full").open("w") as full:
                done = subprocess.run(command, cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            assert (done.returncode, done.stderr) == (2, "qa: the output cannot be written (No space left on device)\n")

    def test_the_environment_names_the_index(self, folder: Path) -> None:
        done = qa(folder, "search", "board", QA_INDEX=str(folder / "index"))
        assert done.returncode == 0


def test_without_index_and_corpus_the_remedy_is_named(tmp_path: Path) -> None:
    done = qa(tmp_path, "ask", "anything")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "qa: index: holds no index and there is no ./corpus to build it from; run: qa index FOLDER\n"
    assert list(tmp_path.iterdir()) == []


def test_help_lists_every_command_with_what_it_is_for(tmp_path: Path) -> None:
    done = qa(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("index", "ask", "search", "show", "doctor", "verify"):
        assert f"\n  {command} " in done.stdout
    assert qa(tmp_path, "ask", "--nonsense").returncode == 2
