/** How many colours the terminal shows: none, 16 of its own choice, 256, or all. */
export type Colors = "none" | "16" | "256" | "all";

/** Colours that mean something. */
export type Meaning = keyof typeof MEANINGS;

/** In contrast to black and to white. 4.5 to both is the most that a colour can have. */
const LUMINANCE = 0.179;
const SATURATION = 0.7;
const HUES = 24;
/** Of the 256, at least 3.5 to both. */
const NAMES_256 = [27, 28, 29, 30, 32, 62, 64, 97, 99, 100, 128, 130, 131, 161, 164, 166];
/** Red, green, magenta and cyan: blue is hard to read on black, yellow on white. */
const NAMES_16 = [31, 32, 35, 36];
/** Of the 16, of the 256, and as a hue. */
const MEANINGS = {
  good: [32, 28, 130],
  bad: [31, 160, 0],
  notice: [35, 130, 35],
  accent: [36, 31, 195],
} as const;

/** What the terminal says of itself. Inside of tmux, tmux translates what the terminal around it cannot show. */
export function colorsOf(variables: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Colors {
  const { NO_COLOR = "", TERM = "", COLORTERM = "" } = variables;
  if (!isTerminal || NO_COLOR !== "" || TERM === "dumb") return "none";
  if (/^(?:truecolor|24bit)$/i.test(COLORTERM) || TERM.endsWith("-direct")) return "all";
  return TERM.includes("256color") ? "256" : "16";
}

/** The parameters of the escape code for a meaning. */
export function meaningCode(meaning: Meaning, colors: Colors): string {
  const [of16, of256, hue] = MEANINGS[meaning];
  if (colors === "all") return rgbCode(hue);
  return colors === "256" ? `38;5;${of256}` : `${of16}`;
}

/** The same for the name of a user; it always has the same colour. */
export function nameCode(name: string, colors: Colors): string {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  if (colors === "all") return rgbCode(((hash % HUES) * 360) / HUES);
  return colors === "256" ? `38;5;${NAMES_256[hash % NAMES_256.length]}` : `${NAMES_16[hash % NAMES_16.length]}`;
}

const known = new Map<number, string>();

function rgbCode(hue: number): string {
  const code = known.get(hue) ?? `38;2;${rgbOf(hue).join(";")}`;
  known.set(hue, code);
  return code;
}

/** The colour of this hue that has the luminance. */
function rgbOf(hue: number): number[] {
  let [low, high] = [0, 1];
  for (let step = 0; step < 12; step += 1) {
    const middle = (low + high) / 2;
    if (luminanceOf(fromHsl(hue, middle)) < LUMINANCE) low = middle;
    else high = middle;
  }
  return fromHsl(hue, low);
}

function fromHsl(hue: number, lightness: number): number[] {
  const range = SATURATION * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((offset) => {
    const at = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - range * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  });
}

/** As WCAG has it: 0 is black, 1 white. */
export function luminanceOf(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
