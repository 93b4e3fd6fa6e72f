"""PDFs written by hand, for what the writers of documents seldom do."""

from collections.abc import Sequence

BOLD = " /F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>"


class Page:
    """Gather what is drawn on a page of 612 by 792 points, in the order in which it is drawn."""

    def __init__(self, rotate: int = 0, *, image: bool = False) -> None:
        self.rotate = rotate
        self.content = "q 500 0 0 600 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n" if image else ""

    def write(self, x: float, y: float, words: str, size: float = 11, *, bold: bool = False) -> None:
        """Write words from a point measured from the lower left."""
        escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.content += f"BT /F{2 if bold else 1} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n"

    def rule(self, *corners: float) -> None:
        """Draw a line from one point to another, through more where there are any."""
        points = [f"{x} {y}" for x, y in zip(corners[::2], corners[1::2], strict=True)]
        self.content += f"{points[0]} m {' '.join(f'{point} l' for point in points[1:])} S\n"

    def grid(self, lefts: Sequence[float], tops: Sequence[float]) -> None:
        """Draw the lines of a table between its left and right edge and its upper and lower one."""
        for x in lefts:
            self.rule(x, tops[0], x, tops[-1])
        for y in tops:
            self.rule(lefts[0], y, lefts[-1], y)


def pdf(pages: Sequence[Page], *, encrypted: bool = False, **info: str) -> bytes:
    """Return a PDF of some pages; an encrypted one has a password that nobody knows."""
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    told = " ".join(f"/{name} ({value})" for name, value in info.items())
    objects.append(f"<< {told} >>".encode("latin-1"))
    kids = []
    for page in pages:
        content = page.content.encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate {page.rotate} /Contents {len(objects)} 0 R"
            f" /Resources << /Font << /F1 3 0 R{BOLD if '/F2' in page.content else ''} >> >> >>".encode()
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    extra = ""
    if encrypted:
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>".encode())
        extra = f" /Encrypt {len(objects)} 0 R /ID [<{'43' * 16}> <{'43' * 16}>]"
    written = [b"%PDF-1.4\n"]
    places, length = [], len(written[0])
    for number, content in enumerate(objects, start=1):
        places.append(length)
        written.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        length += len(written[-1])
    out = b"".join(written)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R{extra} >>"
    return (
        out
        + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n".encode()
    )
