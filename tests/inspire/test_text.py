"""Texts: named words first, denials, languages; then meaning, on sentences labelled for this."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from bandmate.errors import AskError, Unavailable, WeightsError
from bandmate.inspire.inspiration import Inspiration
from bandmate.inspire.text import embedding
from bandmate.inspire.text.words import Finder
from bandmate.paths import shipped
from bandmate.style.keywords import Word, traits_of, vocabulary

WORDS = vocabulary()
FINDER = Finder(WORDS)

SAID = [
    ("memory of a warm summer beach", "nostalgic,warm,summery,oceanic", ""),
    ("not sad, but hopeful", "hopeful", "sad"),
    ("not a sad or dark song, something bright", "bright", "sad,dark"),
    ("without drums, strings or brass, happy", "happy", "percussive,strings,brass"),
    ("I don't want a sad song", "", "sad"),
    ("anything but happy", "", "happy"),
    ("no dark", "", "dark"),
    ("no, sad", "sad", ""),
    ("not only sad but angry", "sad,angry", ""),
    ("no matter how dark", "dark", ""),
    ("not without hope", "hopeful", ""),
    ("nothing scary. calm", "calm", "scary"),
    ("no vocals", "instrumental", ""),
    ("nicht traurig", "", "sad"),
    ("Ich will kein trauriges Lied, sondern ein fröhliches", "happy", "sad"),
    ("une chanson triste et douce sans batterie", "sad,gentle", "percussive"),
    ("música triste y lenta, sin guitarra", "sad,slow", "guitar"),
    ("non triste ma allegro", "joyful", "sad"),
    ("uma noite calma e nostálgica", "nocturnal,calm,nostalgic", ""),
    ("悲伤的夜晚", "sad,nocturnal", ""),
    ("不悲伤", "", "sad"),
    ("슬픈 노래", "sad", ""),
    ("楽しい夏", "joyful,summery", ""),
    ("lo-fi hip-hop 😢💔", "lo-fi,hip hop,heartbroken,sad", ""),
    ("boom bap beats", "hip hop,percussive", ""),
    ("drum & bass", "drum and bass", ""),
    ("a rock ballad of the 80s", "rock,ballad,eighties", ""),
    ("rock, soul", "rock,soul", ""),
    ("the bridge over the water", "", ""),
    ("a country road", "", ""),
    ("country music", "country", ""),
    ("грустная песня", "", ""),
]


@pytest.mark.parametrize(("text", "wanted", "denied"), SAID)
def test_named_words_are_found_and_denials_heard(text: str, wanted: str, denied: str) -> None:
    said = FINDER.read(text).said
    named = {one.word for one in said if not one.is_denied}
    assert named == set(filter(None, wanted.split(",")))
    assert {one.word for one in said if one.is_denied} == set(filter(None, denied.split(",")))


def test_what_softens_halves_the_weight_of_the_next_word_only() -> None:
    said = FINDER.read("slightly nostalgic jazz with a hint of sadness").said
    assert {one.word: one.weight for one in said} == {"nostalgic": 0.5, "jazz": 1.0, "sad": 0.5}


LANGUAGES = [
    ("a walk in the park with my dog", "en"),
    ("traurig", "de"),
    ("ein Spaziergang mit dem Hund und der Katze", "de"),
    ("une promenade avec le chien dans les rues", "fr"),
    ("un paseo con el perro por las calles", "es"),
    ("una passeggiata con il cane per la via", "it"),
    ("um passeio com o cão e uma menina", "pt"),
    ("雨の夜", "ja"),
    ("下雨的夜晚", "zh"),
    ("비오는 밤", "ko"),
    ("прогулка по парку", "other"),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_the_language_is_told_by_its_commonest_words(text: str, language: str) -> None:
    assert FINDER.read(text).language == language


texts = pytest.importorskip("bandmate.inspire.text.reader")
pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")
pytest.importorskip(embedding.PACKAGE)
READER = texts.Texts.open(shipped("models"))


def names(found: Inspiration) -> list[str]:
    return [keyword.word for keyword in found.keywords]


def valence(found: Inspiration) -> float:
    return traits_of(found.keywords).valence or 0.0


# Written and labelled for this test: none of them drew the axes (models/inspire/axes.yaml).
DARK = """
the photograph fell and the glass cut her thumb
they lowered him into the ground and nobody spoke
we sold the farm to pay the debts
my sister has not spoken to me since the trial
a wolf limps through the burnt trees
he waits by the phone that will never ring
the miners did not come up again
every street reminds me that you left
the tumour has come back
she locks herself in the bathroom and weeps
the refugees walk through mud
the last letter he wrote from prison
nobody remembers her name
the tunnel collapsed on the train
something is breathing under the stairs
""".strip().splitlines()
BRIGHT = """
our first home has a lemon tree
the twins blow out the candles together
we sang in the car with the windows down
the swallows are back
my best friend is coming to stay
a rope hangs over the water in July
she opens the envelope and screams with delight
dancing in the kitchen while the pancakes burn
the tomatoes are ripe and the bread has risen
they named the baby after grandma
he finally asked her to marry him
a butterfly lands on the baby's nose
we made it to the top and the view was endless
the old couple still holds hands
free tickets and front row seats
""".strip().splitlines()
CALM = """
a fisherman mends his nets
the clock ticks in the parlour
she braids her hair by the window
the lake is like glass
he whittles a stick on the porch
leaves settle on the pond
an afternoon nap with the radio low
walking home with the groceries
the monastery garden in the morning
""".strip().splitlines()
DRIVING = """
the bulls break loose in the street
a motorbike gang roars past
fists in the air, louder, louder
they leap from roof to roof with the police behind
the goalkeeper dives and the crowd explodes
the roller coaster falls
the crowd storms the barricade
the stampede shakes the earth
cheerleaders at the final
""".strip().splitlines()


def auc(high: list[float], low: list[float]) -> float:
    """Return how often the higher group lies higher, ties counted half."""
    return sum((x > y) + 0.5 * (x == y) for x, y in product(high, low)) / len(high) / len(low)


def test_dark_and_bright_sentences_get_dark_and_bright_keywords() -> None:
    bright, dark = ([READER.read(one) for one in group] for group in (BRIGHT, DARK))
    assert auc([valence(one) for one in bright], [valence(one) for one in dark]) >= 0.85
    assert sum(one.mode == "maj" for one in bright) >= 11
    assert sum(one.mode == "min" for one in dark) >= 11


def test_calm_and_driving_sentences_get_their_energy() -> None:
    driving, calm = (
        [float(READER.read(one).energy or 0) for one in group] for group in (DRIVING, CALM)
    )
    assert auc(driving, calm) >= 0.9
    assert min(*driving, *calm) >= 1
    assert max(*driving, *calm) <= 5


def test_a_text_that_names_nothing_still_gets_three_words_for_the_most_part() -> None:
    found = [READER.read(one) for one in (*BRIGHT, *DARK)]
    assert sum(len(one.keywords) >= 3 for one in found) >= 20
    assert all(len(one.keywords) <= 8 for one in found)
    assert all(0 < k.weight <= 1 for one in found for k in one.keywords)


def test_named_words_come_first_and_count_most() -> None:
    found = READER.read("slow jazz ballad, nostalgic")
    assert names(found)[:4] == ["slow", "jazz", "ballad", "nostalgic"]
    assert {keyword.weight for keyword in found.keywords[:4]} == {1.0}
    assert found.tempo is not None
    assert found.tempo[1] <= 84
    many = READER.read("sad, dark, slow, jazz, piano, strings, lonely, rainy, nocturnal, hazy")
    assert len(many.keywords) == 8


def test_what_is_denied_is_not_found_and_is_told() -> None:
    found = READER.read("not sad, a song for my brother")
    assert "sad" not in names(found)
    assert valence(found) > 0
    assert found.mode == "maj"
    assert found.notes == ("taken as not wanted: sad",)
    assert READER.read("without drums").keywords == ()


def test_tempo_energy_and_mode_follow_what_is_named() -> None:
    fast = READER.read("fast waltz in a minor key")
    assert (fast.mode, fast.tempo) == ("min", (135.0, 180.0))
    assert (fast.energy or 0) >= 4
    assert READER.read("dorian folk song").mode == "dor"
    assert (READER.read("very calm").energy or 9) <= 2


NOTED = [
    ("traurige Nacht am Meer", ["sad", "nocturnal", "oceanic"], "seems to be German"),
    ("悲しい雨", ["sad", "rainy"], "seems to be Japanese"),
    ("грустная песня о зиме", [], "in a script that bandmate cannot read"),
    ("jag vill ha en sång om havet och vinden", [], "only words that it knows were taken"),
]


@pytest.mark.parametrize(("text", "words", "note"), NOTED)
def test_what_cannot_be_read_as_a_whole_is_told(text: str, words: list[str], note: str) -> None:
    found = READER.read(text)
    assert names(found) == words
    assert any(note in told for told in found.notes)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("  \n ", 0), ("ha" * 50_000, 100_000)])
def test_a_text_that_is_empty_or_endless_is_refused(text: str, count: int) -> None:
    with pytest.raises(AskError, match=rf"^text must be 1\.\.2000 characters, not {count}$"):
        READER.read(text)


@pytest.mark.parametrize(
    "text", ["a" * 2000, "!?" * 1000, "🎉" * 2000, "\x00\ud7ff\u200d", "no " * 600, "12:30", "'"]
)
def test_any_other_text_is_read(text: str) -> None:
    found = READER.read(text)
    assert len(found.keywords) <= 8


def test_a_text_is_read_the_same_way_each_time() -> None:
    assert READER.read(DARK[0]) == READER.read(DARK[0])


def test_a_word_that_a_person_added_is_read_without_a_script() -> None:
    own = Word("submarine", "mood", WORDS["calm"].traits, anchor="a submarine dives under the ice")
    reader = texts.Texts.open(shipped("models"), {**WORDS, "submarine": own})
    assert names(reader.read("the crew takes the boat down below the ice"))[0] == "submarine"


def test_a_missing_text_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "PACKAGE", "no_such_package")
    with pytest.raises(Unavailable, match=r"install bandmate with the extra inspire$"):
        texts.Texts.open(shipped("models"))


def test_another_text_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "SHA256", "0" * 64)
    with pytest.raises(WeightsError, match="is not the text model that bandmate knows"):
        texts.Texts.open(shipped("models"))


def test_the_shipped_anchors_are_those_of_the_vocabulary() -> None:
    ready, axes = texts._anchors(Path(shipped("models", "inspire", "anchors.npz")))
    assert {word.anchor for word in WORDS.values()} <= set(ready)
    assert set(axes) == {"valence", "energy"}
