"""What the prior knows: perplexity a chord against n-grams, genres, and fills in context."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bandmate.chords.events import Frame, Sort, events_of
from bandmate.chords.prior import Prior
from bandmate.chords.vocabulary import CONTENTS
from ngrams import NGrams
from real_songs import SOURCES, Song, load_songs

_KINDS = 12 * len(CONTENTS) * 12 + 1
_ORDERS = (1, 2, 3, 4, 5, 6)
SETS = ("pop909", "billboard", "realbook", "imaginary", "nottingham")


def perplexity(prior: Prior, songs: Sequence[Song], has_genre: bool) -> float:
    """Return the perplexity a chord of whole songs: root, content and bass at changes."""
    total = count = 0.0
    for song in songs:
        sort = Sort.of(song.mode, song.genre if has_genre else None, is_triple=song.is_triple)
        logs = prior.chord_logs(song.bars, sort)
        total, count = total - sum(logs), count + len(logs)
    return math.exp(total / count)


def against_ngrams(prior: Prior) -> dict[str, Any]:
    """Return perplexities by set: ours with and without genre, and the best n-gram's."""
    train, valid = load_songs("train"), load_songs("valid")
    everything = [_chords(song) for song in train]
    general = {order: NGrams(everything, order, _KINDS) for order in _ORDERS}
    report = {}
    for name in SETS:
        assert name in SOURCES.values()
        held = [song for song in valid if song.source == name]
        chords = [_chords(song) for song in held]
        own = [_chords(song) for song in train if song.source == name]
        found = {
            f"{order}-gram of {what}": model.perplexity(chords)
            for order in _ORDERS
            for what, model in (
                ("all sets", general[order]),
                ("its set", NGrams(own, order, _KINDS)),
            )
        }
        best = min(found, key=lambda key: found[key])
        report[name] = {
            "songs": len(held),
            "chords": sum(map(len, chords)),
            "with genre": round(perplexity(prior, held, True), 2),
            "without genre": round(perplexity(prior, held, False), 2),
            "bigram of its set": round(found["2-gram of its set"], 2),
            "best n-gram": round(found[best], 2),
            "which": best,
        }
    return report


def _chords(song: Song) -> list[tuple[int, int, int]]:
    return [event.numbers for event in events_of(song.bars)]


def fills(prior: Prior) -> dict[str, Any]:
    """Return nats a fill of bars 3 and 4 costs with what stands behind it, and without."""
    report = {}
    for name in SETS:
        blind = seen = count = 0.0
        won = 0
        for song in (song for song in load_songs("valid") if song.source == name):
            for start in range(0, len(song.bars) - 7, 8):
                bars = song.bars[start + 2 : start + 4]
                sort = Sort.of(song.mode, is_triple=song.is_triple)
                frame = Frame(0, sort, song.bars[start : start + 2])
                (a,) = prior.logs([bars], frame)
                (b,) = prior.logs([bars], replace(frame, after=song.bars[start + 4 : start + 8]))
                blind, seen, count, won = blind - a, seen - b, count + 1, won + (b > a)
        report[name] = {
            "fills": int(count),
            "nats without what follows": round(blind / count, 3),
            "nats with it": round(seen / count, 3),
            "share that gain": round(won / count, 3),
        }
    return report


def genres_in_windows(prior: Prior) -> dict[str, Any]:
    """Return nats a chord of four-bar windows that stand alone, told their genre or not."""
    from eval_cards import real_windows

    report = {}
    for name in SETS:
        known = [(song, bars) for song, bars in real_windows("valid") if song.source == name]
        without = told = chords = 0.0
        for song, bars in known:
            sort = Sort.of(song.mode, is_triple=song.is_triple)
            (a,) = prior.logs([bars], Frame(0, sort))
            (b,) = prior.logs(
                [bars], Frame(0, replace(sort, genre=Sort.of(genre=song.genre).genre))
            )
            without, told = without - a, told - b
            chords += len(events_of(bars))
        report[name] = {
            "windows": len(known),
            "without genre": round(without / chords, 3),
            "with genre": round(told / chords, 3),
        }
    return report
