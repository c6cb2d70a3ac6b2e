import type { App } from "../../model/app.ts";
import type { Conversation } from "../../model/conversation.ts";

/** Files by button, by drop and by paste. */
export function addFiles(app: App, conversation: Conversation | undefined, files: FileList | null): void {
  const left = conversation?.uploads.add([...(files ?? [])]) ?? 0;
  if (left > 0) app.chat?.notice(`A message takes no more files: ${left} left out.`);
}
