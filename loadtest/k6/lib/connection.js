import { WebSocket } from "k6/websockets";
import { errors } from "./measures.js";

const SUBPROTOCOL = "hubbub.v1";
const OPEN_DEADLINE_MS = 30_000;

/**
 * A connection that has said hello. Answers are matched by `ref`; events go to `onEvent`. What goes wrong is counted
 * as an error and told on the console, once for each connection.
 */
export function openConnection(settings, token, onEvent) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(settings.wsUrl, SUBPROTOCOL);
    const waiting = new Map();
    let nextRef = 1;
    let closing = false;
    let told = false;

    const fail = (what) => {
      errors.add(1);
      if (!told) console.error(what);
      told = true;
    };
    const ask = (frame) =>
      new Promise((answer) => {
        const ref = nextRef++;
        waiting.set(ref, answer);
        socket.send(JSON.stringify({ ...frame, ref }));
      });
    const connection = {
      ask,
      close() {
        closing = true;
        socket.close(1000);
      },
    };
    const deadline = setTimeout(() => {
      fail("no answer to hello");
      reject(new Error("no answer to hello"));
    }, OPEN_DEADLINE_MS);

    socket.onopen = async () => {
      const ready = await ask({ type: "hello", token });
      clearTimeout(deadline);
      if (ready.type === "ready") resolve(connection);
      else reject(new Error(JSON.stringify(ready)));
    };
    socket.onmessage = ({ data }) => {
      // What still arrives on a connection that was given up comes again on its successor.
      if (closing) return;
      const frame = JSON.parse(data);
      if (frame.type === "event") return onEvent(frame, connection);
      if (frame.type === "error") fail(data);
      if (frame.type === "gap" || frame.type === "slow") fail(data);
      const answer = waiting.get(frame.ref);
      if (answer === undefined) return;
      waiting.delete(frame.ref);
      answer(frame);
    };
    socket.onclose = (event) => {
      clearTimeout(deadline);
      if (!closing) fail(`closed with ${event.code}`);
    };
    socket.onerror = (event) => {
      if (!closing) fail(`WebSocket: ${event.error}`);
    };
  });
}
