import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import type { Room as LiveRoom, Message, Messages } from "@hubbub/client";
import type { UserId } from "@hubbub/protocol";
import { CliError } from "../cli-error.ts";
import type { ChatInput } from "./chat-input.ts";

export type MessageCommand = Extract<ChatInput, { kind: "edit" | "delete" | "react" | "reply" | "upload" }>;

/** Where a command acts. */
export interface Place {
  readonly live: LiveRoom;
  readonly messages: Messages;
  readonly me: UserId | undefined;
  /** Sends a text, as if it were typed. */
  send(text: string, options: { replyTo?: number; files?: string[] }): Promise<void>;
  /** What is shown while a file is on its way. */
  underway(text: string): void;
}

/** @throws CliError when there is no such message or file; HubbubError for a refusal */
export async function doMessageCommand(command: MessageCommand, place: Place): Promise<void> {
  const { live } = place;
  switch (command.kind) {
    case "edit": {
      const { event, state } = find(place, command.target, "own");
      await live.edit(event.seq, command.text, { baseSeq: state.edited?.seq ?? event.seq });
      return;
    }
    case "delete":
      await live.delete(find(place, command.target, "own").event.seq);
      return;
    case "react": {
      const { event, state } = find(place, command.target, "others'");
      const isMine = place.me !== undefined && state.reactions.get(command.emoji)?.has(place.me) === true;
      await live.react(event.seq, command.emoji, isMine ? { remove: true } : {});
      return;
    }
    case "reply":
      await place.send(command.text, { replyTo: find(place, command.target, "others'").event.seq });
      return;
    case "upload":
      await upload(command, place);
  }
}

/** Without a number: the newest one of its kind. */
function find({ messages, me }: Place, target: number | undefined, whose: "own" | "others'"): Message {
  if (target !== undefined) {
    const named = messages.get(target);
    if (named === undefined) throw new CliError(`there is no message #${target} in what was shown`);
    return named;
  }
  const isOwn = ({ event }: Message): boolean => event.by.id === me;
  const isMeant = (one: Message): boolean => !one.state.isDeleted && isOwn(one) === (whose === "own");
  const newest = messages.all.findLast(isMeant);
  if (newest === undefined) throw new CliError(`there is no message here: name one by its number, like #12`);
  return newest;
}

type Upload = Extract<MessageCommand, { kind: "upload" }>;

async function upload({ path: typed, mustBeImage }: Upload, { live, send, underway }: Place): Promise<void> {
  const path = typed.startsWith("~/") ? join(homedir(), typed.slice(2)) : typed;
  const name = basename(path);
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${path} cannot be read: ${cause.code ?? cause.message}`, undefined, { cause });
  });
  if (!found.isFile()) throw new CliError(`${path} is not a file`);
  const onProgress = (sent: number): void =>
    underway(`${name} ${Math.floor((100 * sent) / Math.max(found.size, 1))} %`);
  underway(`${name} 0 %`);
  try {
    const content = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    const file = await live.upload(content, { name, onProgress });
    underway("");
    // The server says what the content is. What no message names is removed by its sweep.
    if (mustBeImage && file.width === undefined)
      throw new CliError(`${path} is no image that the server knows: .file ${typed} sends it as it is`);
    await send("", { files: [file.id] });
  } finally {
    underway("");
  }
}
