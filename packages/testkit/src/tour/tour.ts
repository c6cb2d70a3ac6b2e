/** A shell block of a document, and what it has to print. */
export interface Step {
  /** The heading above it. */
  readonly title: string;
  /** The paragraph above it; without one, its first line. */
  readonly summary: string;
  readonly line: number;
  readonly script: string;
  /** null: it prints nothing. */
  readonly expected: Expected | null;
}

export interface Expected {
  readonly language: "json" | "text";
  readonly lines: readonly string[];
}

const ANYTHING = "…";

/** Blocks of `sh`, each with the block of `json` or `text` right below it, if there is one. */
export function readSteps(document: string): Step[] {
  const steps: Step[] = [];
  let [title, paragraph] = ["", ""];
  let open: { language: string; line: number; lines: string[] } | undefined;
  let mayExpect = false;
  for (const [index, text] of document.split("\n").entries()) {
    if (open !== undefined && text === "```") {
      const last = steps.at(-1);
      const { language, line, lines } = open;
      if (language === "sh")
        steps.push({ title, summary: paragraph || (lines[0] ?? ""), line, script: lines.join("\n"), expected: null });
      else if (mayExpect && last !== undefined && (language === "json" || language === "text")) {
        steps[steps.length - 1] = { ...last, expected: { language, lines } };
      }
      mayExpect = language === "sh";
      [open, paragraph] = [undefined, ""];
    } else if (open !== undefined) open.lines.push(text);
    else if (text.startsWith("```")) open = { language: text.slice(3), line: index + 1, lines: [] };
    else if (text.startsWith("#")) [title, paragraph] = [text.replace(/^#+ /, ""), ""];
    else if (text.trim() !== "") [mayExpect, paragraph] = [false, `${paragraph} ${text}`.trim()];
  }
  return steps;
}

/** What is wrong with an output; null: nothing. Each line of a `json` block is one value. */
export function faultOf(expected: Expected | null, output: string): string | null {
  const got = output.split("\n").filter((line) => line.trim() !== "");
  const wanted = expected?.lines.filter((line) => line.trim() !== "") ?? [];
  if (got.length !== wanted.length) return `expected ${wanted.length} lines, got ${got.length}`;
  for (const [index, line] of wanted.entries()) {
    const fits = expected?.language === "json" ? fitsJson(line, got[index] ?? "") : fitsText(line, got[index] ?? "");
    if (!fits) return `line ${index + 1} is another one`;
  }
  return null;
}

function fitsJson(wanted: string, got: string): boolean {
  try {
    return contains(JSON.parse(got), JSON.parse(wanted));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Objects may have more fields than `wanted`. `"…"` stands for any value, and at the end of an array for any rest. */
function contains(got: unknown, wanted: unknown): boolean {
  if (wanted === ANYTHING) return got !== undefined;
  if (typeof wanted === "string") return typeof got === "string" && fitsText(wanted, got);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got)) return false;
    const isOpen = wanted.at(-1) === ANYTHING;
    const items = isOpen ? wanted.slice(0, -1) : wanted;
    return (isOpen || got.length === items.length) && items.every((item, at) => contains(got[at], item));
  }
  if (typeof wanted !== "object" || wanted === null) return got === wanted;
  if (typeof got !== "object" || got === null) return false;
  return Object.entries(wanted).every(([key, value]) => contains((got as Record<string, unknown>)[key], value));
}

function fitsText(wanted: string, got: string): boolean {
  const parts = wanted.trimEnd().split(ANYTHING);
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${pattern}$`, "s").test(got.trimEnd());
}
