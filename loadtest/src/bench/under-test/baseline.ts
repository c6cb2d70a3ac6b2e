import { startRedis } from "@hubbub/testkit";
import type { AdapterKind } from "../baseline/socket-io-main.ts";
import { type Child, startChild } from "../measure/child.ts";
import type { ProcessGroup } from "../measure/process-usage.ts";

/** Servers of a baseline, with what they stand on. */
export interface SocketIo extends AsyncDisposable {
  readonly servers: readonly { readonly pid: number; readonly port: number }[];
  readonly redis: ProcessGroup;
}

/** `count` Socket.IO processes behind a Redis of their own, configured as Hubbub's is. */
export async function startSocketIo(adapter: AdapterKind, count: number): Promise<SocketIo> {
  const redis = await startRedis();
  const children = Array.from({ length: count }, () =>
    startChild(new URL("../baseline/socket-io-main.js", import.meta.url)),
  );
  const listen = (child: Child): Promise<number> => child.ask("listen", { adapter, redisUrl: redis.url });
  const servers = await Promise.all(children.map(async (child) => ({ pid: child.pid, port: await listen(child) })));
  return {
    servers,
    redis: { name: "redis", roots: [redis.pid] },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) await child[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

export interface BareUws extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Begins to publish from memory, one message per turn of its loop at most. */
  publish(rate: number, topic: string, textBytes: number): Promise<void>;
  stopPublishing(): Promise<void>;
}

export async function startBareUws(): Promise<BareUws> {
  const child = startChild(new URL("../baseline/bare-uws-main.js", import.meta.url));
  return {
    pid: child.pid,
    port: await child.ask<number>("listen", null),
    publish: (rate, topic, textBytes) => child.ask("publish", { rate, topic, textBytes }),
    stopPublishing: () => child.ask("stop", null),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** A process of uWebSockets.js that only accepts, behind a Redis of its own. */
export interface BareAccept extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly redis: ProcessGroup;
}

export async function startBareAccept(): Promise<BareAccept> {
  const redis = await startRedis();
  const child = startChild(new URL("../baseline/bare-accept-main.js", import.meta.url));
  return {
    pid: child.pid,
    port: await child.ask<number>("listen", { redisUrl: redis.url }),
    redis: { name: "redis", roots: [redis.pid] },
    [Symbol.asyncDispose]: async () => {
      await child[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
