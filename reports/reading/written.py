"""Text, wherever it lies: its encoding, its lines, and the cells of its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from .numerals import allowed, possible
from .options import Reading

FORMATS = "give text (CSV, TSV) in UTF-8, Parquet (.parquet, .pq), Excel (.xlsx) or NumPy (.npy)"
HEAD_LINES = 100
# No text holds it, so that every line is one cell.
NO_DELIMITER = "\x1f"
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR_LINE = re.compile(r'"?sep=(\\t|.)"?\s*', re.IGNORECASE)
Row = tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """Bytes that can be read again from their beginning, how many there are, and the encoding of their letters."""

    open: Callable[[], BinaryIO]
    size: int
    encoding: str

    def lines(self) -> Iterator[str]:
        """Yield line by line, with their ends.

        Raises
        ------
        ValueError
            When this is no text in that encoding.
        """
        with self.open() as stream, io.TextIOWrapper(stream, self.encoding, newline="") as text:
            try:
                for line in text:
                    if _CONTROL.search(line):
                        raise ValueError(
                            "this is not a text file, it holds control characters; "
                            f"{FORMATS}, or name the encoding, such as encoding='utf-16'."
                        )
                    yield line
            except UnicodeError:
                raise ValueError(
                    f"this is not a text file in {_in_words(self.encoding)}; {FORMATS}, "
                    "or name the encoding of the text, such as encoding='latin-1' or encoding='cp1252'."
                ) from None


def _in_words(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper()


def encoding_of(open_bytes: Callable[[], BinaryIO], said: str | None) -> str:
    """Return what the user said, or the byte order mark says, or else UTF-8."""
    with open_bytes() as stream:
        first = stream.read(4)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if first.startswith(mark)), None)
    if said is None:
        return marked or "utf-8"
    # Whoever says UTF-8 does not mean that its mark belongs to the first name.
    return marked if marked is not None and marked.startswith(codecs.lookup(said).name[:6]) else said


@dataclass(frozen=True)
class Layout:
    """What separates the cells of a text, the line that its rows begin in, and the comment before it."""

    delimiter: str
    first_line: int
    comment: str | None = None


def layout_of(written: Written, reading: Reading) -> Layout:
    """Look at the head of a text.

    Raises
    ------
    ValueError
        When there is none, or when its delimiter may be a decimal sign and the user must say.
    """
    separator, comment, first_line = None, None, 0
    head: list[str] = []
    for number, line in enumerate(written.lines(), 1):
        found = _SEPARATOR_LINE.fullmatch(line.strip("\r\n ")) if number == 1 else None
        if found:
            separator = "\t" if found[1] == "\\t" else found[1]
        elif line.startswith("#"):
            comment = comment if head else line[1:].strip()
        elif line.strip():
            head.append(line.strip(" \r\n"))
            first_line = first_line or number
            if len(head) == HEAD_LINES:
                break
    if not head:
        raise ValueError("the file is empty.")
    return Layout(separator or _delimiter(head, reading), first_line, comment)


def _delimiter(head: Sequence[str], reading: Reading) -> str:
    """Return the separator that most of the first lines hold; a comma when none is in more than half of them."""
    lines = [_QUOTED.sub("q", line) for line in head]
    # In this order: commas are also decimal signs, and spaces stand beside every separator and inside of names.
    held = {delimiter: sum(delimiter in line for line in lines) for delimiter in "\t;|, "}
    best = max(held, key=lambda delimiter: held[delimiter])
    best = best if 2 * held[best] > len(lines) else ","
    if best in ", " and _is_one_column(lines, best, reading):
        return NO_DELIMITER
    if best == "," and _commas_are_decimal(lines):
        return " "
    return best


def _is_one_column(lines: Sequence[str], sign: str, reading: Reading) -> bool:
    """Return whether every line is a number as a whole, in which the sign is no delimiter."""
    said = allowed(reading.decimal, reading.thousands)
    has_name = not possible(lines[0]) and sign not in lines[0]
    body = lines[1:] if has_name else lines
    if not any(sign in line for line in body) or not all(possible(line) & said for line in body):
        return False
    cells = [line.split(sign) for line in body]
    if len({len(each) for each in cells}) > 1 or sign in (reading.decimal, reading.thousands):
        return True
    # Programs write no zero before the digits of a number: it is the rest of one.
    has_rests = any(len(cell) > 1 and cell.startswith("0") and cell.isdecimal() for each in cells for cell in each[1:])
    if sign == " ":
        return has_rests  # else columns of numbers; with a name, R's row names before one
    if has_name:
        return True
    if has_rests:
        raise ValueError(
            f"lines such as {lines[0]!r} may be one column with decimal commas or {len(cells[0])} columns: "
            "say decimal=',' or decimal='.'."
        )
    return False


def _commas_are_decimal(lines: Sequence[str]) -> bool:
    """Return whether spaces separate numbers with decimal commas, which commas would cut in pieces."""
    body = lines[1:] or lines
    cells = [line.split() for line in body]
    one_width = len({len(each) for each in cells}) == 1 and len(cells[0]) > 1
    numbers = one_width and all(possible(cell) for each in cells for cell in each)
    return numbers and not all(possible(cell) for line in body for cell in line.split(","))


def rows(written: Written, layout: Layout) -> Iterator[tuple[int, Row]]:
    """Yield the line that each row ends on, and its cells; a blank line is no row, but in a single column a missing cell.

    The standard library splits them: pandas fills short rows without a word, and neither it nor pyarrow keeps the line
    that a row came from.
    """
    number, width = 0, 0

    def lines() -> Iterator[str]:
        nonlocal number
        for number, line in enumerate(written.lines(), 1):
            if number < layout.first_line:
                continue
            # Colours begin with the sign of a comment, too; a comment has other cells than a row.
            if line.startswith("#") and (width < 2 or line.count(layout.delimiter) != width - 1):
                continue
            yield _prepared(line, layout.delimiter)

    reader = csv.reader(lines(), delimiter=layout.delimiter, skipinitialspace=True, strict=True)
    blank: list[int] = []
    try:
        for cells in reader:
            if _is_blank(cells):
                blank.append(number)
                continue
            if width == 1:
                yield from ((line, ("",)) for line in blank)
            blank.clear()
            width = width or len(cells)
            # A tuple, since the garbage collector need not track tuples of text.
            yield number, tuple(cells)
    except csv.Error as error:
        raise ValueError(f"line {number} cannot be split into cells ({printable(str(error))}).") from None


def _prepared(line: str, delimiter: str) -> str:
    if delimiter == " ":
        return re.sub(r"[ \t]+", " ", line.strip())
    return line if line.strip(" \r\n") else ""


def _is_blank(cells: Sequence[str]) -> bool:
    return not cells or (len(cells) > 1 and not any(map(str.strip, cells)))


def printable(text: str) -> str:
    """Write a text on one line, and without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
