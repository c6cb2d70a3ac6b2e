import type { DataExport } from "@hubbub/client";
import type { App } from "../app.ts";
import { type ExportState, isOpen } from "../own-export.ts";
import type { ChatState } from "../state.ts";
import { dayOf } from "../ui/words.ts";
import { AvatarForm } from "./avatar-form.ts";
import { byId } from "./element.ts";

const MEBI = 1_048_576;

/** The dialog of the user's account. */
export class AccountView {
  readonly #app: App;
  readonly #dialog = byId("account", HTMLDialogElement);
  readonly #password = byId("export-password", HTMLInputElement);
  readonly #avatar: AvatarForm;
  #shown: ExportState | undefined;
  #me = "";

  constructor(app: App) {
    this.#app = app;
    this.#avatar = new AvatarForm(app);
    byId("account-open", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.showModal();
      app.chat?.own.exports.watch();
      this.#avatar.show(this.#me).catch(reportError);
    });
    this.#dialog.addEventListener("close", () => {
      this.#password.value = "";
      app.chat?.own.exports.unwatch();
    });
    byId("export-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const { submitter } = event;
      const isDownload = submitter instanceof HTMLButtonElement && submitter.value === "download";
      (isDownload ? this.#download() : this.#ask()).catch(reportError);
    });
  }

  render({ me, ownExport }: ChatState): void {
    this.#me = me.id;
    if (ownExport === this.#shown) return;
    this.#shown = ownExport;
    const { newest, isProofWanted, isBusy, error } = ownExport;
    byId("export-state", HTMLElement).textContent = newest === undefined ? "" : wordsOf(newest);
    byId("export-error", HTMLElement).textContent = error;
    this.#renderProgress(newest);
    const field = byId("export-password-field", HTMLElement);
    if (field.hidden && isProofWanted) queueMicrotask(() => this.#password.focus());
    field.hidden = !isProofWanted;
    const [ask, download] = [byId("export-ask", HTMLButtonElement), byId("export-download", HTMLButtonElement)];
    ask.disabled = isBusy || isOpen(newest);
    download.disabled = isBusy;
    download.hidden = newest?.state !== "done";
  }

  clear(): void {
    this.#password.value = "";
    this.#shown = undefined;
    this.#avatar.clear();
    byId("export-state", HTMLElement).textContent = "";
    if (this.#dialog.open) this.#dialog.close();
  }

  #renderProgress(newest: DataExport | undefined): void {
    const bar = byId("export-progress", HTMLProgressElement);
    bar.hidden = !isOpen(newest);
    if (newest === undefined || newest.progress.total === 0) bar.removeAttribute("value");
    else bar.value = newest.progress.done / newest.progress.total;
  }

  async #ask(): Promise<void> {
    await this.#app.chat?.own.exports.ask(this.#password.value);
    this.#forgetPassword();
  }

  /** The answer is an attachment: the page stays. */
  async #download(): Promise<void> {
    const url = await this.#app.chat?.own.exports.link(this.#password.value);
    this.#forgetPassword();
    if (url !== undefined) location.assign(url);
  }

  #forgetPassword(): void {
    if (this.#shown?.error === "") this.#password.value = "";
  }
}

function wordsOf({ state, requestedAt, progress, bytes, fault }: DataExport): string {
  const size = `${(bytes / MEBI).toFixed(1)} MB`;
  switch (state) {
    case "queued":
      return "The archive waits for its turn.";
    case "running":
      return `The archive is made: ${progress.done} of ${progress.total} parts, ${size}.`;
    case "done":
      return `An archive of ${dayOf(requestedAt)} is ready (${size}).`;
    case "failed":
      return fault === "too_large" ? "Your data is larger than an archive may be." : "The archive could not be made.";
    case "expired":
      return "Your last archive is over.";
  }
}
