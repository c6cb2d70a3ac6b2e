import { dial, toUrl } from "./dial.ts";
import { upgradeRequest } from "./raw-ws.ts";

/** A request that comes byte by byte, to hold a connection for as long as it lasts. */
export interface Drip {
  readonly name: string;
  /** Sent at once. */
  readonly first: string;
  /** Sent byte by byte, one each DRIP_MS. */
  readonly rest: string;
}

const DRIP_MS = 500;
const upgrade = upgradeRequest(new URL("http://h/ws"));
const much = "x".repeat(1_000);

export const drips: readonly Drip[] = [
  { name: "nothing at all", first: "", rest: "" },
  { name: "a header", first: "GET / HTTP/1.1\r\nHost: h\r\nX-A: ", rest: much },
  { name: "a handshake", first: upgrade.slice(0, 40), rest: upgrade.slice(40) + much },
  {
    name: "a body",
    first:
      "POST /api/v1/auth/guest HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
    rest: much,
  },
  { name: "a request that is none", first: "GET /livez HTTP/1.1\r\nX-A : b\r\n\r\n", rest: "" },
];

/** Milliseconds until the server ended it, or null when it had not at the signal. */
export function dripUntilCut(at: number | URL, { first, rest }: Drip, signal: AbortSignal): Promise<number | null> {
  const startedAt = performance.now();
  const socket = dial(toUrl(at));
  let sent = 0;
  socket.write(first);
  const timer = setInterval(() => {
    if (sent < rest.length) socket.write(rest.charAt(sent));
    sent += 1;
  }, DRIP_MS);
  return new Promise((resolve) => {
    socket.resume();
    // A reset is an ending like others: `close` follows.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(timer);
      resolve(signal.aborted ? null : performance.now() - startedAt);
    });
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
  });
}
