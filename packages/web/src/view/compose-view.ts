import { type RoomId, TEXT_MAX_BYTES } from "@hubbub/protocol";
import type { App } from "../app.ts";
import type { Open } from "../state.ts";
import { byId } from "./element.ts";

/** What a browser reports for a key that an input method takes. Safari tells it after the composition has ended. */
const KEY_OF_INPUT_METHOD = 229;
const utf8 = new TextEncoder();

/** The box. What is in it belongs to the room that is shown, and goes to no other. */
export class ComposeView {
  readonly #app: App;
  readonly #form = byId("compose", HTMLFormElement);
  readonly #text = byId("compose-text", HTMLTextAreaElement);
  readonly #sent: () => void;
  #room: RoomId | undefined;

  /** `sent`: an own message is on its way. */
  constructor(app: App, sent: () => void) {
    this.#app = app;
    this.#sent = sent;
    this.#text.addEventListener("keydown", (event) => this.#press(event));
    this.#text.addEventListener("input", () => {
      this.#text.setCustomValidity("");
      if (this.#room !== undefined) app.chat?.words.setDraft(this.#room, this.#text.value);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  render(open: Open | undefined, canWrite: boolean): void {
    const room = open?.stage === "in" ? open.id : undefined;
    this.#text.disabled = !canWrite;
    if (room === this.#room) return;
    this.#room = room;
    this.#text.setCustomValidity("");
    this.#text.value = room === undefined ? "" : (this.#app.chat?.words.draft(room) ?? "");
    if (room !== undefined && canWrite) this.#text.focus();
  }

  /** Enter sends, Shift+Enter makes a line; what an input method composes is left alone. */
  #press(event: KeyboardEvent): void {
    const isComposed = event.isComposing || event.keyCode === KEY_OF_INPUT_METHOD;
    if (event.key !== "Enter" || event.shiftKey || isComposed) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit(): void {
    const { value } = this.#text;
    if (value.trim() === "" || this.#room === undefined || this.#text.disabled) return;
    if (utf8.encode(value).length > TEXT_MAX_BYTES) {
      this.#text.setCustomValidity(`A message has at most ${TEXT_MAX_BYTES} bytes.`);
      this.#text.reportValidity();
      return;
    }
    this.#app.chat?.send(this.#room, value);
    this.#app.chat?.words.setDraft(this.#room, "");
    this.#text.value = "";
    this.#text.focus();
    this.#sent();
  }
}
