import type { WebSocket } from "uWebSockets.js";
import { setImmediate as turn } from "node:timers/promises";
import { newId, type RoomId } from "@hubbub/protocol";
import { createLogger, createMetrics, parseEnv } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { Background } from "../background.ts";
import { gatewaySettings } from "../config.ts";
import { Connection, type UserData } from "../connections/connection.ts";
import { Flusher } from "../connections/flusher.ts";
import { ConnectionRegistry } from "../connections/registry.ts";
import type { Subscription } from "../connections/subscription.ts";
import { createGatewayMetrics } from "../metrics.ts";
import { TurnThrottle } from "../turn-throttle.ts";
import { LiveRoom } from "./live-room.ts";
import { Pages } from "./pages.ts";
import { RingBudget } from "./ring-budget.ts";
import { SlowConnections } from "./slow.ts";

const nothing = (): void => undefined;
const notAsked = () => Promise.reject(new Error("not asked here"));

/** A connection with one live room that is up to date, and the unsent bytes that it claims to have. */
function createSlow() {
  const settings = parseEnv(gatewaySettings, {});
  const metrics = createGatewayMetrics(createMetrics());
  const background = new Background(createLogger({ level: "silent", node: "test" }), metrics);
  const connections = new ConnectionRegistry();
  const pages = new Pages({ after: notAsked });
  const slow = new SlowConnections({
    settings,
    metrics,
    background,
    connections,
    pages,
    catchUpTurns: new TurnThrottle(8),
  });
  const live = new LiveRoom(newId<RoomId>(), {
    flusher: new Flusher(() => 0, nothing),
    budget: new RingBudget(1),
    publish: nothing,
    published: nothing,
    saw: nothing,
    eventDelivered: nothing,
    eventRepaired: nothing,
    gapAnnounced: nothing,
    holeFound: nothing,
    restarted: nothing,
  });
  live.open({ seq: 5, epoch: 1, durable: 0 });
  const subscription: Subscription = { state: "live", live, seen: { seq: 0, epoch: 0 } };
  const connection = new Connection(newId(), "192.0.2.1", settings, 0);
  const ws = { unsent: 0, subscribed: nothing };
  const fake = {
    getBufferedAmount: () => ws.unsent,
    cork: (write: () => void) => write(),
    send: () => 1,
    subscribe: () => ws.subscribed(),
    unsubscribe: nothing,
  };
  connection.attach(Object.assign({} as WebSocket<UserData>, fake));
  connections.add(connection);
  connection.subscriptions.set(live.id, subscription);
  const fallBehind = () => {
    ws.unsent = settings.MAX_BACKPRESSURE_BYTES;
    slow.checkAll();
    ws.unsent = 0;
    connection.wakeDrained();
  };
  return { connection, subscription, ws, fallBehind };
}

test("G7 a connection that falls behind again just when it has caught up is caught up again, whichever the moment", async () => {
  for (let step = 0; step < 12; step++) {
    const { connection, subscription, ws, fallBehind } = createSlow();
    let fallen = Promise.resolve();
    const fallAgain = async () => {
      for (let at = 0; at < step; at++) await null;
      fallBehind();
    };
    ws.subscribed = () => {
      ws.subscribed = nothing;
      fallen = fallAgain();
    };
    fallBehind();
    expect(subscription.state).toBe("paused");
    await turn();
    await fallen;
    await turn();
    expect([step, subscription.state, connection.isSlow]).toEqual([step, "live", false]);
  }
});
