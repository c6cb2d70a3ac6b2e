import type { FileInfo } from "@hubbub/protocol";
import type { MenuRow, Overlays } from "../overlay/overlays.ts";
import type { TalkParts } from "./talk-context.ts";

/** Asks first. Answers whether the file is deleted. */
export async function removeFile(file: FileInfo, talk: TalkParts, overlays: Overlays): Promise<boolean> {
  const question = `Delete ${file.name} for everybody? The message stays.`;
  return (await overlays.ask(question, "Delete the file")) && talk.conversation.files.delete(file.id);
}

/** A row for each file of a message that is still there. */
export function removeFileRows(files: readonly FileInfo[], talk: TalkParts, overlays: Overlays): MenuRow[] {
  return files
    .map((file, index) => {
      const isFirst = files.findIndex(({ name }) => name === file.name) === index;
      const label = files.length === 1 ? "Delete the file" : `Delete ${file.name}${isFirst ? "" : ` (${index + 1})`}`;
      const act = (): void => void removeFile(file, talk, overlays).catch(reportError);
      return { file, row: { label, isDanger: true, act } };
    })
    .filter(({ file }) => !talk.conversation.files.isGone(file.id))
    .map(({ row }) => row);
}
