import { Redis } from "ioredis";

const connectTimeoutMs = 1_000;

/** One command on a connection of its own, to a URL or to a port of the loopback interface. @throws what Redis answers, or that it does not */
export async function askRedis(target: string | number, command: string, ...args: string[]): Promise<unknown> {
  const url = typeof target === "string" ? target : `redis://127.0.0.1:${target}`;
  const redis = new Redis(url, {
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: connectTimeoutMs,
    retryStrategy: null,
  });
  // It reaches the caller that waits for the connection or the answer.
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
