import type { Message } from "../../timeline.ts";

/** What the box is about, besides a new message. */
export interface Subject {
  readonly kind: "reply" | "edit";
  readonly message: Message;
}
