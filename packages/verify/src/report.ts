import { ADVICE, FAULTS, type FaultCode, LOOKED_AT, type LookedAt, NOTES, type NoteCode } from "./checks.ts";
import type { Findings, Found } from "./findings.ts";

const count = (value: number): string => value.toLocaleString("en-US");
const keysOf = <Key extends string>(object: Record<Key, unknown>): Key[] => Object.keys(object) as Key[];

const NOTHING_IN_REDIS =
  "  Redis knows none of these rooms, so nothing was compared: it was emptied, or REDIS_PREFIX is not the cluster's";

/** For programs: one object. */
export function toJson({ looked, faults, notes }: Findings, isWithRedis: boolean): string {
  const isClean = Object.keys(faults).length === 0;
  const advice = Object.fromEntries(adviceFor(faults));
  return `${JSON.stringify({ clean: isClean, redis: isWithRedis, looked, faults, notes, advice }, null, 2)}\n`;
}

/** For people: how much was looked at, each check with what it found, examples, the verdict. */
export function toText(findings: Findings, isWithRedis: boolean): string {
  const { looked, faults, notes } = findings;
  const sizes = keysOf<LookedAt>(LOOKED_AT).map((name) => `  ${count(looked[name]).padStart(14)}  ${LOOKED_AT[name]}`);
  const checks = keysOf<FaultCode>(FAULTS).map((code) => line(code, faults[code], FAULTS[code]));
  const told = keysOf<NoteCode>(NOTES).flatMap((code) => (notes[code] ? [line(code, notes[code], NOTES[code])] : []));
  const found = keysOf<FaultCode>(FAULTS).flatMap((code) => examplesOf(code, faults[code]));
  const advice = adviceFor(faults).map(([code, text]) => `  ${code.padEnd(15)}  ${text}`);
  const noted = keysOf<NoteCode>(NOTES).flatMap((code) => examplesOf(code, notes[code]));
  return [
    "looked at",
    ...sizes,
    ...(isWithRedis ? [] : ["  the rows alone: there is no Redis to compare with"]),
    ...(isWithRedis && looked.rows > 0 && looked.heads === 0 ? [NOTHING_IN_REDIS] : []),
    "",
    "faults",
    ...checks,
    ...(told.length === 0 ? [] : ["", "no faults, but good to know", ...told]),
    ...(found.length + noted.length === 0 ? [] : ["", "examples", ...found, ...noted]),
    ...(advice.length === 0 ? [] : ["", "what to do", ...advice]),
    "",
    verdict(findings),
    "",
  ].join("\n");
}

function adviceFor(faults: Findings["faults"]): [code: string, text: string][] {
  return keysOf<FaultCode>(FAULTS).flatMap((code) => {
    const text = ADVICE[code];
    return text === undefined || faults[code] === undefined ? [] : [[code, text]];
  });
}

function line(code: string, found: Found | undefined, text: string): string {
  return `  ${count(found?.count ?? 0).padStart(14)}  ${code.padEnd(15)}  ${text}`;
}

function examplesOf(code: string, found: Found | undefined): string[] {
  return (found?.examples ?? []).map((example) => `  ${code.padEnd(15)}  ${example}`);
}

/** What cannot be judged is said with the verdict: nobody may take it for looked at. */
function verdict({ faults, notes }: Findings): string {
  const codes = Object.keys(faults);
  const open =
    notes.renumbered === undefined ? "" : `; ${count(notes.renumbered.count)} seqs cannot be judged (renumbered)`;
  return `${codes.length === 0 ? "clean" : `not clean: ${codes.join(", ")}`}${open}`;
}
