"""Keywords: the vocabulary as shipped, how it is typed, held and added up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bandmate.errors import AskError, FileError
from bandmate.inspire.text.words import names_of, tokens_of
from bandmate.paths import shipped
from bandmate.style.genres import GENRES, SECTIONS
from bandmate.style.keywords import (
    HARMONIES,
    KINDS,
    LANGUAGES,
    MOST,
    Keyword,
    Traits,
    keywords_to_text,
    merged,
    plain,
    read_keywords,
    traits_of,
    vocabulary,
)

WORDS = vocabulary()


def test_there_are_enough_of_each_kind() -> None:
    assert 240 <= len(WORDS) <= 280
    counts = Counter(word.kind for word in WORDS.values())
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 10
    for language in ("de", "fr", "es", "it", "pt", "zh"):
        assert sum(language in word.other for word in WORDS.values()) > 150, language


def test_each_word_means_something_and_has_an_anchor_of_its_own() -> None:
    neutral = {word.word for word in WORDS.values() if word.traits == Traits()}
    assert neutral <= {"instrumental"}
    assert len({word.anchor for word in WORDS.values()}) == len(WORDS)
    assert all(len(word.anchor.split()) >= 5 for word in WORDS.values())


def test_no_name_means_two_words() -> None:
    meant: dict[str, set[str]] = {}
    for name, word, _ in names_of(WORDS):
        meant.setdefault(name, set()).add(word)
    assert {name: words for name, words in meant.items() if len(words) > 1} == {}


def test_every_genre_and_section_of_the_models_has_a_word() -> None:
    from bandmate.chords.steering import CHORD_GENRES

    assert HARMONIES == CHORD_GENRES
    assert {word.traits.style for word in WORDS.values()} - {None} == set(GENRES)
    assert {word.traits.genre for word in WORDS.values()} - {None} == set(HARMONIES)
    assert {word.traits.section for word in WORDS.values()} - {None} == set(SECTIONS)
    for genre in GENRES:
        (keyword,) = read_keywords(genre)
        assert traits_of([keyword]).style == genre
    for genre in HARMONIES:
        assert traits_of(read_keywords(genre)).genre == genre


def test_the_phrases_that_judge_the_co_writer_hold_no_word_of_the_vocabulary() -> None:
    said = yaml.safe_load(
        (Path(__file__).parents[1] / "models" / "chords" / "phrases.yaml").read_text("utf-8")
    )
    phrases = [tokens_of(phrase) for group in said.values() for phrase in group]
    assert len(phrases) >= 60
    runs = {
        phrase[i:j]
        for phrase in phrases
        for i in range(len(phrase))
        for j in range(i + 1, len(phrase) + 1)
    }
    names = {name for name, _, _ in names_of(WORDS)} | {plain(word) for word in WORDS}
    assert {name for name in names if tokens_of(name) in runs} == set()


READ = [
    ("", ()),
    ("sad", (Keyword("sad"),)),
    (
        " Melancholic:0.8, hip-hop:0.5! ,slow",
        (Keyword("melancholic", 0.8), Keyword("hip hop", 0.5, True), Keyword("slow")),
    ),
    (["traurig", "😢"][0], (Keyword("sad"),)),
    ("💔", (Keyword("heartbroken"),)),
    ("LO-FI", (Keyword("lo-fi"),)),
    ("house", (Keyword("house music"),)),
    ("悲伤:1", (Keyword("sad"),)),
    ("r&b!", (Keyword("r&b", 1.0, True),)),
]


@pytest.mark.parametrize(("text", "keywords"), READ)
def test_keywords_are_read(text: str, keywords: tuple[Keyword, ...]) -> None:
    assert read_keywords(text) == keywords


WRONG = [
    ("melancolic", r"keywords must be words such as melancholic.*, not 'melancolic'$"),
    ("sad:0", r"weight of sad must be above 0 and at most 1, not '0'$"),
    ("sad:2", r"weight of sad must be in 0\.\.1, not '2'$"),
    ("sad:loud", r"weight of sad must be in 0\.\.1, not 'loud'$"),
    ("sad,traurig", r"keywords must say sad once, not twice$"),
    ("sad,", r"keywords must be words such as .*, not ''$"),
    (",".join(["sad"] * 9), r"keywords must be 0\.\.8 words, not 9$"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_mistake_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(AskError, match=words):
        read_keywords(text)


def test_what_is_written_is_read_back() -> None:
    for text, keywords in READ:
        assert read_keywords(keywords_to_text(keywords)) == keywords, text
    assert keywords_to_text(read_keywords("melancholic:0.80,slow!")) == "melancholic:0.8,slow!"


def test_locked_words_stay_and_found_ones_fill_up() -> None:
    held = read_keywords("sad!,slow,jazz:0.4!")
    found = tuple(Keyword(word, 0.5) for word in ("jazz", "happy", "warm", "dark"))
    names = [keyword.word for keyword in merged(held, found)]
    assert names == ["sad", "jazz", "happy", "warm", "dark"]
    assert merged(held, found)[1] == Keyword("jazz", 0.4, True)
    assert merged(held, ()) == (held[0], held[2], held[1])
    many = [Keyword(word) for word in list(WORDS)[:20]]
    assert len(merged(held, many)) == MOST
    assert len(merged(held, many, 3)) == 3


def test_traits_add_up_by_weight() -> None:
    sad, joyful = WORDS["sad"].traits.valence, WORDS["joyful"].traits.valence
    assert sad is not None and joyful is not None
    both = traits_of(read_keywords("sad:0.5,joyful"))
    assert both.valence == pytest.approx((0.5 * sad + joyful) / 1.5)
    assert traits_of(read_keywords("jazz:0.4,rock:0.9")).genre == "rock"
    assert traits_of(read_keywords("jazz,rock")).genre == "jazz"
    assert traits_of(read_keywords("rock:0.9,sad,dorian:0.2")).mode == "dor"
    assert traits_of(()) == Traits()


def own(folder: Path, text: str) -> Path:
    (folder / "keywords.yaml").write_text(text, "utf-8")
    return folder


def test_a_musician_may_write_words_of_their_own(tmp_path: Path) -> None:
    text = "mood:\n  Blurry Eyed:\n    traits: {valence: -0.5, energy: -1}\n    tempo: [60, 70]\n"
    words = vocabulary(own(tmp_path, text + "    also: bleary, 🥱\n    common: true\n"))
    word = words["blurry eyed"]
    assert word.traits == Traits(valence=-0.5, energy=-1)
    assert (word.tempo, word.also, word.is_common) == ((60.0, 70.0), ("bleary", "🥱"), True)
    assert word.anchor == "Blurry Eyed"


UNREAD = [
    ("mood: [sad\n", FileError, r"keywords\.yaml is not YAML: "),
    ("", AskError, r"^keywords\.yaml must be lines of `kind: words`, not None$"),
    ("colour: {}\n", AskError, r"^keywords\.yaml: kinds must be mood, .*, not 'colour'$"),
    ("mood: {sad: {shade: 1}}\n", AskError, r"^keywords\.yaml: sad may say traits, "),
    ("mood: {sad: {traits: {valence: 2}}}\n", AskError, r"valence of sad must be in -1\.\.1"),
    ("mood: {sad: {traits: {genre: jaz}}}\n", AskError, r"genre of sad must be one such as jazz"),
    ("mood: {sad: {traits: {hue: 1}}}\n", AskError, r"traits of sad must be valence, "),
    ("mood: {sad: {tempo: 90}}\n", AskError, r"tempo of sad must be \[low, high\], not 90$"),
    ("mood: {sad: {other: {xx: a}}}\n", AskError, r"languages of sad must be de, .*'xx'"),
    ("mood: {sad: {}}\nenergy: {sad: {}}\n", AskError, r"sad must stand once, not twice$"),
]


@pytest.mark.parametrize(("text", "kind", "words"), UNREAD)
def test_a_mistake_in_the_file_is_told(
    tmp_path: Path, text: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        vocabulary(own(tmp_path, text))


def test_a_vocabulary_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"keywords\.yaml cannot be read: "):
        vocabulary(tmp_path)
    assert shipped("presets", "keywords.yaml").is_file()
    assert set(LANGUAGES) >= {code for word in WORDS.values() for code in word.other}
