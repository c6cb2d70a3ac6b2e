import type { Key } from "node:readline";
import type { FileInfo, Message } from "@hubbub/client";
import { LINE_BREAK } from "../../chat/line-editor.ts";
import type { Composing } from "./composing.ts";
import type { Desk } from "./desk.ts";
import type { Entry } from "./entries.ts";

interface SelectionHost {
  readonly desk: Desk;
  readonly composing: Composing;
  run(work: () => Promise<void>): void;
  /** Shows a picture; false: this terminal cannot. */
  picture(room: string, file: FileInfo): boolean;
}

/** A message is selected, and letters do something with it. */
export class SelectionKeys {
  readonly #host: SelectionHost;
  /** The message that a second `d` deletes. */
  #doomed: number | undefined;

  constructor(host: SelectionHost) {
    this.#host = host;
  }

  /** Answers whether the key was meant for the selection. */
  key(text: string | undefined, { name = "", ctrl = false, meta = false, shift = false }: Key): boolean {
    const { desk, composing } = this.#host;
    const doomed = this.#doomed;
    this.#doomed = undefined;
    if ((ctrl || shift) && (name === "up" || name === "down")) {
      desk.activePane.select(name === "up" ? -1 : 1);
      return true;
    }
    const { chosen } = desk.activePane;
    if (chosen === undefined || meta || ctrl || composing.purpose.kind !== "say") return false;
    if (name === "return") return this.#go(chosen);
    if (text === undefined || composing.editor.text !== "") return false;
    if (chosen.kind === "draft") return this.#draft(chosen, text);
    return chosen.kind === "message" && this.#message(chosen, text, doomed);
  }

  toggleThread(): void {
    const { desk } = this.#host;
    if (desk.thread !== undefined) {
      desk.openThread(undefined);
      return;
    }
    const { chosen } = desk.pane;
    const message = chosen?.kind === "message" ? chosen.message : newestWithReplies(desk);
    if (message === undefined) desk.hint = "there is no message here";
    else desk.openThread(message.event.thread ?? message.event.seq);
  }

  /** Answers whether there is one. */
  editLast(): boolean {
    const { desk } = this.#host;
    const isMine = ({ event, state }: Message): boolean =>
      event.by.id === desk.me?.id && !state.isDeleted && (desk.thread === undefined || event.thread === desk.thread);
    const last = desk.talk?.messages.all.findLast(isMine);
    if (last !== undefined) this.#edit(last);
    return last !== undefined;
  }

  #message(chosen: Extract<Entry, { kind: "message" }>, letter: string, doomed: number | undefined): boolean {
    const { desk, composing } = this.#host;
    const { message } = chosen;
    const { seq } = message.event;
    const live = desk.talk?.live;
    if (live === undefined) return false;
    if (letter === "r") composing.begin({ kind: "reply", seq, thread: desk.thread });
    else if (letter === "+") composing.begin({ kind: "react", seq }, "");
    else if (letter === "e") this.#edit(message);
    else if (letter === "d" && doomed === seq) this.#host.run(async () => void (await live.delete(seq)));
    else if (letter === "d") {
      this.#doomed = seq;
      desk.hint = `d again deletes #${seq}, any other key keeps it`;
    } else if (letter === "p")
      this.#host.run(async () => void (await live.pin(seq, message.state.isPinned ? { remove: true } : {})));
    else if (letter === "t") this.toggleThread();
    else return false;
    return true;
  }

  #draft({ draft }: Extract<Entry, { kind: "draft" }>, letter: string): boolean {
    const { desk } = this.#host;
    if (letter === "r") desk.talk?.drafts.resend(draft.id);
    else if (letter !== "d") return false;
    else if (desk.talk?.drafts.discard(draft.id) !== true) desk.hint = "it is on its way and cannot be taken back";
    desk.activePane.toEnd();
    return true;
  }

  /** To its picture, to what it replies to, or into its thread. */
  #go(chosen: Entry): boolean {
    const { desk, composing } = this.#host;
    if (composing.editor.text !== "" || chosen.kind !== "message") return false;
    const { replyTo, room, files = [] } = chosen.message.event;
    if (files.some((file) => this.#host.picture(room, file))) return true;
    if (replyTo === undefined) this.toggleThread();
    else this.#host.run(() => desk.jump(room, replyTo));
    return true;
  }

  #edit({ event, state }: Message): void {
    const { desk, composing } = this.#host;
    if (event.by.id !== desk.me?.id || state.isDeleted) {
      desk.hint = "only your own messages can be edited";
      return;
    }
    const text = (state.text ?? event.text).replaceAll("\n", LINE_BREAK);
    composing.begin({ kind: "edit", seq: event.seq, base: state.edited?.seq ?? event.seq }, text);
  }
}

function newestWithReplies({ talk }: Desk): Message | undefined {
  const inRoom = talk?.messages.all.filter(({ event }) => event.thread === undefined);
  return inRoom?.findLast(({ state }) => state.replies !== undefined) ?? inRoom?.at(-1);
}
