import type { BrokerLogger } from "../broker-logger.ts";
import { connect, Link } from "./link.ts";

/** What Redis says of itself. */
export interface RedisState {
  readonly usedBytes: number;
  /** 0: without a bound. */
  readonly maxBytes: number;
  /** That follow this master. */
  readonly replicas: number;
}

export interface RedisWatch extends AsyncDisposable {
  /** null while Redis does not answer. */
  readonly state: RedisState | null;
}

const LOOK_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** Asks Redis for its state every 5 s, on a connection of its own. */
export function watchRedis({ url, log }: { readonly url: string; readonly log: BrokerLogger }): RedisWatch {
  const link = new Link(connect({ url, log, name: "hubbub-state", answerTimeoutMs: ANSWER_TIMEOUT_MS }), log);
  const watched: { state: RedisState | null } = { state: null };
  const look = async () => {
    watched.state = await link.call((redis) => readState((section) => redis.info(section))).catch(() => null);
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return {
    get state() {
      return watched.state;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await link[Symbol.asyncDispose]();
    },
  };
}

async function readState(info: (section: string) => Promise<string>): Promise<RedisState> {
  const [memory, replication] = await Promise.all([info("memory"), info("replication")]);
  return {
    usedBytes: numberOf(memory, "used_memory"),
    maxBytes: numberOf(memory, "maxmemory"),
    replicas: numberOf(replication, "connected_slaves"),
  };
}

function numberOf(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
}
