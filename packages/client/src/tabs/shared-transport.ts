import { openTransport } from "#websocket";
import type { OpenTransport } from "../transport.ts";
import type { Port } from "./port-messages.ts";
import { overWorker } from "./tab-transport.ts";

/**
 * For `ClientOptions.openTransport`: all tabs of one login share one connection. `worker` starts the SharedWorker whose
 * script calls `serveTabs`. Where the browser has no SharedWorker or no Web Locks, each tab has a connection of its own.
 */
export function sharedTransport(worker: () => SharedWorker): OpenTransport {
  if (!("SharedWorker" in globalThis) || !("locks" in navigator)) return openTransport;
  return overWorker({
    connect(failed) {
      const started = worker();
      started.addEventListener("error", failed);
      return started.port as Port;
    },
    hold(lock, held) {
      let release = (): void => undefined;
      const isDone = new Promise<void>((resolve) => {
        release = resolve;
      });
      navigator.locks.request(lock, () => {
        held();
        return isDone;
      });
      return () => release();
    },
    direct: openTransport,
  });
}
