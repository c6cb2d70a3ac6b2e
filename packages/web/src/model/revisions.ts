import type { Revision } from "@hubbub/client";

/** Texts of a message that the server gives, the newest ones. */
const TEXTS_MAX = 100;

export interface ShownText extends Revision {
  readonly place: string;
}

/** The texts of a message, the newest first, and why there are no more; "": these are all. A text that was not kept is empty. */
export function textsOf(found: readonly Revision[], isKept: boolean): { texts: ShownText[]; lacking: string } {
  const last = found.length - 1;
  const places = found.map((revision, index) => {
    if (index === last) return { ...revision, place: "now" };
    return { ...revision, place: index === 0 && found.length < TEXTS_MAX ? "as it was sent" : "edited" };
  });
  const texts = places.filter(({ text }) => text !== "").reverse();
  return { texts, lacking: lackingOf(found.length, texts.length, isKept) };
}

function lackingOf(found: number, shown: number, isKept: boolean): string {
  if (!isKept) return "This room keeps no earlier texts.";
  if (shown < found) return "Some earlier texts were not kept.";
  return found >= TEXTS_MAX ? `Only the ${TEXTS_MAX} newest texts are shown.` : "";
}
