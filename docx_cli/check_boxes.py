"""Check boxes and radio buttons on paper, with their labels and their state.

They are found as squares and rings in the picture of the page, or as characters: U+2610 to
U+2612, the boxes of the font Wingdings, "[x]", "( )". The words beside one are its key. A ring
alone may be anything; radio buttons come in twos at least, of one size and with labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docx_cli.document import Basis, Box, Evidence, FormField, KeyValue, Page, TextRegion, Word
from docx_cli.forms import STATES
from docx_cli.key_values import typed
from docx_cli.layout import A4, Floats
from docx_cli.squares import Square

SURE = {"geometry": 0.95, "rules": 0.85}
"""Confidence of a mark that is a character, and of one that was seen in the picture."""
NEAR = 2.0
"""Most white between a mark and its label, in heights of a line."""
WORDS_APART = 1.0
"""Most white within a label."""
LONGER = 1.6
"""Width of a word, in those of a ring, from which it holds more than the ring."""
LEAST_RING = 0.45
"""Width of a ring, in heights of its label, below which it is a bullet of a list."""
EQUAL_RINGS = 0.15
"""By how much the rings of a page may differ in width."""

CLOSE = 4.0
"""How far below one another options of a list stand, at most, in heights of their marks."""

_EMPTY = "☐□▢◻❏❑○◯❍\uf06f\uf071\uf0a8"
_FULL = "☑☒⊠⊗◉\uf0fe\uf0fd\uf052\uf053"
_MARK = re.compile(
    rf"(?:[{_EMPTY}]|(?P<full>[{_FULL}])|\[_?(?P<box>[xX✓✔]?)_?\]|\(_?(?P<ring>[xX✓✔]?)_?\))"
)
_ROUND = "OQCGDoceabdpq069@©®(°"
"""How OCR reads a ring that it takes for the end of a word, and letters that look like one."""
_GLUED = re.compile(r"[OQC0@©®(°]+(?=[A-Z0-9][a-z0-9])")
_DRAWN = re.compile(r"[xXvV✓✔✗✘•●]")
_CROSS = re.compile(r"[\W_xXvV]*")


@dataclass(frozen=True)
class _Mark:
    """A mark; `words` are numbers of the words it is made of, `rest` what is glued to the last.

    `ring` says that it is one in the picture, `sure` that it is not the letter of a word.
    """

    box: Box
    checked: bool
    basis: Basis
    words: tuple[int, ...] = ()
    rest: str = ""
    ring: bool = False
    sure: bool = True


@dataclass(frozen=True)
class _Label:
    """Words beside a mark, and the white between, in heights of a line; without any, infinite."""

    words: tuple[int, ...]
    white: float


def check_boxes(
    page: Page, squares: Iterable[Square], fields: Sequence[FormField] = ()
) -> list[KeyValue]:
    """Read the check boxes of a page, in the order of its words; without words beside, none.

    Args:
        page: with its words.
        squares: those of its picture, and rings.
        fields: of its PDF form, whose boxes are known better.
    """
    size = (page.width, page.height) if page.width * page.height > 0 else A4
    boxes = np.array([w.box.as_tuple() for w in page.words]).reshape(-1, 4) * (*size, *size)
    characters = _characters(page.words, boxes)
    marks = characters + _drawn(page.words, squares, characters)
    marks = [m for m in marks if not any(f.box.contains(*m.box.center) for f in fields)]
    pairs = _labelled(page, marks, boxes)
    kept = _in_twos(marks, pairs)
    if not all(kept):  # what is no mark is the wall of no label
        marks = [mark for mark, keep in zip(marks, kept, strict=True) if keep]
        pairs = _labelled(page, marks, boxes)
    return [pair for pair in pairs if pair]


def _labelled(page: Page, marks: Sequence[_Mark], boxes: Floats) -> list[KeyValue | None]:
    """Pair each mark with the words beside it; `boxes` are those of all words in points, [W, 4]."""
    size = (page.width, page.height) if page.width * page.height > 0 else A4
    taken = {w for m in marks for w in m.words if not m.rest}
    places = np.array([m.box.as_tuple() for m in marks]).reshape(-1, 4) * (*size, *size)
    sides = []
    for m, mark in enumerate(marks):
        free = np.array([i not in taken and i not in mark.words for i in range(len(boxes))], bool)
        sides.append([_label(sign, m, places, boxes, free) for sign in (-1, 1)])
    # Of all marks of a page the labels stand on one side: the nearer one of most.
    right = sum(
        bool(m.rest) or after.white < before.white
        for m, (before, after) in zip(marks, sides, strict=True)
    )
    order = (1, 0) if 2 * right >= len(marks) else (0, 1)
    pairs = []
    for mark, both in zip(marks, sides, strict=True):
        label = both[order[0]].words or both[order[1]].words
        if mark.rest:
            label = (mark.words[-1], *both[1].words)
        pairs.append(_pair(page, mark, label))
    return pairs


def _in_twos(marks: Sequence[_Mark], pairs: Sequence[KeyValue | None]) -> list[bool]:
    """Say which marks are no rings, or sure ones of which two at least are equal and have labels.

    One of them must be empty: letters with something in the middle come in numbers, too. A ring
    that may be a letter must also stand in line with a sure one.
    """
    labelled = [
        mark.ring and pair is not None and not _is_bullet(mark, pair)
        for mark, pair in zip(marks, pairs, strict=True)
    ]
    known = [mark for mark, label in zip(marks, labelled, strict=True) if label and mark.sure]
    out = []
    for mark, label in zip(marks, labelled, strict=True):
        alike = [m for m in known if label and m is not mark and _equal(mark.box, m.box)]
        empty = not mark.checked or not all(m.checked for m in alike)
        near = mark.sure or any(_in_line(mark.box, m.box) for m in alike)
        out.append(not mark.ring or (bool(alike) and empty and near))
    return out


def _equal(one: Box, other: Box) -> bool:
    wide = one.x1 - one.x0
    return abs(other.x1 - other.x0 - wide) <= EQUAL_RINGS * wide


def _in_line(one: Box, other: Box) -> bool:
    """Say whether one stands beside the other, or close above or below it."""
    (x, y), (u, v) = one.center, other.center
    wide, high = one.x1 - one.x0, one.y1 - one.y0
    return abs(y - v) < 0.25 * high or (abs(x - u) < 0.25 * wide and abs(y - v) < CLOSE * high)


def _is_bullet(mark: _Mark, pair: KeyValue) -> bool:
    high = max(word.box.y1 - word.box.y0 for word in pair.key.evidence.words)
    return mark.box.y1 - mark.box.y0 < LEAST_RING * high


def merged(pairs: Iterable[KeyValue], marks: Sequence[KeyValue]) -> list[KeyValue]:
    """Put check boxes in the place of pairs that took their marks for values."""
    used = {id(word) for mark in marks for word in mark.value.evidence.words}
    kept = [p for p in pairs if not all(id(w) in used for w in p.value.evidence.words)]
    return [*kept, *marks]


def _characters(words: Sequence[Word], boxes: Floats) -> list[_Mark]:
    """Find marks that are characters; "[", "x" and "]" may be three words."""
    out: list[_Mark] = []
    at = 0
    while at < len(words):
        for count in (3, 2, 1):
            group = range(at, min(at + count, len(words)))
            text = "".join(words[i].text for i in group)
            found = _MARK.match(text)
            glued = found and count == 1 and (found.end() > 1 or text[0] in _EMPTY + _FULL)
            if found and (glued or found.end() == len(text)) and _together(boxes[group]):
                full = bool(found["full"] or found["box"] or found["ring"])
                box = Box.around(words[i].box for i in group)
                out.append(_Mark(box, full, "geometry", tuple(group), text[found.end() :]))
                at = group[-1]
                break
        at += 1
    return out


def _together(boxes: Floats) -> bool:
    """Say whether words follow each other closely in a line."""
    gaps, height = boxes[1:, 0] - boxes[:-1, 2], (boxes[:, 3] - boxes[:, 1]).max()
    level = np.ptp(boxes[:, 1]) < 0.5 * height
    return bool(level and (gaps > -0.5 * height).all() and (gaps < height).all())


def _drawn(words: Sequence[Word], squares: Iterable[Square], known: Sequence[_Mark]) -> list[_Mark]:
    """Make marks of squares; what OCR read in one is no word, but letters make it another thing."""
    out = []
    for square in squares:
        if any(m.box.contains(*square.box.center) for m in known):
            continue
        inside = tuple(i for i, w in enumerate(words) if square.box.contains(*w.box.center))
        # OCR reads an empty box as "O", "D" or "C]", a marked one as "X" or "&".
        short = all(len(words[i].text) < 3 for i in inside)
        digits = any(c.isdigit() and c != "0" for i in inside for c in words[i].text)
        seen = all(words[i].confidence is not None for i in inside)
        crosses = all(_CROSS.fullmatch(words[i].text) for i in inside)
        if not crosses and not (seen and short and not digits):
            continue
        if _is_letter(square, words):
            continue
        out += _beside_words(square, inside, words)
    return out


def _is_letter(square: Square, words: Sequence[Word]) -> bool:
    """Say whether a square lies in a word of the PDF's own text, such as the D of a title."""
    no_letter = _DRAWN if square.round else _CROSS
    return any(
        w.confidence is None
        and w.box.contains(*square.box.center)
        and not no_letter.fullmatch(w.text)
        for w in words
    )


def _beside_words(square: Square, inside: tuple[int, ...], words: Sequence[Word]) -> list[_Mark]:
    """Make a mark of a square or a ring, if it is not a letter in a word.

    Where OCR read it and its label as one, it stands at an end of the word. The word may also begin
    with a letter that looks like a ring: that is to be told by other rings of the page.
    """
    (x, y), wide = square.box.center, square.box.x1 - square.box.x0
    sure, rest = True, ""
    for i, word in enumerate(words):
        left, right = x - word.box.x0, word.box.x1 - x
        if i in inside or not word.box.contains(x, y) or left + right < LONGER * wide:
            continue
        if min(left, right) > wide:
            return []
        if square.round and word.text[0 if left < right else -1] in _ROUND:
            glued = _GLUED.match(word.text) if left < right else None
            if glued is None:
                sure = False
            else:
                inside, rest = (i,), word.text[glued.end() :]
    return [_Mark(square.box, square.marked, "rules", inside, rest, ring=square.round, sure=sure)]


def _label(sign: int, m: int, marks: Floats, boxes: Floats, free: NDArray[np.bool_]) -> _Label:
    """Return the words beside mark `m`, up to the next mark or wide white.

    Args:
        sign: 1 for the words to its right, -1 for those to its left.
        m: its number.
        marks: boxes of all marks in points, [M, 4].
        boxes: those of the words, [W, 4].
        free: which of these may belong to a label, [W].
    """
    mark, walls = marks[m], np.delete(marks, m, axis=0)
    near, far = (0, 2) if sign > 0 else (2, 0)
    reach, first, most, high = sign * mark[far], np.inf, NEAR, 0.0
    beyond = sign * walls[_level(mark, walls)][:, near]
    wall = min(beyond[beyond > reach], default=np.inf)
    level, label = free & _level(mark, boxes), []
    for i in np.argsort(sign * boxes[:, near], kind="stable").tolist():
        start, end = sign * boxes[i, near], sign * boxes[i, far]
        # A word that OCR began too early, at the mark, stands where its middle is.
        if not level[i] or end <= reach or start + end <= sign * (mark[0] + mark[2]):
            continue
        high = max(high, boxes[i, 3] - boxes[i, 1])
        white = max(start - reach, 0.0) / high
        if start >= wall or white > most:
            break
        label.append(i)
        first = white if len(label) == 1 else first
        reach, most = end, WORDS_APART
    return _Label(tuple(label[::sign]), first)


def _level(mark: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Say which boxes stand in the line of a mark."""
    shared = np.minimum(boxes[:, 3], mark[3]) - np.maximum(boxes[:, 1], mark[1])
    return np.asarray(shared > 0.4 * np.minimum(boxes[:, 3] - boxes[:, 1], mark[3] - mark[1]))


def _pair(page: Page, mark: _Mark, label: Sequence[int]) -> KeyValue | None:
    """Make a pair of a mark and its label, if that says something."""
    words = tuple(page.words[i] for i in label)
    texts = [w.text for w in words]
    if mark.rest:
        texts[0] = mark.rest
    if not any(c.isalnum() for text in texts for c in text):
        return None
    place = Evidence(page.number, Box.around(w.box for w in words), words)
    key = typed(TextRegion(" ".join(texts), place))
    own = tuple(page.words[i] for i in mark.words)
    value = TextRegion(STATES[mark.checked], Evidence(page.number, mark.box, own))
    return KeyValue(key, value, SURE[mark.basis], basis=(mark.basis,), checked=mark.checked)
