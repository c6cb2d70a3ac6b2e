import { REPORT_REASONS, type Report, type ReportReason, type RoomId } from "@hubbub/protocol";
import type { App } from "../app.ts";
import { type ReportsState, seesReports } from "../reports.ts";
import type { Open } from "../state.ts";
import { clockOf, dayOf } from "../ui/words.ts";
import { byId, make, makeButton, makeWritten } from "./element.ts";

const REASONS: Readonly<Record<ReportReason, string>> = {
  spam: "Spam",
  abuse: "Abuse or harassment",
  illegal: "Illegal content",
  other: "Something else",
};

/** Asks what is wrong with a message; undefined: nothing is reported. */
export function askReport(): Promise<{ reason: ReportReason; text: string } | undefined> {
  const dialog = byId("report", HTMLDialogElement);
  const reason = byId("report-reason", HTMLSelectElement);
  const text = byId("report-text", HTMLTextAreaElement);
  reason.replaceChildren(...REPORT_REASONS.map((one) => new Option(REASONS[one], one)));
  text.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const done = (): void => {
      const chosen = REPORT_REASONS.find((one) => one === reason.value);
      const isSent = dialog.returnValue === "yes" && chosen !== undefined;
      resolve(isSent ? { reason: chosen, text: text.value.trim() } : undefined);
    };
    dialog.addEventListener("close", done, { once: true });
  });
}

/** The button with the number of reports that wait, and the queue of the open room, for moderators. */
export class ReportsView {
  readonly #app: App;
  readonly #button = byId("reports", HTMLButtonElement);
  readonly #dialog = byId("queue", HTMLDialogElement);
  readonly #list = byId("queue-items", HTMLOListElement);
  #room: RoomId | undefined;
  #shown: ReportsState["queue"];

  constructor(app: App) {
    this.#app = app;
    this.#button.addEventListener("click", () => {
      if (this.#room !== undefined) app.chat?.reports.open(this.#room);
    });
    this.#dialog.addEventListener("close", () => app.chat?.reports.close());
  }

  render(open: Open | undefined, { waiting, queue }: ReportsState): void {
    this.#room = open?.stage === "in" ? open.id : undefined;
    this.#button.hidden = this.#room === undefined || !seesReports(open?.room?.role);
    const count = (this.#room && waiting.get(this.#room)) ?? 0;
    this.#button.textContent = count === 0 ? "Reports" : `Reports (${count})`;
    this.#button.classList.toggle("danger", count > 0);
    if (queue === this.#shown) return;
    this.#shown = queue;
    if (queue === undefined) {
      this.#list.replaceChildren();
      if (this.#dialog.open) this.#dialog.close();
      return;
    }
    const hint = queue.isLoading ? "Loading…" : queue.reports.length === 0 ? "No report waits." : "";
    const rows = queue.reports.map((report) => this.#row(report));
    this.#list.replaceChildren(...rows, ...(hint === "" ? [] : [make("li", "muted", hint)]));
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  clear(): void {
    this.#room = undefined;
    this.#button.hidden = true;
    this.render(undefined, { waiting: new Map(), queue: undefined });
  }

  #row(report: Report): HTMLLIElement {
    const { at, by, reason, text, context, seq } = report;
    const head = makeWritten(
      "p",
      "muted",
      `${REASONS[reason]} · reported by ${by.username} · ${dayOf(at)} ${clockOf(at)}`,
    );
    const said = text === undefined ? [] : [makeWritten("p", "", `“${text}”`)];
    const near = (isBefore: boolean) =>
      context
        .filter((one) => one.seq < seq === isBefore)
        .map((one) => makeWritten("p", "near", `${one.by.username}: ${one.text ?? "(deleted)"}`));
    const words = [...near(true), this.#reported(report), ...near(false)];
    return make("li", "queue-report", [head, ...said, make("div", "report-words", words), this.#choices(report)]);
  }

  #reported({ author, message, deleted }: Report): HTMLElement {
    const text = `${author.username}: ${message ?? "(the author was erased)"}`;
    return makeWritten("p", "reported", deleted ? `${text} (deleted since)` : text);
  }

  #choices(report: Report): HTMLElement {
    const reports = this.#app.chat?.reports;
    const act = (label: string, kind: string, choose: () => void) => makeButton(`small ${kind}`, label, choose);
    const remove = act("Delete the message", "danger", () => {
      this.#app.chat?.conversation(report.room)?.act(async (live) => {
        await live.delete(report.seq);
        reports?.decide(report, "acted");
      });
    });
    return make("menu", "", [
      ...(report.deleted ? [] : [remove]),
      act("Mark as handled", "", () => reports?.decide(report, "acted")),
      act("Dismiss", "quiet", () => reports?.decide(report, "dismissed")),
    ]);
  }
}
