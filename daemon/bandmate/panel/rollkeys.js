// The keys of the piano roll.

/** Hear keys while the roll has the focus. */
export function hearKeys(roll) {
  const { edits, store } = roll;
  const { clipboard } = edits;
  const longer = (way) => (note) => ({ duration: note.duration + way * edits.grid });
  const louder = (way) => (note) => ({ velocity: note.velocity + way * 8 });
  const plain = {
    ArrowLeft: () => edits.walk(-1),
    ArrowRight: () => edits.walk(1),
    ArrowUp: () => edits.transpose(1),
    ArrowDown: () => edits.transpose(-1),
    "]": () => edits.change("made longer", longer(1)),
    "[": () => edits.change("made shorter", longer(-1)),
    ".": () => edits.change("made louder", louder(1)),
    ",": () => edits.change("made softer", louder(-1)),
    Delete: () => edits.delete(),
    Backspace: () => edits.delete(),
    Enter: () => edits.draw(),
    q: () => edits.quantise(),
    h: () => edits.standHere(),
    Escape: () => (edits.chosen.length ? edits.choose([]) : store.set({ stand: null })),
  };
  const shifted = {
    ArrowLeft: () => edits.move(-1),
    ArrowRight: () => edits.move(1),
    ArrowUp: () => edits.transpose(12),
    ArrowDown: () => edits.transpose(-12),
  };
  const controlled = {
    a: () => edits.choose(roll.part.notes.map((note) => note.id)),
    c: () => clipboard.copy(),
    x: () => clipboard.cut(),
    v: () => clipboard.paste(),
    d: () => clipboard.duplicate(),
  };
  roll.notes.addEventListener("keydown", (event) => {
    const isControlled = event.ctrlKey || event.metaKey;
    const act = isControlled
      ? !event.shiftKey && controlled[event.key]
      : (event.shiftKey && shifted[event.key]) || plain[event.key];
    if (!act || event.altKey || roll.isBusy || !roll.part) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}
