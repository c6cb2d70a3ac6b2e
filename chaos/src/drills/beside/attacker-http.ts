import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./attack.ts";

/** Another address of this machine, so that the attacker and the others share no limit of an address. Linux has all of 127/8. */
export const ATTACKER_ADDRESS = "127.0.0.2";

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One kept connection for each call that is under way. */
export class AttackerHttp implements Disposable {
  readonly #target: Target;
  readonly #agent = new Agent({ keepAlive: true, localAddress: ATTACKER_ADDRESS });

  constructor(target: Target) {
    this.#target = target;
  }

  /** `path` begins behind `/api/v1`. Reads the whole answer. @throws when there is none */
  call(method: "GET" | "POST", path: string, body?: object): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${this.#target.accessToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#target.url}/api/v1${path}`, { method, agent: this.#agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        answer.on("error", reject);
      });
      asked.on("error", reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

const brokenPauseMs = 10;

/** Calls again and again, by so many at once. A call without an answer is made again soon. */
export async function hammer(
  atOnce: number,
  signal: AbortSignal,
  call: (turn: number) => Promise<void>,
): Promise<void> {
  let turn = 0;
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      turn += 1;
      await call(turn).catch(() => sleep(brokenPauseMs));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
}
