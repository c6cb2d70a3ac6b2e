import { type MentionsOfEvent, parseMarkdown } from "../markdown.ts";
import { makeButton, makeWritten } from "./element.ts";
import { viewPieces } from "./markdown-view.ts";

/** A text of fewer lines and characters is never cut. */
const SHORT_LINES = 12;
const SHORT_LENGTH = 400;

/** Shows which long texts are cut. Called when rows or the width changed. */
export function measureTexts(parent: Element): void {
  const texts = [...parent.querySelectorAll<HTMLElement>(".text.long:not(.whole)")];
  const isCut = texts.map((text) => text.scrollHeight > text.clientHeight + 1);
  texts.forEach((text, index) => {
    const more = text.parentElement?.querySelector<HTMLElement>(".more");
    if (more) more.hidden = !isCut[index];
  });
}

/** A text of any length takes a bounded height until it is asked for. `beside`: what stands next to it. */
export function viewText(
  id: string,
  text: string,
  expanded: Set<string>,
  beside: readonly HTMLElement[],
  mentions?: MentionsOfEvent,
): HTMLElement[] {
  const body = makeWritten("div", "text", "");
  body.append(...viewPieces(parseMarkdown(text, mentions)));
  if (text.length <= SHORT_LENGTH && text.split("\n", SHORT_LINES).length < SHORT_LINES) return [body, ...beside];
  const more = makeButton("small quiet more", "", () => {
    if (!expanded.delete(id)) expanded.add(id);
    adapt();
  });
  const adapt = (): void => {
    const isWhole = expanded.has(id);
    body.className = isWhole ? "text long whole" : "text long";
    more.textContent = isWhole ? "Show less" : "Show more";
    more.ariaExpanded = String(isWhole);
  };
  adapt();
  return [body, ...beside, more];
}
