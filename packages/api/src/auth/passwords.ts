import { availableParallelism } from "node:os";
import { ProtocolError } from "@hubbub/protocol";
import type { Metrics } from "@hubbub/runtime";
import { hash, parseOptions, verify } from "@node-rs/argon2";
import { FairSemaphore, type Requester } from "./fair-semaphore.ts";
import { preparePassword } from "./password-rules.ts";

const ARGON2ID = 2;
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: MEMORY_KIB, timeCost: PASSES, parallelism: LANES } as const;

/** Concurrent hashes: more than there are cores only cost memory. */
const HASHES_AT_ONCE = availableParallelism();
/** The time in which a full queue of hashes is worked off. */
const RETRY_AFTER_MS = 5_000;

/**
 * A hash with the parameters above that belongs to no account: an unknown user takes the same time as a wrong password.
 */
const NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$F+WNz1KQmbWaLtWhYx3XEQ$PpAT2KdUeyHqWHvyht/4m52fxtPE+onoLWUavqBX0eM";

export type Verdict = "right" | "outdated" | "wrong";

/** argon2id, on a bounded number of threads behind a bounded, fair queue. All calls @throw ProtocolError overloaded. */
export interface Passwords {
  hash(password: string, requester: Requester): Promise<string>;
  /**
   * `known` null (no such user, or a guest): takes as long, and answers `wrong`. `outdated`: the password matches and
   * must be hashed again, because the hash is weaker than today's, or was made before passwords were prepared.
   */
  verify(known: string | null, password: string, requester: Requester): Promise<Verdict>;
}

export function createPasswords(queueMax: number, metrics: Metrics): Passwords {
  const cores = new FairSemaphore({
    permits: HASHES_AT_ONCE,
    queueMax,
    full: () =>
      new ProtocolError("overloaded", "too many password checks are waiting", { retryAfterMs: RETRY_AFTER_MS }),
  });
  const runs = metrics.counter("password_hashes_total", "Runs of argon2", ["operation"]);
  metrics.gauge("password_queue_depth", "Passwords waiting for a core", () => cores.waiting);
  const matches = (known: string | null, text: string, requester: Requester) =>
    cores.run(() => {
      runs.inc({ operation: "verify" });
      return verify(known ?? NOBODY, text);
    }, requester);
  return {
    hash: (password, requester) =>
      cores.run(() => {
        runs.inc({ operation: "hash" });
        return hash(preparePassword(password), PARAMETERS);
      }, requester),
    async verify(known, password, requester) {
      const prepared = preparePassword(password);
      if (await matches(known, prepared, requester)) return verdict(known, false);
      // Earlier versions hashed the password as it was typed.
      if (password !== prepared && (await matches(known, password, requester))) return verdict(known, true);
      return "wrong";
    },
  };
}

function verdict(known: string | null, isAsTyped: boolean): Verdict {
  if (known === null) return "wrong";
  return isAsTyped || isWeak(known) ? "outdated" : "right";
}

/** Whether a hash was made with weaker parameters than today's. */
function isWeak(known: string): boolean {
  const { algorithm, memoryCost, timeCost } = parseOptions(known);
  return algorithm !== ARGON2ID || memoryCost < MEMORY_KIB || timeCost < PASSES;
}
