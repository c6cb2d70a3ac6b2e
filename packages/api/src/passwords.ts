import { availableParallelism } from "node:os";
import type { Metrics } from "@hubbub/runtime";
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { Permits } from "./permits.ts";

const ARGON2ID = 2;
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: LANES } as const;

/** Hashes at once: more than there are cores only costs memory. */
const HASHES_AT_ONCE = availableParallelism();

/** Nobody's hash, made with the parameters above: an unknown user costs the same time as a wrong password. */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$F+WNz1KQmbWaLtWhYx3XEQ$PpAT2KdUeyHqWHvyht/4m52fxtPE+onoLWUavqBX0eM";

/** argon2id, on a bounded number of threads behind a bounded queue. All calls @throw ProtocolError overloaded. */
export interface Passwords {
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** `known` null (no such user, or a guest): takes as long and answers false. */
  verify(known: string | null, password: string, signal: AbortSignal): Promise<boolean>;
}

export function createPasswords(queueMax: number, metrics: Metrics): Passwords {
  const permits = new Permits(HASHES_AT_ONCE, queueMax);
  const runs = metrics.counter("password_hashes_total", "argon2 runs", ["operation"]);
  metrics.gauge("password_queue_depth", "passwords waiting for a core", () => permits.waiting);
  return {
    hash: (password, signal) =>
      permits.run(() => {
        runs.inc({ operation: "hash" });
        return hash(password, PARAMETERS);
      }, signal),
    async verify(known, password, signal) {
      const matches = await permits.run(() => {
        runs.inc({ operation: "verify" });
        return verify(known ?? NOBODY, password);
      }, signal);
      return known !== null && matches;
    },
  };
}

/** Whether a hash was made with less than what is asked for today. */
export function isWeak(known: string): boolean {
  const { algorithm, memoryCost, timeCost } = parseOptions(known);
  return algorithm !== ARGON2ID || memoryCost < MEMORY_KIB || timeCost < PASSES;
}
