import { LINE_BREAK, LineEditor, type LineEditorEvents } from "../../chat/line-editor.ts";
import type { TypedLines } from "../typed-lines.ts";
import { type Completion, completionOf, type Names } from "./complete.ts";

/** What Enter does with the line. */
export type Purpose =
  | { readonly kind: "say" }
  /** `thread`: in which it is said. */
  | { readonly kind: "reply"; readonly seq: number; readonly thread: number | undefined }
  /** `base`: the event whose text is edited. */
  | { readonly kind: "edit"; readonly seq: number; readonly base: number }
  | { readonly kind: "react"; readonly seq: number };

const SAY: Purpose = { kind: "say" };

interface Aside {
  readonly purpose: Purpose;
  readonly text: string;
}

/**
 * The line that is typed, one for each room. What is to be said waits in `TypedLines` while something else is typed: an edit,
 * a reaction, or the line of another room.
 */
export class Composing {
  readonly editor: LineEditor;
  purpose: Purpose = SAY;
  /** Asked for instead of the line; drawn as dots. */
  secret: { readonly question: string; answered(text: string): void } | undefined;
  readonly #lines: TypedLines;
  /** Edits and reactions that wait for their room. */
  readonly #asides = new Map<string, Aside>();
  #room = "";
  #completing: (Completion & { readonly at: number }) | undefined;

  constructor(lines: TypedLines, events: LineEditorEvents) {
    this.#lines = lines;
    this.editor = new LineEditor({
      ...events,
      line: (text, isPasted) => {
        const { secret } = this;
        if (secret === undefined) return events.line(text, isPasted);
        this.secret = undefined;
        this.editor.isSecret = false;
        this.#restore();
        secret.answered(text);
      },
    });
  }

  /** The line of this room instead of that of another. */
  switchTo(room: string): void {
    this.keep();
    if (this.purpose.kind === "edit" || this.purpose.kind === "react")
      this.#asides.set(this.#room, { purpose: this.purpose, text: this.editor.text });
    // What was typed in no room is for the one that is entered.
    const carried = this.#room === "" && this.#lines.get(room) === undefined ? this.#lines.get("") : undefined;
    if (carried !== undefined) {
      this.#lines.set(room, carried);
      this.#lines.set("", { text: "", isPasted: false });
    }
    this.#room = room;
    const aside = this.#asides.get(room);
    this.#asides.delete(room);
    this.purpose = aside?.purpose ?? SAY;
    // The answer to a question is typed to its end; then the line of the room comes.
    if (this.secret !== undefined) return;
    if (aside === undefined) this.#restore();
    else this.editor.set(aside.text);
  }

  /** The line of this room was typed in another client of the user. */
  taken(room: string): void {
    if (room === this.#room && this.#isSaid && !this.editor.isPasting) this.#restore();
  }

  /** Whether the line is the one of the room, and no edit, reaction or secret. */
  get #isSaid(): boolean {
    return (this.purpose.kind === "say" || this.purpose.kind === "reply") && this.secret === undefined;
  }

  /** Notes the line, so that it survives. */
  keep(): void {
    if (!this.#isSaid) return;
    const { text, isPasted } = this.editor;
    this.#lines.set(this.#room, { text, isPasted });
  }

  /** Types something for another purpose; `text`: what the line begins with. */
  begin(purpose: Purpose, text?: string): void {
    this.keep();
    this.purpose = purpose;
    if (text !== undefined) this.editor.set(text);
  }

  /** Back to what is to be said. */
  cancel(): void {
    const { kind } = this.purpose;
    this.purpose = SAY;
    if (kind === "edit" || kind === "react") this.#restore();
  }

  /** The line was taken with Enter. */
  done(): void {
    const { kind } = this.purpose;
    this.purpose = SAY;
    if (kind === "edit" || kind === "react") this.#restore();
    else this.keep();
  }

  ask(question: string, answered: (text: string) => void): void {
    this.keep();
    this.secret = { question, answered };
    this.editor.isSecret = true;
    this.editor.set("");
  }

  /** Edits that were not sent, of all rooms. */
  get unsentEdits(): string[] {
    const open = this.purpose.kind === "edit" ? [this.editor.text] : [];
    const asides = [...this.#asides.values()].filter(({ purpose }) => purpose.kind === "edit").map(({ text }) => text);
    return [...open, ...asides].map((text) => text.replaceAll(LINE_BREAK, "\n"));
  }

  /** Completes the word before the cursor; again: the next choice, or the one before. Answers the choices in a line. */
  complete(names: Names, step: 1 | -1 = 1): string {
    const { editor } = this;
    const known = this.#completing;
    const next = known ?? { ...completionOf(editor.text.slice(0, editor.cursor), names), at: step > 0 ? -1 : 0 };
    const { length } = next.choices;
    if (length === 0) return "";
    const at = (next.at + step + length) % length;
    editor.insert(next.choices[at] ?? "", next.from);
    this.#completing = next.choices.length === 1 ? undefined : { ...next, at };
    return next.choices.map((choice, index) => (index === at ? `[${choice.trim()}]` : choice.trim())).join(" ");
  }

  completed(): void {
    this.#completing = undefined;
  }

  #restore(): void {
    const line = this.#lines.get(this.#room);
    this.editor.set(line?.text ?? "", line?.isPasted);
  }
}
