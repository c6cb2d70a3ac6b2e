import type { Message } from "../../model/timeline.ts";

/** What the box is about, besides a new message. */
export interface Subject {
  readonly kind: "reply" | "edit";
  readonly message: Message;
}
