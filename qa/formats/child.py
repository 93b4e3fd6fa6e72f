"""The program that parses untrusted files, in a process of its own: `python -m qa.formats.child`.

A request is a line of JSON with the number of bytes that follow it. Replies are lines of JSON: `beat`
while there is progress, then one with the result or the reason why there is none.
"""

import base64
import json
import os
import sys
import time
from typing import IO, Any

from qa.formats.decoding import decode
from qa.formats.parsed import Beat, Parsed, Unreadable
from qa.locators import Area

MEMORY_BYTES = 1_000_000_000
BEAT_SECONDS = 0.5


def parse(ending: str, data: bytes, beat: Beat, *, ocr: bool = False) -> Parsed:
    """Parse a file's bytes by its name's ending, images of text too with `ocr`; raises Unreadable with the reason."""
    match ending:
        case ".pdf":
            from qa.formats.pdf import parse_pdf

            return parse_pdf(data, beat, ocr=ocr)
        case ".docx" | ".docm" | ".dotx":
            from qa.formats.word import parse_docx

            return parse_docx(data, beat)
        case ".html" | ".htm" | ".xhtml":
            from qa.formats.web import parse_html

            return parse_html(data, beat)
        case ".mhtml" | ".mht":
            from qa.formats.web import parse_mhtml

            return parse_mhtml(data, beat)
        case ".pptx" | ".pptm" | ".ppsx":
            from qa.formats.slides import parse_pptx

            return parse_pptx(data, beat)
        case ".xlsx" | ".xlsm" | ".xlsb" | ".xls" | ".ods":
            from qa.formats.sheets import parse_workbook

            return parse_workbook(data, beat)
        case ".csv" | ".tsv" | ".tab":
            from qa.formats.sheets import parse_table

            return parse_table(data, ending, beat)
        case ".odt" | ".ott" | ".odp":
            from qa.formats.opendocument import parse_opendocument

            return parse_opendocument(data, beat)
        case ".epub":
            from qa.formats.books import parse_epub

            return parse_epub(data, beat)
        case ".eml" | ".mbox":
            from qa.formats.mail import parse_mail

            return parse_mail(data, ending, beat)
        case ".rtf":
            from qa.formats.rich import parse_rtf

            return parse_rtf(data, beat)
        case ".json":
            from qa.formats.structured import parse_json

            return parse_json(data, beat)
        case ".jsonl" | ".ndjson":
            from qa.formats.structured import parse_json_lines

            return parse_json_lines(data, beat)
        case ".md" | ".markdown":
            from qa.formats.markdown import parse_markdown

            return parse_markdown(decode(data)[0], beat)
        case ".rst":
            from qa.formats.restructured import parse_rst

            return parse_rst(decode(data)[0], beat)
    raise Unreadable(f"unknown type {ending}")


def to_json(parsed: Parsed) -> dict[str, Any]:
    """Return what a format found as JSON; `sandbox.from_json` takes it back."""
    return {
        "body": parsed.body,
        "headings": [list(vars(heading).values()) for heading in parsed.headings],
        "metadata": dict(parsed.metadata),
        "text": parsed.text.encode("utf-8", "replace").decode(),
        "locators": [
            [item.start, item.kind, item.number, item.name, base64.b64encode(item.boxes).decode()] for item in parsed.locators
        ],
        "coverage": {name: value for name, value in vars(parsed.coverage).items() if name != "characters"},
    }


def answer(request: dict[str, Any], data: bytes, beat: Beat) -> dict[str, Any]:
    """Carry out one request; what a file can be blamed for becomes a reason."""
    try:
        if request["task"] == "draw":
            from qa.formats.pdf import draw_page

            areas = [Area(**area) for area in request["areas"]]
            image = draw_page(data, request["page"], areas, request["width"])
            return {"image": base64.b64encode(image).decode()}
        return {"parsed": to_json(parse(request["ending"], data, beat, ocr=request["ocr"]))}
    except Unreadable as error:
        return {"unreadable": str(error)}
    except MemoryError:
        return {"unreadable": f"needs more than {MEMORY_BYTES // 1_000_000:,} MB of memory to read; split it"}
    except RecursionError:
        return {"unreadable": "nested too deeply; open it in its own program and save a copy"}
    except Exception as error:  # noqa: BLE001 - parsers of damaged files fail in any way; the reason is told, the rest goes on
        return {"unreadable": f"damaged ({type(error).__name__}); open it in its own program and save a copy"}


def limit_memory() -> None:
    """Let this process have no more than MEMORY_BYTES; on systems that cannot, it may have more."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    last = time.monotonic()

    def reply(value: dict[str, Any]) -> None:
        replies.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        replies.flush()

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last > BEAT_SECONDS:
            last = time.monotonic()
            reply({"beat": True})

    while line := requests.readline():
        request = json.loads(line)
        data = requests.read(request["size"])
        reply(answer(request, data, beat))
        del data


def main() -> None:
    """Serve on standard input and output; what a parser prints goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    limit_memory()
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
