"""Songs: one a client, told in AbletonOSC's words or in ours, wholly or not at all."""

from __future__ import annotations

import pytest

from bandmate.asks.song import SONG_FIELDS, Song, Songs
from bandmate.errors import AskError
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import read_keywords


def test_a_song_that_nobody_told_has_defaults() -> None:
    song = Songs().of("anyone")
    assert (song.tempo, song.meter, song.key) == (120.0, Meter(4, 4), Key(0, "maj"))
    assert (song.chords, song.is_playing, song.told) == ((), False, frozenset())
    assert (song.keywords, song.card) == ((), None)


def test_ableton_words_and_ours_say_the_same() -> None:
    songs = Songs()
    ableton = [
        ("tempo", 96.0),
        ("root_note", 9),
        ("scale_name", "Minor"),
        ("signature_numerator", 6),
        ("signature_denominator", 8),
        ("is_playing", 1),
    ]
    ours = [("tempo", "96"), ("key", "A:min"), ("meter", "6/8"), ("is_playing", "on")]
    assert songs.set("live", ableton) == songs.set("reaper", ours)
    assert songs.of("live").told == {"tempo", "key", "meter"}


def test_a_root_or_a_scale_alone_leaves_the_other() -> None:
    songs = Songs()
    songs.set("a", [("key", "A:min")])
    assert songs.set("a", [("root_note", 2)]).key == Key(2, "min")
    assert songs.set("a", [("scale_name", "Harmonic Minor")]).key == Key(2, "hmin")
    assert songs.set("a", [("signature_numerator", 3)]).meter == Meter(3, 4)


def test_what_was_told_may_be_let_go_of_again() -> None:
    songs = Songs()
    songs.set("a", [("tempo", 90), ("key", "A:min"), ("meter", "3/4")])
    song = songs.set("a", [("free", "tempo,key")])
    assert (song.tempo, song.key, song.meter) == (120, Key(0, "maj"), Meter(3, 4))
    assert song.told == {"meter"}
    assert dict(song.pairs)["free"] == "tempo,key"
    assert songs.set("a", [("free", "")]) == song


def test_chords_keep_their_share_of_a_bar_when_the_meter_is_let_go_of() -> None:
    songs = Songs()
    songs.set("a", [("meter", "3/4"), ("chords", "A:min F:maj")])
    song = songs.set("a", [("free", "meter")])
    assert [(span.start, span.end) for span in song.chords] == [(0, 4), (4, 8)]


def test_two_clients_have_two_songs() -> None:
    songs = Songs()
    songs.set("a", [("tempo", 90)])
    songs.set("b", [("tempo", 140)])
    assert (songs.of("a").tempo, songs.of("b").tempo) == (90, 140)


REFUSED = [
    ([("tempo", 0)], "tempo must be in 20..400, not 0"),
    ([("tmpo", 90)], "a song has nothing called 'tmpo', try tempo"),
    ([("free", "pitch")], "free must name some of tempo, key, meter, a comma between, not 'pitch'"),
    ([("scale_name", "Whole Tone")], "scale_name must be one such as "),
    ([("root_note", 12)], "root_note must be in 0..11, not 12"),
    ([("signature_denominator", 3)], "meter must be 1..32 over 1, 2, 4, 8, 16 or 32, such as"),
    ([("chords", "C Q")], "chord must be written like"),
    ([("key", "Z")], "key must be written like"),
]  # fmt: skip


@pytest.mark.parametrize(("pairs", "words"), REFUSED)
def test_all_is_taken_or_nothing(pairs: list[tuple[str, object]], words: str) -> None:
    songs = Songs()
    before = songs.set("a", [("tempo", 96), ("key", "D:dor")])
    with pytest.raises(AskError) as refused:
        songs.set("a", [("is_playing", 1), ("meter", "3/4"), *pairs])
    assert str(refused.value).startswith(words)
    assert songs.of("a") == before


def test_chords_lie_one_bar_after_the_other_and_follow_the_meter() -> None:
    songs = Songs()
    song = songs.set("a", [("chords", "A:min D:min,G:7")])
    assert [(s.start, s.end) for s in song.chords] == [(0, 4), (4, 6), (6, 8)]
    song = songs.set("a", [("meter", "3/4")])
    assert [(s.start, s.end) for s in song.chords] == [(0, 3), (3, 4.5), (4.5, 6)]
    assert dict(song.pairs)["chords"] == "A:min D:min,G:7"
    assert songs.set("a", [("chords", "")]).chords == ()


def test_what_is_told_of_a_song_can_be_told_back() -> None:
    songs = Songs()
    pairs = [("tempo", 96.5), ("key", "Bb:mix"), ("meter", "7/8"), ("chords", "C F,G")]
    song = songs.set("a", [*pairs, ("is_playing", True)])
    assert [name for name, _ in song.pairs] == [field.name for field in SONG_FIELDS]
    assert songs.set("b", song.pairs) == song


def test_keywords_are_one_songs_own_and_outlast_what_is_told() -> None:
    songs = Songs()
    keywords = read_keywords("warm:0.5,jazz!")
    assert songs.set_keywords("a", keywords).keywords == keywords
    assert songs.set("a", [("tempo", 90), ("chords", "C")]).keywords == keywords
    assert songs.of("b").keywords == ()
    assert songs.set_keywords("a", ()).keywords == ()


def test_a_card_is_followed_until_it_is_parted_with() -> None:
    songs = Songs()
    songs.set("a", [("tempo", 90)])
    songs.follow("a", 12)
    assert (songs.of("a").card, songs.of("a").tempo, songs.of("b").card) == (12, 90, None)
    songs.part_with("a", 11)
    assert songs.of("a").card == 12
    songs.part_with("a", 12)
    songs.part_with("b", 12)
    assert (songs.of("a").card, songs.of("b")) == (None, Song())


@pytest.mark.parametrize("chords", ["C F", ""])
def test_chords_that_are_told_end_the_following_of_a_card(chords: str) -> None:
    songs = Songs()
    songs.follow("a", 12)
    assert songs.set("a", [("key", "F"), ("tempo", 90), ("meter", "3/4")]).card == 12
    assert songs.set("a", [("chords", chords)]).card is None


def test_songs_of_passers_by_are_forgotten() -> None:
    songs = Songs()
    for port in range(1000):
        songs.set(f"127.0.0.1:{port}", [("tempo", 90)])
    assert songs.of("127.0.0.1:0") == Song()
    assert songs.of("127.0.0.1:999").tempo == 90


def test_who_told_no_song_shares_that_of_the_owner_and_who_told_one_does_not() -> None:
    owner: list[str | None] = [None]
    songs = Songs(lambda: owner[0])
    songs.set("daw", [("tempo", 90), ("key", "A:min")])
    songs.set_keywords("panel", tuple(read_keywords("dark")))
    assert songs.of("panel").tempo == 120
    owner[0] = "daw"
    assert (songs.of("panel"), songs.of("daw").keywords) == (songs.of("daw"), ())
    songs.set_keywords("panel", tuple(read_keywords("slow")))
    assert [word.word for word in songs.of("daw").keywords] == ["slow"]
    songs.set("other", [("tempo", 140)])
    assert (songs.of("other").tempo, songs.of("other").key) == (140, Key(0, "maj"))
    assert songs.of("daw").tempo == 90


def test_what_leads_the_time_becomes_the_songs_where_it_told_any() -> None:
    songs = Songs(lambda: "panel#1")
    songs.set("panel#2", [("tempo", 90)])
    songs.keep_time("tablet", 140.0, Meter(3, 4))
    song = songs.of("panel#1")
    assert (song.tempo, song.meter, set(song.told)) == (140.0, Meter(4, 4), {"tempo"})
    assert songs.of("tablet") == song


def test_a_change_is_told_and_a_mistake_is_not() -> None:
    songs, changes = Songs(), []
    songs.on_change = lambda: changes.append(1)
    songs.set("a", [("tempo", 90)])
    songs.follow("a", 3)
    with pytest.raises(AskError):
        songs.set("b", [("tempo", 0)])
    assert len(changes) == 2


def test_names_that_differ_behind_a_sign_alone_have_one_song() -> None:
    songs = Songs(lambda: "panel#1")
    songs.set("panel#1", [("tempo", 91)])
    assert songs.of("panel#2").tempo == 91
    assert songs.of("udp:1").tempo == 91
    songs.set("panel#2", [("key", "A:min")])
    assert (songs.of("panel#1").tempo, str(songs.of("panel#1").key)) == (91, "A:min")
    songs.set("udp:1", [("tempo", 60)])
    assert songs.of("panel#3").tempo == 91
