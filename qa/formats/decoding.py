"""Turn bytes into text: UTF-8 and what else text files are written in."""

from qa.formats.parsed import Unreadable

_TEXT_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"),
               (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))  # fmt: skip


def decode(data: bytes) -> tuple[str, str]:
    """Decode a file's bytes, byte order mark aside; return the text and the encoding's name.

    UTF-8, UTF-16 and UTF-32 by their marks; else UTF-8; else Windows-1252, which old office files
    use. Raises Unreadable for what is no text, and for UTF-8 with a stray byte: read as Windows-1252
    it would be quoted with "Ã©" for every "é".
    """
    for mark, encoding in _TEXT_MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise Unreadable(f"says {encoding} but byte {error.start + len(mark)} is not; save it as UTF-8") from None
    if b"\0" in data[:65536]:
        raise Unreadable("binary, not text; convert it to text first")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        position = error.start
    marked = [character for character in data.decode("utf-8", "surrogateescape") if character > "\x7f"]
    stray = sum("\udc80" <= character <= "\udcff" for character in marked)
    if len(marked) > 2 * stray:
        raise Unreadable(f"UTF-8 but for {stray} byte{'s' * (stray > 1)}, first byte {position}; save it as UTF-8")
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise Unreadable(f"not UTF-8 (byte {position}); save it as UTF-8") from None
    if any(character < " " and character not in "\t\n\r\f\v" for character in text):
        raise Unreadable("binary, not text; convert it to text first")
    return text, "windows-1252"
