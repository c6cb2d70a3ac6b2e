import { type Acceptor, createAcceptor } from "@hubbub/broker";
import { createGateway, type Gateway, type GatewayOptions, type GatewaySettings } from "@hubbub/gateway";
import { ProtocolError } from "@hubbub/protocol";
import { createLogger, type SigningKeys } from "@hubbub/runtime";
import { isUnavailable } from "@hubbub/store";
import type { RecorderLink, RecorderLinkOptions } from "../checker/recorder-link.ts";
import { ModelBroker } from "./model-broker.ts";
import type { ModelLog } from "./model-log.ts";
import { modelMetrics } from "./model-metrics.ts";
import type { ModelProcess } from "./model-process.ts";
import { type Behavior, ModelSocket } from "./model-socket.ts";
import { type ModelDatabase, ModelStore } from "./model-store.ts";

const silent = createLogger({ level: "silent", node: "model" });

const RECENT_ROWS = 10_000;

/** A gateway as it is, on a network, a log and a store that are not. */
export class ModelGateway {
  readonly process: ModelProcess;
  readonly broker: ModelBroker;
  readonly #gateway: Gateway;
  readonly #acceptor: Acceptor;
  readonly #settings: GatewaySettings;
  readonly #sockets = new Set<ModelSocket>();
  #behavior: Behavior | null = null;
  isLeaving = false;

  constructor(process: ModelProcess, log: ModelLog, database: ModelDatabase, settings: GatewaySettings) {
    this.process = process;
    this.#settings = settings;
    this.broker = new ModelBroker(log, process);
    const store = new ModelStore(database, process);
    this.#acceptor = createAcceptor({
      broker: this.broker,
      beginEpoch: (...asked) => store.rooms.beginEpoch(...asked).catch(refuse),
      recent: (room) => store.events.recent(room, 0, RECENT_ROWS).catch(refuse),
      fence: {
        seal: (shard, start) => store.shards.seal(shard, start).catch(refuse),
        stored: (room, range, events) => store.events.stored(room, range, events).catch(refuse),
        moved: (shard, events) => store.events.moved(shard, events).catch(refuse),
      },
    });
    this.#gateway = createGateway({
      app: this.#app(),
      broker: this.broker,
      acceptor: this.#acceptor,
      store,
      keys: trusting,
      settings,
      node: process.name,
      metrics: modelMetrics,
      log: silent,
    });
  }

  get mayTakeClients(): boolean {
    return this.process.isAlive && !this.isLeaving;
  }

  open(options: RecorderLinkOptions): RecorderLink {
    const behavior = this.#behavior;
    if (behavior === null) throw new Error("the gateway has no door");
    const { MAX_BACKPRESSURE_BYTES } = this.#settings;
    const socket = new ModelSocket(behavior, options, this.process.chance, MAX_BACKPRESSURE_BYTES);
    for (const old of this.#sockets) if (!old.isOpen) this.#sockets.delete(old);
    this.#sockets.add(socket);
    return socket.link;
  }

  /** A connection that some client has here, to do something to it. */
  socket(index: number): ModelSocket | undefined {
    const open = [...this.#sockets].filter((socket) => socket.isOpen);
    return open[index % Math.max(1, open.length)];
  }

  kill(): void {
    this.process.kill();
    for (const socket of this.#sockets) socket.orphan();
  }

  /** Hands its clients over and leaves in good order. */
  async leave(): Promise<void> {
    if (this.isLeaving) return;
    this.isLeaving = true;
    const { signal } = new AbortController();
    await this.#gateway.drain(signal);
    await this.#acceptor.recovery.drain(signal);
    await this.#gateway.stop();
    this.kill();
  }

  #app(): GatewayOptions["app"] {
    return Object.assign(Object.create(null), {
      ws: (_path: string, behavior: Behavior) => {
        this.#behavior = behavior;
      },
      publish: (topic: string, frame: Uint8Array | string) => {
        const text = typeof frame === "string" ? frame : Buffer.from(frame).toString();
        for (const socket of this.#sockets) if (socket.topics.has(topic)) socket.down(text);
      },
    });
  }
}

/** A token is what it says. */
const trusting: SigningKeys = {
  sign: async (claims) => JSON.stringify(claims),
  verify: async (token) => JSON.parse(token) as Record<string, unknown>,
  publicKeys: [],
  secrets: () => [],
};

function refuse(error: unknown): never {
  throw isUnavailable(error) ? new ProtocolError("unavailable", undefined, { cause: error }) : error;
}
