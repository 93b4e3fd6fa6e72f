"""Web pages become what a browser shows of them: main text, headings, rows, in order."""

import email.mime.multipart
import email.mime.text

import pytest

from qa.formats.parsed import Parsed, Unreadable
from qa.formats.web import parse_html, parse_mhtml


def read(page: str | bytes) -> Parsed:
    return parse_html(page.encode() if isinstance(page, str) else page, lambda: None)


def test_blocks_stand_apart_and_inline_words_together() -> None:
    parsed = read(
        "<h1>The <em>plan</em></h1><p>One\n  <b>bold</b>,<a href=x>link</a>.<br>Next&nbsp;line.</p>bare <i>words</i>"
        "<div>outer<p>inner</p>after</div><ul><li>first<li>second <ul><li>deep</ul></ul><pre>a\n  b</pre>"
    )
    assert parsed.text == (
        "The plan\n\nOne bold,link.\nNext line.\n\nbare words\n\nouter\n\ninner\n\nafter\n\n• first\n\n• second\n\n• deep\n\na\nb"
    )
    assert [(heading.level, heading.text) for heading in parsed.headings] == [(1, "The plan")]


def test_what_is_not_shown_is_not_read() -> None:
    parsed = read(
        "<head><title>T</title><style>p{}</style></head><body><nav>Home</nav><script>x()</script><p hidden>no</p>"
        "<p style='display: none'>no</p><!-- no --><template>no</template><p>Yes.</p><noscript>no</noscript></body>"
    )
    assert parsed.text == "Yes."


def test_of_a_page_with_a_main_part_only_that_is_read_and_the_report_says_so() -> None:
    parsed = read("<body><header>Site</header><main><h2>News</h2><p>The mole is whole.</p></main><footer>Imprint</footer></body>")
    assert parsed.text == "News\n\nThe mole is whole."
    assert parsed.coverage.notes == ("only its main part was read, without the page around it",)
    assert "Imprint" in read("<body><main></main><footer>Imprint</footer></body>").text, "an empty main part is none"


def test_tables_are_rows_under_their_header_and_layout_tables_are_not() -> None:
    parsed = read(
        "<table><tr><th>Quay<th>Depth<tr><td>North<td>6.5 m<tr><td>East<td></table>"
        "<table><tr><td>2019<td>12<tr><td>2020<td>14</table>"
        "<table><tr><td><h2>Side</h2><td><ul><li>Menu</ul></table>"
    )
    assert parsed.text == "Quay: North; Depth: 6.5 m\n\nQuay: East\n\n2019 | 12\n\n2020 | 14\n\nSide\n\n• Menu"
    assert parsed.coverage.tables == 2


def test_raised_digits_do_not_lengthen_the_number_before_them() -> None:
    page = "<p>At 06:40<sup>1</sup>, 12 m<sup><a href='#n'>2</a></sup>, the 1<sup>st</sup>, 10<sup>6</sup> of H<sub>2</sub>O.</p>"
    assert read(page).text == "At 06:40¹, 12 m², the 1st, 10⁶ of H2O."


def test_a_cell_that_spans_rows_stands_beside_each() -> None:
    parsed = read(
        "<table><tr><th>Day<th>First<th>Last<tr><td rowspan=2>Sunday<td>8<td rowspan=9999>18<tr><td>9"
        "<tr><td colspan=2>Monday</table>"
    )
    rows = ["Day: Sunday; First: 8; Last: 18", "Day: Sunday; First: 9; Last: 18", "Day: Monday; Last: 18"]
    assert parsed.text.split("\n\n") == rows


def test_banners_menus_and_the_marks_that_headings_are_linked_by_are_not_read() -> None:
    parsed = read(
        "<div role=navigation><a>Home</a></div><div role=dialog>We use cookies.</div>"
        "<h2>Tides<a class=headerlink href=#t>¶</a></h2>"
        "<p>High at <a href=#n>noon</a>.</p>"
    )
    assert parsed.text == "Tides\n\nHigh at noon."


@pytest.mark.parametrize(
    "page",
    [
        "<p>Krak\u00f3w “x”</p>".encode(),
        '<meta charset="iso-8859-2"><p>Kraków, Łódź</p>'.encode("iso-8859-2"),
        "<p>Kraków “x”</p>".encode("utf-16"),
        "<p>Kraków “x”</p>".encode("cp1252"),
    ],
)  # fmt: skip
def test_encodings_are_those_of_the_page(page: bytes) -> None:
    assert "Kraków" in read(page).text


def test_metadata_is_what_the_page_says_of_itself() -> None:
    page = (
        '<html lang="en-GB"><title>Plan - Site</title><meta property="og:title" content="The plan">'
        '<meta name=author content="A. Gunn">'
        '<meta property="og:site_name" content="Harbour"><meta property="article:published_time" content="2021-05-06T10:00:00Z">'
        '<link rel=canonical href="https://example.org/plan"><p>Words.'
    )
    assert dict(read(page).metadata) == {
        "title": "The plan", "author": "A. Gunn", "publisher": "Harbour", "date": "2021-05-06", "language": "en-GB",
        "url": "https://example.org/plan",
    }  # fmt: skip
    assert dict(
        read('<title>T</title><meta name=date content="tomorrow"><link rel=canonical href="javascript:x"><p>W').metadata
    ) == {"title": "T"}


def test_a_page_saved_with_its_pictures_is_read() -> None:
    message = email.mime.multipart.MIMEMultipart("related")
    message.attach(email.mime.text.MIMEText("<h1>Saved</h1><p>Kraków words.</p>", "html", "utf-8"))
    assert parse_mhtml(message.as_bytes(), lambda: None).text == "Saved\n\nKraków words."
    with pytest.raises(Unreadable, match="no web page is in it"):
        parse_mhtml(b"Subject: x\n\nwords", lambda: None)


def test_deep_nesting_ends() -> None:
    try:
        read("<div>" * 100_000 + "deep")
    except (Unreadable, RecursionError):
        return
