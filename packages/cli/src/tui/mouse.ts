import type { Key } from "node:readline";

/** A report of the mouse begins so; its rest comes as single keys. */
const BEGIN = "\u001b[<";
const REPORT_MAX = 20;
const WHEEL = { 64: "up", 65: "down" } as const;

/** Finds the wheel among the keys. */
export class Mouse {
  #report: string | undefined;

  /** undefined: the key is none of the mouse's. "": a part of a report, or a click. */
  key(text: string | undefined, { sequence }: Key): "up" | "down" | "" | undefined {
    if (sequence === BEGIN) {
      this.#report = "";
      return "";
    }
    if (this.#report === undefined) return undefined;
    this.#report += text ?? "";
    if (!/[Mm]$/.test(this.#report) && this.#report.length < REPORT_MAX) return "";
    const button = Number.parseInt(this.#report, 10);
    this.#report = undefined;
    return WHEEL[button as keyof typeof WHEEL] ?? "";
  }
}
