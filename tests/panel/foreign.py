"""A web page that is none of ours, and all that its scripts try with the daemon's."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

TRIES = """
const [ours, take, done] = arguments;
const socketUrl = ours.replace("http", "ws") + "ws";
const read = async (path, how) => {
  const answer = await fetch(ours + path, how);
  if (!answer.ok && answer.type !== "opaque") throw Error(answer.status);
  const text = await answer.text();
  return text.length ? "read" : Promise.reject(Error("it is empty"));
};
const loaded = (tag, place, values) => new Promise((resolve, reject) => {
  const element = Object.assign(document.createElement(tag), values);
  element.onload = element.onloadeddata = () => resolve("loaded");
  element.onerror = () => reject(Error("it does not load"));
  document.body.append(element);
});
const tries = {
  socket: () => new Promise((resolve, reject) => {
    const socket = new WebSocket(socketUrl);
    socket.onopen = () => socket.send(
      JSON.stringify({address: "/bandmate/take/star", args: ["s", take, 1]}));
    socket.onmessage = ({data}) => resolve(data);
    socket.onerror = () => reject(Error("it does not open"));
  }),
  page: () => read(""),
  script: () => read("main.js"),
  clip: () => read(`clips/${take}.mid`),
  sound: () => read(`sound/${take}.wav`),
  "clip with credentials": () => read(`clips/${take}.mid`, {credentials: "include"}),
  "clip without cors": () => read(`clips/${take}.mid`, {mode: "no-cors"}),
  "sound without cors": () => read(`sound/${take}.wav`, {mode: "no-cors", credentials: "include"}),
  post: () => read("", {method: "POST", body: "{}", mode: "no-cors"}),
  put: () => read(`clips/${take}.mid`, {method: "PUT", body: "{}"}),
  "an old request": () => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", `${ours}clips/${take}.mid`);
    request.onload = () =>
      request.status === 200 ? resolve(request.responseText) : reject(Error(request.status));
    request.onerror = () => reject(Error("it does not load"));
    request.send();
  }),
  "a picture": () => loaded("img", "", {src: `${ours}icon.svg`}),
  "a picture of a sound": () => loaded("audio", "", {src: `${ours}sound/${take}.wav`}),
  "a script of ours": () => loaded("script", "", {src: `${ours}music.js`, type: "module"}),
  "a style of ours": () => loaded("link", "", {rel: "stylesheet", href: `${ours}look.css`}),
  import: () => import(`${ours}music.js`).then(() => "imported"),
  events: () => new Promise((resolve, reject) => {
    const source = new EventSource(ours);
    source.onopen = () => resolve("open");
    source.onerror = () => { source.close(); reject(Error("it does not open")); };
  }),
};
Promise.all(Object.entries(tries).map(async ([name, attempt]) => {
  try { return [name, await attempt()]; } catch { return [name, null]; }
})).then((found) => done(Object.fromEntries(found)));
"""
"""Takes where our page is and a take; returns what each try brought, null where nothing."""

FRAMED = """
const [ours, done] = arguments;
const frame = document.createElement("iframe");
frame.name = "ours";
frame.onload = () => {
  try { done(frame.contentWindow.document.body.innerHTML); } catch { done(null); }
};
frame.src = ours;
document.body.append(frame);
"""
"""Takes where our page is; returns what can be read of it in a frame."""

POSTED = """
const [ours, done] = arguments;
const frame = Object.assign(document.createElement("iframe"), {name: "answer"});
document.body.append(frame);
const form = Object.assign(document.createElement("form"), {
  method: "post", action: ours, target: "answer", enctype: "text/plain"});
const field = Object.assign(document.createElement("input"), {
  name: '{"address": "/bandmate/panic", "args": ["', value: '"]}'});
form.append(field);
document.body.append(form);
frame.onload = () => {
  try { done(frame.contentWindow.document.body.innerHTML); } catch { done(null); }
};
form.submit();
"""
"""Takes where our page is; sends a form there, and returns what can be read of the answer."""

NAVIGATED = """
const [ours, path, done] = arguments;
const url = ours + path;
const heard = (tag, values) => new Promise((resolve) => {
  const element = Object.assign(document.createElement(tag), values);
  element.onload = element.onloadeddata = () => resolve("loaded");
  element.onerror = () => resolve("refused");
  setTimeout(() => resolve("silent"), 3000);
  document.body.append(element);
});
const tries = {
  img: () => heard("img", {src: url}),
  audio: () => heard("audio", {src: url, preload: "auto"}),
  video: () => heard("video", {src: url, preload: "auto"}),
  script: () => heard("script", {src: url}),
  stylesheet: () => heard("link", {rel: "stylesheet", href: url}),
  prefetch: () => heard("link", {rel: "prefetch", href: url}),
  preload: () => heard("link", {rel: "preload", as: "fetch", href: url}),
  prerender: () => heard("link", {rel: "prerender", href: url}),
  icon: () => heard("link", {rel: "icon", href: url}),
  iframe: () => heard("iframe", {src: url}),
  sandboxed: () => heard("iframe", {src: url, sandbox: "allow-scripts"}),
  object: () => heard("object", {data: url}),
  embed: () => heard("embed", {src: url}),
};
Promise.all(Object.entries(tries).map(async ([name, attempt]) => [name, await attempt()]))
  .then((found) => done(Object.fromEntries(found)));
"""
"""Takes where our page is and a path there; returns what each way of loading it came to."""

PRECONNECTED = """
const [ours, done] = arguments;
for (const rel of ["preconnect", "dns-prefetch"])
  document.head.append(Object.assign(document.createElement("link"), {rel, href: ours}));
setTimeout(done, 1000);
"""
"""Takes where our page is; opens a connection to it, and says nothing."""


class _Foreign(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with a page that is empty but for what its scripts will do."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>foreign</title><body></body>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def foreign_site() -> Iterator[int]:
    """Serve it on this machine; yield the port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
