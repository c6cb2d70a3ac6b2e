import type { Edit } from "../../model/conversation.ts";
import type { Message } from "../../model/timeline.ts";

/** What the box is about, besides a new message. */
export interface Subject {
  readonly kind: "reply" | "edit";
  readonly message: Message;
  /** Of an edit that was refused. */
  readonly refused?: Edit;
}
