/** Something that the finder leads to. */
export interface Found {
  readonly kind: "room" | "direct room" | "person" | "other room";
  readonly id: string;
  readonly name: string;
  /** What is unread there, in short. */
  readonly news?: string;
}

const SHOWN_MAX = 50;

/** Those whose names have the letters of the query in their order, the closest first; all in their order without a query. */
export function ranked(all: readonly Found[], query: string): Found[] {
  const wanted = query.trim().toLowerCase().replace(/^[#@]/, "");
  const scored = all.flatMap((one) => {
    const score = scoreOf(one.name.toLowerCase(), wanted);
    return score === undefined ? [] : [{ one, score }];
  });
  scored.sort((a, b) => a.score - b.score);
  return scored.slice(0, SHOWN_MAX).map(({ one }) => one);
}

/** Lower is closer; undefined: it does not match. */
function scoreOf(name: string, wanted: string): number | undefined {
  if (wanted === "") return 0;
  if (name.startsWith(wanted)) return name.length - wanted.length;
  const inside = name.indexOf(wanted);
  if (inside !== -1) return 100 + inside;
  let at = -1;
  let gaps = 0;
  for (const char of wanted) {
    const next = name.indexOf(char, at + 1);
    if (next === -1) return undefined;
    gaps += next - at - 1;
    at = next;
  }
  return 1_000 + gaps;
}
