import type { Subject } from "./subject.ts";

/** A requirement of the protocol on servers. The `id` never changes, and the id of a removed rule is not used again. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  /** @throws Skipped where the server does not offer this; any other error is a failure */
  run(subject: Subject): Promise<void>;
}

export type Outcome = "pass" | "fail" | "skip";

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly result: Outcome;
  /** Of a failure or a skipped rule. */
  readonly reason?: string;
  readonly ms: number;
}

/** The rule cannot be tried on this server. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** @throws with both values when `actual` is another value */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: expected ${other}, got ${one}`);
}

export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
