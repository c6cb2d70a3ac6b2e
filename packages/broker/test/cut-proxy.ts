import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A proxy between broker and Redis, for faults that a signal cannot cause. */
export interface CutProxy {
  readonly url: string;
  /** Drops the next answer to a connection that sends `needle`, and the connection with it. */
  loseAnswerTo(needle: string): void;
  /** From now on the present connections stay open and receive nothing. */
  deafen(): void;
}

export async function startCutProxy(target: string): Promise<CutProxy> {
  const { port } = new URL(target);
  const open = new Set<Socket>();
  let lost: string | undefined;
  let deaf = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect(Number(port), "127.0.0.1");
    let isLost = false;
    open.add(client);
    client.on("data", (chunk) => {
      if (lost !== undefined && chunk.includes(lost)) {
        isLost = true;
        lost = undefined;
      }
      redis.write(chunk);
    });
    redis.on("data", (chunk) => {
      if (isLost) client.destroy();
      else if (!deaf.has(client)) client.write(chunk);
    });
    client.on("close", () => {
      open.delete(client);
      redis.destroy();
    });
    redis.on("close", () => client.destroy());
    client.on("error", () => redis.destroy());
    redis.on("error", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const client of open) client.destroy();
    server.close();
  });
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswerTo(needle) {
      lost = needle;
    },
    deafen() {
      deaf = new Set(open);
    },
  };
}
