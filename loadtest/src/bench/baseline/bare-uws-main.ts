import uWS from "uWebSockets.js";
import { setTimeout as sleep } from "node:timers/promises";
import { createFrameTemplate, PAYLOAD_AT } from "../generator/frame-template.ts";
import { messageText } from "../generator/message-text.ts";
import { answerParent } from "../measure/child.ts";

/**
 * The baseline that nothing on this stack can beat for single messages: uWebSockets alone, one topic, messages made in
 * memory. Each turn of the event loop publishes one message; where a turn takes longer than the rate allows, the rate
 * is what the process can carry.
 */
const MAX_BACKPRESSURE_BYTES = 64 * 1_024 * 1_024;
const IDLE_TIMEOUT_S = 120;
const MS_PER_SECOND = 1_000;

interface UserData {
  readonly id: number;
}

let nextId = 0;
const app = uWS.App().ws<UserData>("/*", {
  compression: uWS.DISABLED,
  maxBackpressure: MAX_BACKPRESSURE_BYTES,
  idleTimeout: IDLE_TIMEOUT_S,
  upgrade(response, request, context) {
    response.upgrade<UserData>(
      { id: nextId++ },
      request.getHeader("sec-websocket-key"),
      request.getHeader("sec-websocket-protocol"),
      request.getHeader("sec-websocket-extensions"),
      context,
    );
  },
  message(connection, message) {
    for (const topic of JSON.parse(Buffer.from(message).toString("utf8")) as string[]) connection.subscribe(topic);
    connection.send("ok");
  },
});

let published = 0;
let publishing = false;

async function publishAt(rate: number, topic: string, textBytes: number): Promise<void> {
  const template = createFrameTemplate(messageText(0, textBytes));
  const started = performance.now();
  while (publishing) {
    const due = Math.floor(((performance.now() - started) * rate) / MS_PER_SECOND);
    if (published >= due) {
      await sleep(1);
      continue;
    }
    const frame = template.stamp(published++, performance.now() * MS_PER_SECOND);
    app.publish(topic, frame.subarray(PAYLOAD_AT), false);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let source: Promise<void> = Promise.resolve();

answerParent({
  listen: () =>
    new Promise<number>((resolve, reject) => {
      app.listen("127.0.0.1", 0, (socket) => {
        if (socket === false) reject(new Error("bare uWS could not listen"));
        else resolve(uWS.us_socket_local_port(socket));
      });
    }),
  publish({ rate, topic, textBytes }: { rate: number; topic: string; textBytes: number }) {
    publishing = true;
    source = publishAt(rate, topic, textBytes);
  },
  async stop() {
    publishing = false;
    await source;
    return published;
  },
});
