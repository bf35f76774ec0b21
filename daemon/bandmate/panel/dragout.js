// A take dragged out of the page as a MIDI file; what is dropped where nobody wants it does no harm.

const TAKE = "text/x-take";

/** Fill a drag with a take: a file for whoever takes one, its address, its chords for the chord track. */
export function dragOut(event, take, clip) {
  const { dataTransfer: data } = event;
  const address = new URL(`clips/${take.take}.mid`, document.baseURI).href;
  data.effectAllowed = "copy";
  data.setData("DownloadURL", `audio/midi:${fileName(take)}:${address}`);
  data.setData("text/uri-list", address);
  data.setData(TAKE, String(take.take));
  if (clip?.chords) data.setData("text/x-chords", clip.chords);
}

/** Return the name of a take's file; a colon would end it, a slash would name a folder. */
const fileName = (take) => {
  const name = (take.title || `take ${take.take}`).replaceAll(/[\\/:*?"<>|\s]+/g, " ").trim();
  return `${name || `take ${take.take}`}.mid`;
};

/** Let no file and no take that is dropped beside its mark lead the browser away, or land as letters. */
export function guardDrops() {
  for (const kind of ["dragover", "drop"])
    document.addEventListener(kind, (event) => {
      const isOurs = [TAKE, "Files"].some((type) => event.dataTransfer?.types.includes(type));
      if (!isOurs || event.defaultPrevented) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
}
