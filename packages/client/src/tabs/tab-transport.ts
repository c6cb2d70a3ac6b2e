import { newId } from "@hubbub/protocol";
import { Alarm } from "../alarm.ts";
import type { OpenTransport, Transport, TransportEvents } from "../transport.ts";
import { type Port, TAKEN_STEP, type ToTab, type ToWorker } from "./port-messages.ts";

/** A worker that says nothing for so long has not started. */
const ANSWER_MS = 3_000;
const ABNORMAL = 1006;

export interface WorkerDoor {
  /** A fresh port to the worker. `failed`: the worker cannot be loaded. @throws where the platform refuses */
  connect(failed: () => void): Port;
  /** Holds the Web Lock of this name from the call of `held` until the tab ends or the answer is called. */
  hold(lock: string, held: () => void): () => void;
  /** A connection of the tab's own, where there is no worker. */
  readonly direct: OpenTransport;
}

/** Connections over the worker that all tabs share. Once the worker has failed, each is one of the tab's own. */
export function overWorker(door: WorkerDoor): OpenTransport {
  let hasFailed = false;
  return (url, subprotocol, events) => {
    if (hasFailed) return door.direct(url, subprotocol, events);
    return new TabTransport(door, { url, subprotocol }, events, () => {
      hasFailed = true;
    });
  };
}

interface Address {
  readonly url: string;
  readonly subprotocol: string;
}

class TabTransport implements Transport {
  readonly #door: WorkerDoor;
  readonly #address: Address;
  readonly #events: TransportEvents;
  readonly #onFailure: () => void;
  readonly #patience = new Alarm();
  #port: Port | undefined;
  #release: () => void = () => undefined;
  /** In place of the worker. */
  #own: Transport | undefined;
  #state: "starting" | "open" | "ended" = "starting";
  #taken = 0;

  constructor(door: WorkerDoor, address: Address, events: TransportEvents, onFailure: () => void) {
    this.#door = door;
    this.#address = address;
    this.#events = events;
    this.#onFailure = onFailure;
    try {
      this.#port = door.connect(() => this.#fail());
    } catch {
      this.#fail();
      return;
    }
    this.#patience.set(ANSWER_MS, () => this.#fail());
    this.#port.onmessage = ({ data }) => this.#hear(data as ToTab);
    const lock = `hubbub.tab.${newId()}`;
    this.#release = door.hold(lock, () => this.#post({ kind: "open", ...address, lock }));
  }

  send(text: string): void {
    if (this.#own !== undefined) this.#own.send(text);
    else if (this.#state === "open") this.#post(text);
  }

  close(code: number): void {
    if (this.#own !== undefined) this.#own.close(code);
    else if (this.#state === "open") this.#post({ kind: "close", code });
    else queueMicrotask(() => this.#end(ABNORMAL));
  }

  abort(): void {
    this.#own?.abort();
    this.#post({ kind: "abort" });
    this.#letGo();
  }

  #hear(message: ToTab): void {
    if (this.#state === "ended") return;
    if (typeof message === "string") this.#take(message);
    else if (message.kind === "closed") this.#end(message.code);
    else if (message.kind === "refused") this.#alone();
    else {
      this.#patience.clear();
      this.#state = "open";
      this.#events.opened();
    }
  }

  #take(text: string): void {
    this.#taken += text.length;
    if (this.#taken >= TAKEN_STEP) {
      this.#post({ kind: "taken", units: this.#taken });
      this.#taken = 0;
    }
    this.#events.received(text);
  }

  /** The worker does not work here: this tab asks it no more. */
  #fail(): void {
    if (this.#state !== "starting") return;
    this.#onFailure();
    this.#alone();
  }

  #alone(): void {
    this.#post({ kind: "abort" });
    this.#letGo();
    this.#own = this.#door.direct(this.#address.url, this.#address.subprotocol, this.#events);
  }

  #end(code: number): void {
    if (this.#state === "ended") return;
    this.#letGo();
    this.#events.closed(code);
  }

  #letGo(): void {
    this.#state = "ended";
    this.#patience.clear();
    this.#release();
    this.#port?.close();
    this.#port = undefined;
  }

  #post(message: ToWorker): void {
    this.#port?.postMessage(message);
  }
}
