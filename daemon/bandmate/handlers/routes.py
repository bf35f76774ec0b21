"""The routes: which handler answers which address. Here alone both are bound."""

from __future__ import annotations

from bandmate.handlers import (
    bridge,
    choices,
    chords,
    edits,
    live,
    loops,
    subscribe,
    takes,
    transport,
)
from bandmate.handlers.dispatcher import Handler

ROUTES: dict[str, Handler] = {
    "/bandmate/hello": loops.hello,
    "/bandmate/song/set": loops.song_set,
    "/bandmate/song/get": loops.song_get,
    "/bandmate/loop/ask": loops.loop_ask,
    "/bandmate/chords/ask": chords.chords_ask,
    "/bandmate/chords/transcribe": chords.chords_transcribe,
    "/bandmate/chords/suggest": chords.chords_suggest,
    "/bandmate/keywords/set": chords.keywords_set,
    "/bandmate/keywords/get": chords.keywords_get,
    "/bandmate/take/play": loops.take_play,
    "/bandmate/take/stop": loops.take_stop,
    "/bandmate/take/mix": loops.take_mix,
    "/bandmate/take/insert": loops.take_insert,
    "/bandmate/take/accept": loops.take_accept,
    "/bandmate/take/reject": loops.take_reject,
    "/bandmate/take/undo": loops.take_undo,
    "/bandmate/transport/set": transport.transport_set,
    "/bandmate/transport/get": transport.transport_get,
    "/bandmate/transport/report": transport.transport_report,
    "/bandmate/subscribe": subscribe.subscribe,
    "/bandmate/bridge/do": bridge.bridge_do,
    "/bandmate/bridge/done": bridge.bridge_done,
    "/bandmate/cancel": loops.cancel,
    "/bandmate/panic": loops.panic,
    "/bandmate/live/get": live.live_get,
    "/bandmate/live/load": live.live_load,
    "/bandmate/live/learn": live.live_learn,
    "/bandmate/live/deal": live.live_deal,
    "/bandmate/live/capture": live.live_capture,
    "/bandmate/live/answer": live.live_answer,
    "/bandmate/take/list": takes.take_list,
    "/bandmate/take/get": takes.take_get,
    "/bandmate/take/star": takes.take_star,
    "/bandmate/take/name": takes.take_name,
    "/bandmate/take/edit": edits.take_edit,
    "/bandmate/take/notes": edits.take_notes,
    "/bandmate/preset/list": choices.preset_list,
    "/bandmate/choices/list": choices.choices_list,
}
"""Address -> handler."""
