import { type Broker, BrokerUnavailable } from "@hubbub/broker";
import type { SessionId } from "@hubbub/protocol";
import type { Logger } from "@hubbub/runtime";
import { isUnavailable, type Store } from "@hubbub/store";
import { announceRevoked, REVOCATION_MS } from "./announce-revoked.ts";

const RETRY_MS = 1_000;
const BATCH = 100;
/** A marker among the revocations. When it is gone, Redis has lost its data. */
const MARK = "00000000-0000-7000-8000-000000000000" as SessionId;
const MARK_MS = 86_400_000;

/**
 * Publishes ended sessions to the gateways. The rows in the store come first and are the truth. A row that could not be
 * published is published again every second, by any api, until the broker takes it or its last access token has
 * expired. After a loss of Redis' data everything is published again.
 */
export interface Revocations {
  /** Does not fail while Redis is away: the rows keep the revocation. */
  tell(sessions: readonly SessionId[]): Promise<void>;
  /** Whether this process ended the session and could not publish that yet. */
  isUntold(session: SessionId): boolean;
  close(): Promise<void>;
}

interface RevocationParts {
  readonly store: Store;
  readonly broker: Broker;
  readonly log: Logger;
}

export function createRevocations({ store, broker, log }: RevocationParts): Revocations {
  /** Bounded by the batch of one retry; the store has the rest. */
  let untold: ReadonlySet<SessionId> = new Set();
  const announce = (session: SessionId) => announceRevoked(broker, session);
  const tell = async (sessions: readonly SessionId[]): Promise<void> => {
    if (sessions.length === 0) return;
    try {
      for (const session of sessions) await announce(session);
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      untold = new Set([...sessions, ...untold].slice(0, BATCH));
      log.warn({ sessions: sessions.length }, "revocation not published: redis unavailable, will retry");
      return;
    }
    await store.sessions.setTold(sessions).catch(ignoreUnavailable);
  };
  const retry = async (): Promise<void> => {
    const since = new Date(Date.now() - REVOCATION_MS);
    if (!(await broker.revocations.has(MARK))) {
      await store.sessions.setUntold(since);
      await broker.revocations.add(MARK, MARK_MS);
    }
    let isMore = true;
    while (isMore) {
      const sessions = await store.sessions.untold(since, BATCH);
      for (const session of sessions) await announce(session);
      if (sessions.length > 0) await store.sessions.setTold(sessions);
      isMore = sessions.length === BATCH;
    }
    untold = new Set();
  };
  let retrying: Promise<void> = Promise.resolve();
  let isRetrying = false;
  const retryUnlessRetrying = (): void => {
    if (isRetrying) return;
    isRetrying = true;
    retrying = retry()
      .catch((error: unknown) => {
        if (!(error instanceof BrokerUnavailable) && !isUnavailable(error))
          log.error({ err: error }, "revocation retry failed");
      })
      .finally(() => {
        isRetrying = false;
      });
  };
  const timer = setInterval(retryUnlessRetrying, RETRY_MS);
  timer.unref();
  retryUnlessRetrying();
  return {
    tell,
    isUntold: (session) => untold.has(session),
    async close() {
      clearInterval(timer);
      await retrying;
    },
  };
}

/** The revocation was published, but the row does not say so: it is published once more, which changes nothing. */
function ignoreUnavailable(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}
