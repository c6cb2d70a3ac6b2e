import { TERMINAL_CONTROLS } from "@hubbub/protocol";

/** `unknown`: it could not be looked at, for a reason that is no fault. */
export type Level = "ok" | "warning" | "fault" | "unknown";

/** What one check found. */
export interface Finding {
  /** Stable, for programs. */
  readonly name: string;
  readonly level: Level;
  /** What is. */
  readonly is: string;
  /** What should be. */
  readonly shouldBe: string;
  /** What to do; empty if there is nothing to do. */
  readonly todo: string;
  /** Of the requirements that the check is about: ASVS 5.0, GDPR, HIPAA. */
  readonly ids?: readonly string[] | undefined;
}

/** As `hubbub verify` has them. */
export const EXIT = { clean: 0, faults: 1, unchecked: 2 } as const;

const ORDER: readonly Level[] = ["fault", "warning", "unknown", "ok"];
const WORDS: Readonly<Record<Level, string>> = { ok: "ok", warning: "warning", fault: "FAULT", unknown: "not seen" };
const WORD_WIDTH = 9;
const NAME_WIDTH = 24;

/** A check that is fine or not. `level`: what it is if it is not. */
export function check(
  isFine: boolean,
  level: "warning" | "fault",
  { todo, ...finding }: Omit<Finding, "level">,
): Finding {
  return { ...finding, level: isFine ? "ok" : level, todo: isFine ? "" : todo };
}

export function notSeen(name: string, is: string, shouldBe: string, todo = ""): Finding {
  return { name, level: "unknown", is, shouldBe, todo };
}

export function exitOf(findings: readonly Finding[]): number {
  return findings.some(({ level }) => level === "fault") ? EXIT.faults : EXIT.clean;
}

/** Faults first. What came from other programs cannot drive the terminal. */
export function toText(findings: readonly Finding[]): string {
  const sorted = [...findings].sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
  const lines = sorted.flatMap(({ name, level, is, shouldBe, todo, ids = [] }) => {
    const first = `${WORDS[level].padEnd(WORD_WIDTH)}${name.padEnd(NAME_WIDTH)} ${is}`;
    if (level === "ok") return [first];
    const indent = " ".repeat(WORD_WIDTH);
    return [
      first,
      `${indent}should be: ${shouldBe}`,
      ...(todo === "" ? [] : [`${indent}do: ${todo}`]),
      ...(ids.length === 0 ? [] : [`${indent}${ids.join(", ")}`]),
    ];
  });
  const counts = ORDER.map((level) => `${findings.filter((one) => one.level === level).length} ${WORDS[level]}`);
  return [...lines, counts.join(", ")].map((line) => `${line.replace(TERMINAL_CONTROLS, "\ufffd")}\n`).join("");
}

export function toJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ clean: exitOf(findings) === EXIT.clean, findings }, null, 2)}\n`;
}
