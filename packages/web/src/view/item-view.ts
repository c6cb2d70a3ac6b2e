import type { Draft, Item } from "../timeline.ts";
import { dayOf } from "../ui/words.ts";
import { make, makeButton, makeWritten } from "./element.ts";
import { type ItemContext, viewMessage } from "./message-view.ts";
import { viewText } from "./text-view.ts";

export interface DraftActions {
  readonly expanded: Set<string>;
  resend(id: string): void;
  discard(id: string): void;
}

export function viewItem(item: Item, context: ItemContext): HTMLLIElement {
  const row = item.kind === "note" ? makeWritten("li", "note", item.text) : viewMessage(item, context);
  const isNewDay = item.at > 0 && dayOf(item.at) !== dayOf(context.previous?.at ?? 0);
  if (isNewDay) row.prepend(make("div", "day", dayOf(item.at)));
  return row;
}

export function viewDraft(draft: Draft, actions: DraftActions): HTMLLIElement {
  const { id, text, error } = draft;
  const row = make(
    "li",
    `item draft first${error === undefined ? "" : " failed"}`,
    viewText(id, text, actions.expanded, error === undefined ? [make("span", "mark", "sending…")] : []),
  );
  for (const { name } of draft.files ?? []) row.append(makeWritten("div", "file-name", `📎 ${name}`));
  if (error === undefined) return row;
  const again = makeButton("small", "Send again", () => actions.resend(id));
  const away = makeButton("small quiet", "Discard", () => actions.discard(id));
  row.append(make("div", "refusal", [make("span", "mark", `not sent: ${error}`), again, away]));
  return row;
}
