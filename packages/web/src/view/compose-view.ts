import { type RoomId, TEXT_MAX_BYTES } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { Conversation, Talk } from "../conversation.ts";
import type { TakenDrafts } from "../drafts.ts";
import type { Open } from "../state.ts";
import { type Message, textOf } from "../timeline.ts";
import { byId } from "./element.ts";
import { pressMark } from "./mark-keys.ts";
import { quoteOf } from "./message-view.ts";
import { UploadsView } from "./uploads-view.ts";

/** What a browser reports for a key that an input method takes. Safari tells it after the composition has ended. */
const KEY_OF_INPUT_METHOD = 229;
const utf8 = new TextEncoder();

/** What the box is about, besides a new message. */
interface Subject {
  readonly kind: "reply" | "edit";
  readonly message: Message;
}

/** The box. What is in it belongs to the room that is shown, and goes to no other. */
export class ComposeView {
  readonly #app: App;
  readonly #form = byId("compose", HTMLFormElement);
  readonly #text = byId("compose-text", HTMLTextAreaElement);
  readonly #subjectBar = byId("subject", HTMLElement);
  readonly #uploads: UploadsView;
  readonly #sent: () => void;
  #room: RoomId | undefined;
  #subject: Subject | undefined;
  /** Which text of another browser is in the box, or was. */
  #taken: number | undefined;

  /** `sent`: an own message is on its way. */
  constructor(app: App, sent: () => void) {
    this.#app = app;
    this.#sent = sent;
    this.#uploads = new UploadsView(app, () => this.#conversation);
    this.#text.addEventListener("keydown", (event) => this.#press(event));
    this.#text.addEventListener("input", () => {
      this.#text.setCustomValidity("");
      if (this.#text.value !== "") this.#conversation?.typed();
      const isDraft = this.#room !== undefined && this.#subject?.kind !== "edit";
      if (isDraft) app.chat?.own.drafts.typed(this.#room as RoomId, this.#text.value);
    });
    byId("subject-end", HTMLButtonElement).addEventListener("click", () => this.#about(undefined));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  render(open: Open | undefined, talk: Talk | undefined, canWrite: boolean, drafts: TakenDrafts): void {
    const room = open?.stage === "in" ? open.id : undefined;
    const taken = room === undefined ? undefined : drafts.get(room);
    if (taken !== this.#taken && room === this.#room && this.#subject?.kind !== "edit") this.#showDraft();
    this.#taken = taken;
    this.#text.disabled = !canWrite;
    this.#uploads.render(talk?.uploads ?? []);
    if (room === this.#room) return;
    this.#room = room;
    this.#about(undefined);
    if (room !== undefined && canWrite) this.#text.focus();
  }

  reply(message: Message): void {
    this.#about({ kind: "reply", message });
    this.#text.focus();
  }

  edit(message: Message): void {
    this.#about({ kind: "edit", message });
    this.#text.focus();
  }

  get #conversation(): Conversation | undefined {
    return this.#room === undefined ? undefined : this.#app.chat?.conversation(this.#room);
  }

  /** An edit takes the box for itself; afterwards the draft is there again. */
  #about(subject: Subject | undefined): void {
    const hadOwnText = this.#subject?.kind === "edit" || subject?.kind === "edit" || subject === undefined;
    this.#subject = subject;
    this.#subjectBar.hidden = subject === undefined;
    const label = subject?.kind === "edit" ? "Editing: " : "Reply to ";
    byId("subject-text", HTMLElement).textContent = subject === undefined ? "" : label + quoteOf(subject.message);
    this.#text.setCustomValidity("");
    if (!hadOwnText) return;
    if (subject?.kind === "edit") this.#text.value = textOf(subject.message);
    else this.#showDraft();
  }

  #showDraft(): void {
    this.#text.value = this.#room === undefined ? "" : (this.#app.chat?.words.draft(this.#room) ?? "");
  }

  /** Enter sends, Shift+Enter makes a line; what an input method composes is left alone. */
  #press(event: KeyboardEvent): void {
    const isComposed = event.isComposing || event.keyCode === KEY_OF_INPUT_METHOD;
    if (isComposed || pressMark(event, this.#text)) return;
    if (event.key === "Escape" && this.#subject !== undefined) this.#about(undefined);
    if (event.key === "ArrowUp" && this.#text.value === "" && this.#subject === undefined) this.#editLast(event);
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #editLast(event: KeyboardEvent): void {
    const { me, talk } = this.#conversation ?? {};
    const isOwn = (message: Message): boolean => message.event.by.id === me && !message.state.isDeleted;
    const last = talk?.timeline.items.findLast((item) => item.kind === "message" && isOwn(item));
    if (last?.kind !== "message") return;
    event.preventDefault();
    this.edit(last);
  }

  #submit(): void {
    const { value } = this.#text;
    const conversation = this.#conversation;
    if (conversation === undefined || this.#text.disabled) return;
    if (utf8.encode(value).length > TEXT_MAX_BYTES) {
      this.#text.setCustomValidity(`A message has at most ${TEXT_MAX_BYTES} bytes.`);
      this.#text.reportValidity();
      return;
    }
    const isDone = this.#subject?.kind === "edit" ? this.#change(conversation, value) : this.#send(conversation, value);
    if (!isDone) return;
    this.#about(undefined);
    this.#text.focus();
  }

  #send(conversation: Conversation, text: string): boolean {
    const { uploads } = conversation.talk;
    if (uploads.some(({ file, error }) => file === undefined && error === "")) {
      this.#app.chat?.notice("A file is still on its way. Send when it has arrived, or remove it.");
      return false;
    }
    const files = conversation.uploads.take();
    if (text.trim() === "" && files.length === 0) return false;
    conversation.send(text, {
      ...(this.#subject && { replyTo: this.#subject.message.seq }),
      ...(files.length > 0 && { files }),
    });
    this.#app.chat?.own.drafts.typed(conversation.room.id, "");
    this.#sent();
    return true;
  }

  #change(conversation: Conversation, text: string): boolean {
    const message = this.#subject?.message;
    if (message === undefined || text.trim() === "") return false;
    const baseSeq = message.state.edited?.seq ?? message.seq;
    if (text !== textOf(message)) conversation.act((live) => live.edit(message.seq, text, { baseSeq }));
    return true;
  }
}
