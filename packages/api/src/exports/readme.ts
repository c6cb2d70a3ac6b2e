import type { ExportSection } from "@hubbub/store";

/** Wide enough for the longest name of a file. */
const NAME_WIDTH = 22;

/** README.txt of an archive. */
export function readmeOf(sections: readonly ExportSection[], at: Date): string {
  const line = (name: string, about: string) => `${name.padEnd(NAME_WIDTH)}${about}`;
  return `Your data on this Hubbub server, as it was stored at ${at.toISOString()}.

Files whose names end with .ndjson have one JSON object a line. Times are in UTC. Missing fields have no value. Rooms, messages and other
people are named by their ids: "room" and "seq" together name a message.

${sections.map(({ name, about }) => line(`${name}.ndjson`, about)).join("\n")}
${line("messages.ndjson", "what you did in rooms, in order: messages, edits, reactions, pins, joins and so on, by kind")}
${line("", "target: the message that an edit or a reaction is about; thread: the message that the thread begins with")}
${line("", "a message that was deleted has no text")}
${line("avatar.webp", "your picture, if you have one")}
${line("files/", "the content of your files, see files.ndjson")}
${line("left-out.ndjson", "files that did not fit into the archive, or were deleted while it was made")}

What others wrote is not part of it, except the texts of messages that you have reported. Messages of the last seconds may be missing.
`;
}
