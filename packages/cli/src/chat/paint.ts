import { type Colors, nameCode } from "../colors.ts";

export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  /** The same name always has the same colour. */
  name(name: string): string;
}

const codes = (start: string, end: string) => (text: string) => `\u001b[${start}m${text}\u001b[${end}m`;

export const PLAIN: Paint = { dim: (text) => text, bold: (text) => text, name: (name) => name };

export function paintOf(colors: Colors): Paint {
  if (colors === "none") return PLAIN;
  return { dim: codes("2", "22"), bold: codes("1", "22"), name: (name) => codes(nameCode(name, colors), "39")(name) };
}
