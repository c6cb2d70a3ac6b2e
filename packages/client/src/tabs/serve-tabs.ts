import { openTransport } from "#websocket";
import type { Port } from "./port-messages.ts";
import { TabServer } from "./tab-server.ts";

/** What a SharedWorker knows of itself, as far as it is used here. */
interface WorkerScope {
  addEventListener(type: "connect", listener: (event: { readonly ports: readonly MessagePort[] }) => void): void;
}

/** The whole script of the SharedWorker of `sharedTransport`. */
export function serveTabs(scope: WorkerScope): void {
  const server = new TabServer(openTransport, (lock, signal, isFree) => {
    navigator.locks.request(lock, { signal }, isFree).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  });
  scope.addEventListener("connect", ({ ports: [port] }) => port !== undefined && server.accept(port as Port));
}
