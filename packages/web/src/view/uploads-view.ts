import type { App } from "../app.ts";
import type { Conversation } from "../conversation.ts";
import type { Upload } from "../uploads.ts";
import { byId, make, makeButton, makeWritten } from "./element.ts";

/** Files by button, by drop and by paste, and how far they are. */
export class UploadsView {
  readonly #app: App;
  readonly #list = byId("uploads", HTMLUListElement);
  readonly #conversation: () => Conversation | undefined;
  #shown: readonly Upload[] = [];

  constructor(app: App, conversation: () => Conversation | undefined) {
    this.#app = app;
    this.#conversation = conversation;
    const input = byId("files", HTMLInputElement);
    byId("attach", HTMLButtonElement).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#add(input.files);
      input.value = "";
    });
    byId("compose-text", HTMLElement).addEventListener("paste", (event) => {
      if (event.clipboardData !== null && event.clipboardData.files.length > 0) {
        event.preventDefault();
        this.#add(event.clipboardData.files);
      }
    });
    this.#takeDrops(byId("talk", HTMLElement));
  }

  render(uploads: readonly Upload[]): void {
    if (uploads === this.#shown) return;
    this.#shown = uploads;
    this.#list.hidden = uploads.length === 0;
    this.#list.replaceChildren(...uploads.map((upload) => this.#row(upload)));
  }

  #row({ key, name, progress, file, error }: Upload): HTMLLIElement {
    const bar = make("progress", "");
    bar.value = progress;
    bar.ariaLabel = `Upload of ${name}`;
    const what =
      error === "" ? (file === undefined ? bar : make("span", "mark stored", "✓")) : make("span", "error", error);
    const remove = makeButton("small quiet", "✕", () => this.#conversation()?.uploads.remove(key));
    remove.ariaLabel = `Remove ${name}`;
    return make("li", "upload", [makeWritten("span", "file-name", name), what, remove]);
  }

  #add(files: FileList | null): void {
    const left = this.#conversation()?.uploads.add([...(files ?? [])]) ?? 0;
    if (left > 0) this.#app.chat?.notice(`A message takes no more files: ${left} left out.`);
  }

  #takeDrops(area: HTMLElement): void {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
    const isOver = (is: boolean): boolean => area.classList.toggle("dropping", is);
    area.addEventListener("dragover", (event) => {
      if (!hasFiles(event) || this.#conversation() === undefined) return;
      event.preventDefault();
      isOver(true);
    });
    area.addEventListener("dragleave", (event) => {
      if (!area.contains(event.relatedTarget as Node | null)) isOver(false);
    });
    area.addEventListener("drop", (event) => {
      isOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.#add(event.dataTransfer?.files ?? null);
    });
  }
}
