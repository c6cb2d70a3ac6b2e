import uWS, { type WebSocketBehavior } from "uWebSockets.js";
import { PAYLOAD_MAX_BYTES } from "@hubbub/protocol";
import type { Connection, UserData } from "../connections/connection.ts";
import type { Context } from "../context.ts";
import type { Dispatcher } from "./dispatch.ts";
import { type AdmissionPolicy, upgrade } from "./upgrade.ts";

/**
 * The only file with uWS' WebSocket callbacks. Every limit is explicit, for its defaults differ between versions.
 *
 * A frame that exceeds the bound of unsent bytes cuts the connection, whether it was sent or published: no frame is dropped
 * while the connection lives. The client reconnects and resumes.
 */
export function createBehavior(
  context: Context,
  dispatcher: Dispatcher,
  policy: AdmissionPolicy,
): WebSocketBehavior<UserData> {
  const { settings, metrics } = context;
  return {
    maxPayloadLength: PAYLOAD_MAX_BYTES,
    idleTimeout: settings.IDLE_TIMEOUT_SECONDS,
    sendPingsAutomatically: true,
    maxBackpressure: settings.MAX_BACKPRESSURE_BYTES,
    closeOnBackpressureLimit: 1,
    maxLifetime: 0,
    compression: uWS.DISABLED,
    upgrade: (res, req, socketContext) => upgrade(policy, res, req, socketContext),
    open(ws) {
      ws.getUserData().connection.attach(ws);
    },
    message(ws, message, isBinary) {
      dispatcher.receive(ws.getUserData().connection, message, isBinary);
    },
    ping(ws) {
      dispatcher.refuser.pinged(ws.getUserData().connection);
    },
    drain(ws) {
      ws.getUserData().connection.wakeDrained();
    },
    dropped() {
      metrics.cutOff();
    },
    close(ws, code) {
      forget(context, ws.getUserData().connection, code);
      context.personal.leave(ws.getUserData().connection);
    },
  };
}

function forget({ connections, hub, presence, metrics }: Context, connection: Connection, code: number): void {
  connection.detach();
  connections.remove(connection);
  hub.leaveAll(connection);
  metrics.closed(code);
  if (connection.identity !== null) presence.changed(connection.identity.user.id);
}
