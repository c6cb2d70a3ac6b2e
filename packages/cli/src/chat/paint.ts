/** Colours of the 256 that can be read on black and on white. */
const NAME_COLORS = [32, 34, 37, 64, 66, 70, 97, 99, 130, 133, 136, 161, 166, 168, 172, 203];

export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  /** The same name always has the same colour. */
  name(name: string): string;
}

const codes = (start: string, end: string) => (text: string) => `\u001b[${start}m${text}\u001b[${end}m`;

export const COLORED: Paint = {
  dim: codes("2", "22"),
  bold: codes("1", "22"),
  name: (name) => codes(`38;5;${colorOf(name)}`, "39")(name),
};

export const PLAIN: Paint = { dim: (text) => text, bold: (text) => text, name: (name) => name };

/** One of the 256 colours. */
export function colorOf(name: string): number {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return NAME_COLORS[hash % NAME_COLORS.length] ?? 37;
}
