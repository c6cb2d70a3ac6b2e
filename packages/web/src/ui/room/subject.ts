import type { Message } from "../../model/timeline.ts";

/** What the box is about, besides a new message. */
export interface Subject {
  readonly kind: "reply" | "edit";
  readonly message: Message;
  /** Of an edit that was refused: what was typed, and the event of the text that is there now. */
  readonly refused?: { readonly text: string; readonly baseSeq: number };
}
