"""The rules by which bars are measured, and what keywords ask for."""

from __future__ import annotations

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.steering import answered, asked, learnt_mode, measured, numbers_of
from bandmate.music.key import MODES, Key
from bandmate.style.keywords import read_keywords, traits_of


def test_minor_is_darker_than_major_and_lowered_degrees_darker_still() -> None:
    bright = numbers_of(read_chords("C F G C"), "maj")["valence"]
    mixed = numbers_of(read_chords("C F:min Ab C"), "maj")["valence"]
    dark = numbers_of(read_chords("C:min F:min Ab G:dim"), "min")["valence"]
    assert bright > mixed > dark


def test_richness_counts_notes_and_pace_changes() -> None:
    plain = measured(read_chords("C C C C"), "maj")
    rich = measured(read_chords("C:maj9,A:min9 D:13,G:7(b9) C:maj9,A:min9 D:13,G:7(b9)"), "maj")
    assert (plain["richness"], plain["pace"]) == (0, 0)
    assert (rich["richness"], rich["pace"]) == (4, 4)


def test_measures_go_by_degrees_not_by_pitches() -> None:
    here = measured(read_chords("D:min7 G:7 C:maj7 A:7"), "maj", 0)
    there = measured(read_chords("E:min7 A:7 D:maj7 B:7"), "maj", 2)
    assert here == there


def test_no_ask_for_a_darkness_that_a_mode_cannot_reach() -> None:
    dark, bright = read_keywords("tragic"), read_keywords("happy")
    assert asked(dark, None, "min").valence == 0
    assert asked(dark, None, "maj").valence == 1
    assert asked(bright, None, "maj").valence == 4
    assert asked((), "verse", "maj").section == "verse"
    assert asked((), None, "maj").valence is None


def test_a_genre_leaves_energy_to_its_songs_unless_another_word_says_it() -> None:
    assert asked(read_keywords("rock"), None, "maj").energy is None
    assert asked(read_keywords("rock,calm"), None, "maj").energy == 1


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_one_that_was_learnt(mode: str) -> None:
    assert asked(read_keywords("happy"), None, learnt_mode(mode)).valence is not None


def test_a_card_answers_the_words_whose_numbers_it_meets() -> None:
    words = read_keywords("happy,melancholic,jazz")
    bright = read_chords("C F G C")
    told = answered(words, bright, Key(0), None, None)
    assert "happy" in told
    assert "jazz" not in told
    rich = read_chords("D:min9,G:13 C:maj9,A:7(b9) D:min9,G:13 C:maj9")
    assert "jazz" in answered(words, rich, Key(0), traits_of(words[2:]).genre, None)
    assert "jazz" not in answered(words, rich, Key(0), None, None)
    gloomy = read_chords("C:min F:min Ab:min G:dim")
    assert answered(read_keywords("happy"), gloomy, Key(0, "min"), None, None) == ()
