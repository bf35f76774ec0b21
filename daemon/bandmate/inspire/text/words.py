"""Keywords that a text names: its own words, in English, emoji and eight other languages.

Several words go before one. What is denied ("not sad", "without drums") is found as denied;
everyday words such as bridge count only where music is meant. Pure: no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bandmate.inspire.text import negation
from bandmate.style.keywords import Word, plain

_TOKEN = re.compile(r"\d+/\d+|[^\W_]+(?:[&'][^\W_]+)*|[^\w\s]")
_WORD = re.compile(r"[^\W_]")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Kana, Han and Hangul: words there are found anywhere, not between blanks."""
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_KANA = re.compile(r"[\u3040-\u30ff]")

_MUSICAL = frozenset({"genre", "energy", "texture", "section", "era"})
_BETWEEN = frozenset({",", ";", "/", "+", "&", "and", "with", "or", "und", "et", "y", "e"})
_COMMA = ","
_ENDS = frozenset(".,;:!?()\n…。、，！？")
_SPOKEN = {"en": 0, "de": 1, "fr": 2, "es": 3, "it": 4, "pt": 5}
_ENOUGH = 0.2
"""Share of a text's words that must be among the commonest of a language to tell it."""

_LOOK_ROUND = 5
"""Characters around a Japanese, Korean or Chinese word in which a denial may stand."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the vocabulary, said in a text."""

    word: str
    language: str
    """``en`` or one of ``keywords.LANGUAGES``."""
    start: int
    end: int
    """Tokens of the text, from 0, the last not included."""
    is_denied: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of a text say by themselves."""

    said: tuple[Said, ...]
    """In the order of the text, each word once."""
    rest: str
    """The text without what is denied: what a model may read."""
    language: str
    """``en``, a code of ``keywords.LANGUAGES``, or ``other`` for a script that is not known."""


class Finder:
    """Finds the words of a vocabulary in texts."""

    def __init__(self, words: Mapping[str, Word]) -> None:
        self._words = words
        self._rows: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        self._unspaced: list[tuple[str, str, str]] = []
        for name, word, language in names_of(words):
            if _UNSPACED.search(name):
                self._unspaced.append((name, word, language))
            else:
                tokens = tokens_of(name)
                self._rows.setdefault(tokens[0], []).append((tokens, word, language))
        for rows in self._rows.values():
            rows.sort(key=lambda row: (-len(row[0]), _SPOKEN.get(row[2], 9)))
        self._unspaced.sort(key=lambda row: -len(row[0]))

    def read(self, text: str) -> Reading:
        """Return what a text says; never fails."""
        tokens = tokens_of(text)
        found = [*self._spaced(tokens)]
        found = [*self._meant(found, tokens)]
        denied = _denied(tokens)
        found = [_weighed(one, tokens, denied) for one in found]
        gone = {i for i in range(len(tokens)) if i in denied and _WORD.search(tokens[i])}
        said = {one.word: one for one in reversed([*found, *self._in_unspaced(plain(text))])}
        return Reading(
            said=tuple(sorted(said.values(), key=lambda one: one.start)),
            rest=" ".join(token for i, token in enumerate(tokens) if i not in gone),
            language=_language(tokens, found),
        )

    def _spaced(self, tokens: tuple[str, ...]) -> Iterator[Said]:
        i = 0
        while i < len(tokens):
            for row, word, language in self._rows.get(tokens[i], ()):
                if tokens[i : i + len(row)] == row:
                    yield Said(word, language, i, i + len(row))
                    i += len(row) - 1
                    break
            i += 1

    def _meant(self, found: list[Said], tokens: tuple[str, ...]) -> Iterator[Said]:
        """Yield what is found, but for everyday words where nothing says that music is meant."""
        held = {i for one in found for i in range(one.start, one.end)}
        is_all_held = all(i in held or t in _BETWEEN | _ENDS for i, t in enumerate(tokens))
        musical = {
            i
            for one in found
            if self._words[one.word].kind in _MUSICAL
            for i in range(one.start, one.end)
        }
        for one in found:
            is_plain = not self._words[one.word].is_common or one.end - one.start > 1
            around = (_step(tokens, one.start, -1), _step(tokens, one.end - 1, 1))
            if (
                is_plain
                or is_all_held
                or any(
                    i in musical or tokens[i] in negation.CUES
                    for i in around
                    if 0 <= i < len(tokens)
                )
            ):
                yield one

    def _in_unspaced(self, text: str) -> Iterator[Said]:
        for name, word, language in self._unspaced:
            at = text.find(name)
            if at >= 0:
                before = text[max(0, at - _LOOK_ROUND) : at]
                after = text[at + len(name) : at + len(name) + _LOOK_ROUND]
                text = text[:at] + "\n" * len(name) + text[at + len(name) :]
                yield Said(word, language, at, at + len(name), _is_denied_around(before, after))


def names_of(words: Mapping[str, Word]) -> Iterator[tuple[str, str, str]]:
    """Yield every spelling that is found, the word that it means and its language."""
    for word in words.values():
        for name in (word.word, *word.also):
            yield plain(name), word.word, "en"
        for language, others in word.other.items():
            for other in others:
                for form in negation.forms(plain(other), language):
                    yield form, word.word, language


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the words, signs and emoji of a text, in small letters."""
    return tuple(_TOKEN.findall(plain(text.replace("\n", " . ")))) or ("",)


def _step(tokens: tuple[str, ...], at: int, way: int) -> int:
    """Return the next place one way that holds no connecting word."""
    at += way
    while 0 <= at < len(tokens) and tokens[at] in _BETWEEN:
        at += way
    return at


def _denied(tokens: tuple[str, ...]) -> frozenset[int]:
    """Return the places of a text that a denial holds or reaches."""
    denied: set[int] = set()
    i = left = 0
    is_list = False
    goes_on = _lists_that_go_on(tokens)
    while i < len(tokens):
        token, width = tokens[i], _denial_at(tokens, i)
        if width:
            # "not without hope" is a hope.
            is_double = token in negation.DOUBLES and left == negation.REACH
            left = 0 if is_double else negation.REACH
            denied.update(range(i, i + width))
            is_list = token in negation.LISTED
        elif token == _COMMA and left and is_list and i in goes_on:
            left = negation.REACH
        elif token in _ENDS or token in negation.TURNS:
            left = 0
        elif left:
            denied.add(i)
            is_listed = i + 1 < len(tokens) and tokens[i + 1] in negation.LISTING
            if token not in negation.LISTING and not _is_function_word(token):
                left = max(left - 1, int(is_listed))
        i += max(1, width)
    return frozenset(denied)


def _lists_that_go_on(tokens: tuple[str, ...]) -> frozenset[int]:
    """Return the places behind which a list goes on: "without drums, bass or strings"."""
    found = set()
    goes_on = False
    for i in reversed(range(len(tokens))):
        if goes_on:
            found.add(i)
        if tokens[i] in negation.ALTERNATIVES:
            goes_on = True
        elif tokens[i] in _ENDS and tokens[i] != _COMMA:
            goes_on = False
    return frozenset(found)


def _denial_at(tokens: tuple[str, ...], at: int) -> int:
    """Return how many words deny what follows them, 0 for none."""
    if any(tokens[at : at + len(idiom)] == idiom for idiom in negation.IDIOMS):
        return 0
    widths = [len(p) for p in negation.PHRASES if tokens[at : at + len(p)] == p]
    return max(widths, default=int(tokens[at] in negation.DENIALS))


def _is_function_word(token: str) -> bool:
    return any(token in words for words in negation.FUNCTION_WORDS.values())


def _weighed(one: Said, tokens: tuple[str, ...], denied: frozenset[int]) -> Said:
    """Return the word with what stands before it: a denial, or what softens it."""
    before = tokens[max(0, one.start - 3) : one.start]
    is_soft = any(before[-len(softener) :] == softener for softener in negation.SOFTENERS)
    # A name that denies by itself ("no vocals") is not denied by its own first word.
    itself = tokens[one.start] in negation.DENIALS
    is_denied = one.start in denied and not itself
    return replace(one, is_denied=is_denied, weight=0.5 if is_soft else 1.0)


def _is_denied_around(before: str, after: str) -> bool:
    """Return True where a Chinese, Japanese or Korean word is denied."""
    is_before = before[-2:].strip() and any(sign in before[-2:] for sign in "不没沒無无非别안")
    return bool(is_before) or any(sign in after for sign in ("ない", "なく", "ません", "않", "없"))


def _language(tokens: tuple[str, ...], found: list[Said]) -> str:
    """Return the language of most words: by script, by its commonest ones, by what was found."""
    text = "".join(tokens)
    letters = [sign for sign in text if sign.isalpha()]
    unspaced = sum(bool(_UNSPACED.match(sign)) for sign in letters)
    if letters and unspaced * 2 > len(letters):
        return _east(text)
    latin = sum(sign < "\u0250" for sign in letters)
    if letters and latin * 2 < len(letters):
        return "other"
    counts = dict.fromkeys(_SPOKEN, 0)
    for language, words in negation.FUNCTION_WORDS.items():
        counts[language] += sum(token in words for token in tokens)
    best = max(counts, key=lambda language: (counts[language], -_SPOKEN[language]))
    # One "en" or "la" makes no Spanish: languages share their shortest words.
    if counts[best] < _ENOUGH * len(tokens):
        counts = dict.fromkeys(_SPOKEN, 0)
    for one in found:
        if one.language in counts:
            counts[one.language] += 1
    return max(counts, key=lambda language: (counts[language], -_SPOKEN[language]))


def _east(text: str) -> str:
    if _HANGUL.search(text):
        return "ko"
    return "ja" if _KANA.search(text) else "zh"
