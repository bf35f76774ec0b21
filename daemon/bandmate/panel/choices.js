// What there is to choose from, as the daemon tells it.

const words = (text) =>
  String(text || "")
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);

/** Return the menus' rows from the answers of choices/list and preset/list. */
export function readChoices(told, presets) {
  const programs = new Map(
    words(told.programs).map((row) => {
      const [name, list] = row.split(":");
      return [
        name,
        String(list || "")
          .split(" ")
          .filter(Boolean)
          .map(Number),
      ];
    }),
  );
  const roles = words(told.roles).map((row) => {
    const [value, program] = row.split(":");
    return { value, program: Number(program), programs: programs.get(value) ?? [] };
  });
  return {
    genres: words(told.genres),
    sections: words(told.sections),
    moods: ["moods", "energies", "genres", "eras", "textures", "sections"].flatMap((kind) =>
      words(told[kind]),
    ),
    feels: ["half", "normal", "double"],
    roles,
    presets: presets.map(({ name, words: sounds }) => ({
      value: name,
      title: name.replaceAll("-", " "),
      words: sounds,
    })),
  };
}
