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


@pytest.mark.parametrize(
    ("page", "main"),
    [
        ("<div><h1>Plan</h1><p>It was adopted in May by the board.</div><article><h3>Parks</h3><p>Read on.</article>", False),
        ("<p>The plan was adopted in May by the board.</p><article><h3>Parks</h3><p>Read on.</article>", False),
        ("<h1>Plan</h1><p>It was adopted in May.</p><article><h1>Parks</h1><p>Read on.</article>", False),
        ("<article><h1>Plan</h1><p>Adopted.</article><div>Read on about parks, tides and the quays.</div>", True),
        ("<h1><img src=a></h1><h1 class=sr-only>Port</h1><article><h1>Plan</h1></article><p>Read on here.", True),
        ("<h1>Port</h1><article><h2>Plan</h2><p>It was adopted in May by the board.</article><p>Read on.", True),
    ],
)
def test_the_only_article_is_the_main_part_where_it_has_the_title_or_half_of_the_words(page: str, main: bool) -> None:
    parsed = read(f"<body>{page}</body>")
    assert parsed.coverage.notes == (("only its article part was read, without the page around it",) if main else ())
    assert "Plan" in parsed.text or "plan" in parsed.text


@pytest.mark.parametrize(
    "panel",
    [
        "<h3><button>Who?</button></h3><div style='color: red; Display : none'><p>Free.</div>",
        "<h3>Who? <button aria-expanded=false>+</button></h3><div hidden>Free.</div>",
        "<h3><a role=button>Who?</a></h3><p aria-hidden=true>Free.</p>",
        "<div role=tabpanel aria-hidden=true>Free.</div>",
        "<h3 id=q>Who?</h3><p>Ask.</p><div role=region aria-labelledby=q hidden>Free.</div>",
        "<a aria-controls='p1 p2'>Who?</a><div id=p2 style='visibility:hidden' hidden>Free.</div>",
    ],
)
def test_what_a_reader_of_the_page_can_unfold_is_read(panel: str) -> None:
    assert read(f"<p>Fares.</p>{panel}").text.split("\n\n")[-1] == "Free."


@pytest.mark.parametrize(
    "hidden",
    [
        "<h3><button>Who?</button></h3><div>All.<p hidden>no</p></div>",
        "<h3><button>Who?</button></h3><p>All.</p><div hidden>no</div>",
        "<h3><button>Who?</button></h3><i aria-hidden=true>no</i>",
        "<h3>Who? <button>Copy</button></h3><p hidden>no</p>",
        "<h3>Who?</h3><div hidden>no</div><div hidden role=region>no</div>",
        "<button aria-controls=m aria-haspopup=true>Menu</button><ul id=m hidden><li>no</ul>",
        "<input aria-controls=m><ul id=m hidden><li>no</ul><div hidden><div role=tabpanel>no</div></div>",
        "<button aria-controls=m>Ask</button><div id=m role=dialog hidden>no</div>",
    ],
)
def test_what_is_hidden_otherwise_is_not_read(hidden: str) -> None:
    assert "no" not in read(f"<p>Fares.</p>{hidden}").text


def test_the_report_counts_hidden_stretches_of_some_length_that_were_not_read() -> None:
    long = "The ferry leaves at nine. " * 4
    page = f"<p>Fares.</p><div hidden><p>{long}</p><p hidden>{long}</div><p hidden>Short.</p><nav hidden>{long}</nav>"
    parsed = read(f"{page}<div role=tabpanel hidden>{long}</div><table><tr hidden><td>{long}<td>2<tr><td>1<td>2</table>")
    assert parsed.coverage.notes == ("stretches of hidden words not read: 1",)


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


def test_a_cell_that_spans_columns_belongs_to_each_but_a_remark_is_told_once() -> None:
    remark = "There is no ferry on any day of the week while the slip is being rebuilt, " + "which takes long."
    parsed = read(
        "<table><tr><th rowspan=2>Ticket<th colspan=2>Season<th rowspan=2>Dogs<tr><th>Summer<th>Winter"
        "<tr><td>Adult<td>6<td>4<td>1<tr><td>Child<td colspan=2>free<td>1<tr><td>Pupil<td colspan=3>free"
        f"<tr><td>Crew<td colspan=3>{remark}<tr><td colspan=2>Total<td>9<td>2<tr><td colspan=4>Groups</table>"
    )
    assert parsed.text.split("\n\n") == [
        "Ticket: Adult; Season Summer: 6; Season Winter: 4; Dogs: 1",
        "Ticket: Child; Season Summer: free; Season Winter: free; Dogs: 1",
        "Ticket: Pupil; Season Summer: free; Season Winter: free; Dogs: free",
        f"Ticket: Crew; Season Summer: {remark}",
        "Ticket: Total; Season Winter: 9; Dogs: 2",
        "Ticket: Groups",
    ]


FARES = "Fares, Ticket: Single; Adult: 2, Ticket: Return; Adult: 3"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<tr><th>Chair<td>Ann Lee<tr><th>Secretary<td>Bob Ray", "Chair | Ann Lee, Secretary | Bob Ray"),
        (
            "<tr><th colspan=2>Medway<tr><td colspan=2>A town<tr><th>Chair<td>Ann Lee<tr><th>Wards<td><ul><li>North<li>East</ul>",
            "Medway, A town, Chair | Ann Lee, Wards | North East",
        ),
        ("<thead><tr><th colspan=2>Medway<tbody><tr><th>Chair<td>Ann<tr><th>Clerk<td>Bob", "Medway, Chair | Ann, Clerk | Bob"),
        ("<thead><tr><td></td><th>2019<th>2020<tbody><tr><th>Fees<td>5<td>6", "Fees; 2019: 5; 2020: 6"),
        ("<tr><td><th>2019<tr><th>Fees<td>5<tr><th>Dues<td>7", "Fees; 2019: 5, Dues; 2019: 7"),
        ("<thead><tr><td>2019<td>2020<tbody><tr><td>5<td>6", "2019: 5; 2020: 6"),
        ("<thead><tr><th>Quay<td>Depth<tbody><tr><th>North<td>6<tr><th>East<td>8", "Quay: North; Depth: 6, Quay: East; Depth: 8"),
        (
            "<tr><th colspan=2>Board<th>Year<tr><th>Chair<td>Ann<td><tr><td>Bob<td>Roe<td>2",
            "Board: Chair; Ann, Board: Bob; Roe; Year: 2",
        ),
        (
            "<thead><tr><th colspan=3>Fares<tr><td><th>Adult<th>Child<tbody><tr><td>Single<td>2<td>1<tr><td>Return<td>3<td>2",
            "Fares, Single; Adult: 2; Child: 1, Return; Adult: 3; Child: 2",
        ),
        ("<tr><th colspan=2>Fares<tr><th>Ticket<th>Adult<tr><td>Single<td>2<tr><td>Return<td>3", FARES),
        ("<tr><td colspan=2>Fares<tr><td>Ticket<td>Adult<tr><td>Single<td>2<tr><td>Return<td>3", FARES),
        ("<thead><tr><th colspan=2>Fares<tbody><tr><td>Single<td>2<tr><td>Return<td>3", "Fares, Single | 2, Return | 3"),
        ("<tr><td>Owner<td>Ann Lee<tr><td>Rent<td>£640<tr><td>Use<td>shop", "Owner | Ann Lee, Rent | £640, Use | shop"),
        ("<tr><th>Alone<th>Row", "Alone | Row"),
    ],
)  # fmt: skip
def test_names_of_rows_are_no_names_of_columns_and_years_are_where_the_page_marks_them(rows: str, expected: str) -> None:
    assert read(f"<table>{rows}</table>").text.split("\n\n") == expected.split(", ")


def test_a_heading_that_is_a_button_to_unfold_what_is_below_is_a_heading_and_other_buttons_are_not_read() -> None:
    parsed = read(
        "<h2>Fees <button>Copy link</button></h2><p>Free.</p>"
        "<h2><button aria-expanded=true>Opening <b>hours</b></button><a>#</a><button>Copy</button></h2>"
        "<p>We open at nine. <button>Book</button></p><button><h3>Where</h3></button><p>Here.</p>"
        "<details><summary><button>How</button></summary>So.</details>"
    )
    assert parsed.text.split("\n\n") == ["Fees", "Free.", "Opening hours", "We open at nine.", "Where", "Here.", "How", "So."]
    assert [heading.text for heading in parsed.headings] == ["Fees", "Opening hours", "Where"]


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
        b'<meta charset="undefined"><p>Krak\xf3w, \x935 \x80\x94</p>',
        b'<meta charset="utf-16"><p>Krak\xf3w</p>',
    ],
)  # fmt: skip
def test_encodings_are_those_of_the_page(page: bytes) -> None:
    assert "Kraków" in read(page).text


@pytest.mark.parametrize("name", ["ISO-8859-1", "latin1", "us-ascii", "iso-8859-9"])
def test_encodings_are_read_as_the_larger_ones_that_browsers_take_them_for(name: str) -> None:
    page = (
        f"<meta http-equiv=content-type content='text/html; charset={name}'>".encode() + b"<p>Ann\x92s 5 \x80\x85 at caf\xe9</p>"
    )
    assert read(page).text == "Ann’s 5 €… at café"
    declared = f"<?xml version='1.0' encoding='{name}'?>".encode() + b"<html><body><p>Ann\x92s</p></body></html>"
    assert read(declared).text == "Ann’s"


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


def test_lists_are_numbered_as_a_browser_numbers_them() -> None:
    parsed = read(
        "<ol start=3><li>third<li value=7>seventh<li><p>eighth</p><p>more</p></ol><ol type=a reversed><li>bee<li>aye</ol>"
        "<ol style='list-style: none'><li>bare</ol><ul><li><p>dot</p></ul><ol><li><h2>Powers</h2><ol type=i><li>one</ol></ol>"
    )
    assert parsed.text.split("\n\n") == [
        "3. third", "7. seventh", "8. eighth", "more", "b. bee", "a. aye", "bare", "• dot", "1. Powers", "i. one"
    ]  # fmt: skip
    assert [heading.text for heading in parsed.headings] == ["1. Powers"]


def test_banners_links_past_the_menu_and_words_for_screen_readers_are_not_read() -> None:
    parsed = read(
        "<section id=cookie-law><h2>Cookie law</h2><p>Passed in 2011.</section><section id=cookie-banner><h2>Hi</h2></section>"
        "<aside id=cookie-notice><h2>Your choice</h2><button>Accept</button></aside><div id=cookie-law><h2>Cookies</h2></div>"
        "<a class=skip-link href=#m>Skip to main content</a><div id=cookie-banner><p>We use cookies.</p></div>"
        "<section class='site cookie-consent'>Accept?</section><p class=sr-only>Opens in a new window.</p>"
        "<p style='visibility: hidden'>no</p><p>The cookie notice was <del>ten</del> <ins>twelve</ins> lines long.</p>"
        "<div class=consents>Consent was given by the board.</div><section id=consent-notice>Consents are kept a year.</section>"
    )
    assert parsed.text.split("\n\n") == [
        "Cookie law", "Passed in 2011.",
        "The cookie notice was twelve lines long.", "Consent was given by the board.", "Consents are kept a year."
    ]  # fmt: skip


def test_captions_and_paragraphs_of_cells_are_kept_and_lists_in_cells_are_no_layout() -> None:
    parsed = read(
        "<table><caption>Quays by depth</caption><tr><th>Quay<th>Uses<tr><td><p>North</p><p>old</p>"
        "<td><ul><li>fish</li><li>salt</li></ul>"
        "</table><table><tr><th rowspan=2>Quay<th colspan=2>Ships<tr><th>2019<th>2020<tr><td>East<td>31<td>40</table>"
    )
    assert parsed.text.split("\n\n") == [
        "Quays by depth", "Quay: North old; Uses: fish salt", "Quay: East; Ships 2019: 31; Ships 2020: 40"
    ]  # fmt: skip


def test_a_page_saved_by_a_browser_says_where_it_came_from() -> None:
    page = "From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/plan\nContent-Type: text/html\n\n<p>Words."
    assert parse_mhtml(page.encode(), lambda: None).metadata["url"] == "https://example.org/plan"


def test_a_term_and_its_definitions_are_one_line() -> None:
    parsed = read(
        "<dl><dt>Pilot on <b>duty</b><dd>Anna Nowak<dt>Depth:<dd><p>4.2 m\n at the mole</p></dd><dd>3 m beside it"
        "<dt>Quay</dt><dt>Pier</dt><dd hidden>no</dd><dd>where ships lie"
        "<dt>Is there parking?<dd>Yes. It is free.</dd><dd>Ask first.<dt>Alone</dl>"
    )
    assert parsed.text.split("\n\n") == [
        "Pilot on duty: Anna Nowak", "Depth: 4.2 m at the mole; 3 m beside it", "Quay, Pier: where ships lie",
        "Is there parking? Yes. It is free. Ask first.", "Alone",
    ]  # fmt: skip


def test_definitions_of_more_than_a_paragraph_stay_apart_from_their_terms() -> None:
    parsed = read(
        "<dl><div><dt>Mole<dd>a wall</div><div><dt>Quays<dd><ul><li>North<li>East</ul></div></dl>"
        "<dl>Loose<dt>Weir<dd>a dam</dl><dl><dt><h3>Tides</h3><dd>Twice a day.</dl>"
    )
    assert parsed.text.split("\n\n") == [
        "Mole: a wall", "Quays", "• North", "• East", "Loose", "Weir", "a dam", "Tides", "Twice a day."
    ]  # fmt: skip
    assert [heading.text for heading in parsed.headings] == ["Tides"]
