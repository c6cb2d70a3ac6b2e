import { CLOSE, type ClientFrame } from "@hubbub/protocol";
import { parseJson } from "../parse-json.ts";
import type { OpenTransport } from "../transport.ts";
import { loginOfToken } from "./login-of-token.ts";
import { PORTS_MAX, type Port, type ToWorker } from "./port-messages.ts";
import { SharedConnection } from "./shared-connection.ts";
import { Tab } from "./tab.ts";

const ABNORMAL = 1006;

/** Calls back once nobody holds the Web Lock of this name any more, unless `signal` came before. */
export type WhenFree = (lock: string, signal: AbortSignal, isFree: () => void) => void;

/** The worker's side: gives the tabs of one login one connection. */
export class TabServer {
  readonly #open: OpenTransport;
  readonly #whenFree: WhenFree;
  /** Those that take further tabs, by server and login. */
  readonly #connections = new Map<string, SharedConnection>();
  #tabs = 0;

  constructor(open: OpenTransport, whenFree: WhenFree) {
    this.#open = open;
    this.#whenFree = whenFree;
  }

  /** A tab has connected its port. */
  accept(port: Port): void {
    port.onmessage = ({ data }) => {
      const message = data as ToWorker;
      if (typeof message !== "string" && message.kind === "open") this.#opened(port, message);
    };
  }

  #opened(port: Port, { url, subprotocol, lock }: Extract<ToWorker, { kind: "open" }>): void {
    if (this.#tabs >= PORTS_MAX) {
      port.postMessage({ kind: "refused" });
      port.close();
      return;
    }
    this.#tabs += 1;
    const ended = new AbortController();
    let connection: SharedConnection | undefined;
    const tab = new Tab(port, () => {
      this.#tabs -= 1;
      ended.abort();
      connection?.leave(tab);
    });
    port.onmessage = ({ data }) => {
      const message = data as ToWorker;
      if (tab.hasEnded) return;
      if (typeof message !== "string") {
        if (message.kind === "taken") tab.taken(message.units);
        if (message.kind === "close") tab.end(message.code);
        if (message.kind === "abort") tab.end(ABNORMAL);
        return;
      }
      const frame = parseJson(message) as ClientFrame;
      if (connection !== undefined) connection.take(tab, frame);
      else if (frame.type !== "hello") tab.end(frame.type === "bye" ? CLOSE.normal : CLOSE.protocolViolation);
      else connection = this.#join(tab, frame, url, subprotocol);
    };
    // A tab that is closed or has crashed says nothing.
    this.#whenFree(lock, ended.signal, () => tab.end(ABNORMAL));
    port.postMessage({ kind: "opened" });
  }

  #join(
    tab: Tab,
    hello: Extract<ClientFrame, { type: "hello" }>,
    url: string,
    subprotocol: string,
  ): SharedConnection | undefined {
    try {
      const connection = this.#connectionFor(url, subprotocol, hello.token);
      connection.join(tab, hello);
      return connection;
    } catch {
      // The platform refuses to try, for example a page of https a server without TLS.
      tab.end(ABNORMAL);
      return undefined;
    }
  }

  #connectionFor(url: string, subprotocol: string, token: string): SharedConnection {
    const login = loginOfToken(token);
    // What cannot be read cannot be told to be the same login.
    const key = login === undefined ? undefined : JSON.stringify([url, login]);
    const known = key === undefined ? undefined : this.#connections.get(key);
    if (known !== undefined) return known;
    const made: SharedConnection = new SharedConnection({
      url,
      subprotocol,
      open: this.#open,
      closing: () => {
        if (key !== undefined && this.#connections.get(key) === made) this.#connections.delete(key);
      },
    });
    if (key !== undefined) this.#connections.set(key, made);
    return made;
  }
}
