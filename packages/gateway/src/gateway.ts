import { REPORT_MS } from "@hubbub/broker";
import { CLOSE, type ClientFrame, type RoomId, WEBSOCKET_PATH } from "@hubbub/protocol";
import type { Connection } from "./connections/connection.ts";
import { closeExpired, closeUnauthenticated } from "./connections/deadlines.ts";
import { handOver } from "./connections/hand-over.ts";
import { answerQuestion } from "./connections-asked.ts";
import { applyControl } from "./control.ts";
import { createContext, type GatewayContext, type GatewayOptions } from "./create-context.ts";
import { Departures } from "./departures.ts";
import { MEASURE_MS } from "./load-shedder.ts";
import { checkHeads } from "./recovery/heads.ts";
import { recheck } from "./recovery/recheck.ts";
import { restartRestored } from "./recovery/restored-rooms.ts";
import { createBehavior } from "./ws/behavior.ts";
import { Dispatcher } from "./ws/dispatch.ts";

export interface Gateway {
  /** Reasons not to send new connections here; empty when ready. */
  readiness(): string[];
  /** Problems that are no reason to refuse connections. */
  troubles(): string[];
  /** Tells every client to reconnect, because the front that they came through leaves. New connections are accepted. */
  handOver(): Promise<void>;
  /** Hands connections over without an end of the gateway. */
  readonly departures: Departures;
  /** Refuses new connections and hands the others over. Resolves when they are gone, or at the signal. */
  drain(signal: AbortSignal): Promise<void>;
  /** Closes the remaining connections and removes this node from the presence. The caller closes broker and store. */
  stop(): Promise<void>;
}

/** A front that leaves closes the connections after HUBBUB_SHUTDOWN_TIMEOUT (3 s): all are told well before that. */
const HAND_OVER_MS = 1_000;
const DEADLINES_MS = 250;
const EXPIRY_MS = 1_000;
const RECHECK_MS = 250;
const SLOW_CHECK_MS = 200;
export function createGateway(options: GatewayOptions): Gateway {
  const { app, broker, settings, node } = options;
  const context = createContext(options);
  const { connections, hub, presence, background } = context;
  const dispatcher = new Dispatcher(context);
  const state = { isDraining: false, isSuspect: false };
  const departures = new Departures(connections);
  const stopping = new AbortController();
  let handingOver: Promise<void> | null = null;
  broker.listen({
    deliver(to, frame) {
      const room = hub.find(to as RoomId);
      if (room !== undefined) room.deliver(frame);
      else app.publish(to, frame);
    },
    control(message) {
      if (message.type === "asked") answerQuestion(context, node, message);
      else applyControl(context, message);
    },
    interrupted() {
      context.membership.clear();
      presence.retell();
      context.personal.missed();
      state.isSuspect = true;
    },
  });
  const { shedder, metrics, limits, securityLog } = context;
  const policy = {
    settings,
    connections,
    shedder,
    metrics,
    failedHellos: limits.failedHellos,
    securityLog,
    isDraining: () => state.isDraining || departures.refusesNew,
    receive(connection: Connection, frame: ClientFrame) {
      const { buffer, byteOffset, byteLength } = new TextEncoder().encode(JSON.stringify(frame));
      dispatcher.receive(connection, buffer.slice(byteOffset, byteOffset + byteLength), false);
    },
  };
  app.ws(WEBSOCKET_PATH, createBehavior(context, dispatcher, policy));
  startBackground(context, options, state);
  return {
    departures,
    readiness: () => (state.isDraining ? ["draining"] : []),
    troubles: () => (presence.isTold ? [] : ["the cluster may not know who is online here"]),
    async handOver() {
      if (state.isDraining) return;
      handingOver ??= handOver(connections, HAND_OVER_MS, stopping.signal).finally(() => {
        handingOver = null;
      });
      await handingOver;
    },
    async drain(signal) {
      state.isDraining = true;
      stopping.abort();
      await handOver(connections, settings.DRAIN_MS, signal);
      await Promise.race([dispatcher.settled(), aborted(signal)]);
    },
    async stop() {
      state.isDraining = true;
      stopping.abort();
      for (const connection of connections) connection.close(CLOSE.goingAway, "stopped");
      await context.readMarks.close();
      await background.stop();
      await background.attempt("presence drop", () => broker.presence.drop(node));
    },
  };
}

function startBackground(
  context: GatewayContext,
  { broker, store }: GatewayOptions,
  state: { isSuspect: boolean },
): void {
  const { background, connections, hub, settings, slow, lineage } = context;
  const compareHeads = () => checkHeads(broker, hub, (room, head) => restartRestored(lineage, room, head));
  context.presence.start();
  background.loop("hello deadlines", DEADLINES_MS, () => closeUnauthenticated(connections, settings.HELLO_TIMEOUT_MS));
  background.loop("token expiry", EXPIRY_MS, () => closeExpired(connections, settings.TOKEN_GRACE_MS));
  background.loop("load shedder", MEASURE_MS, () => context.shedder.measure(performance.now()));
  background.loop("slow connections, and heads", SLOW_CHECK_MS, () => {
    slow.checkAll();
    context.headFeeds.tell();
  });
  background.loop("rates", REPORT_MS, () => context.limits.events.report());
  background.loop("heads", settings.HEADS_CHECK_MS, compareHeads);
  background.loop("room sweep", settings.HEADS_CHECK_MS, async () => {
    context.headFeeds.sweep();
    await Promise.all([hub.sweep(), context.personal.sweep()]);
  });
  background.loop("recheck", RECHECK_MS, async () => {
    if (!state.isSuspect) return;
    state.isSuspect = false;
    const done = await background.attempt("recheck after interruption", async () => {
      await compareHeads();
      await recheck(context, store);
    });
    state.isSuspect ||= !done;
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
