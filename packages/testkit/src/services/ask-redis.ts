import { Redis } from "ioredis";

const connectTimeoutMs = 1_000;

/** One command on a connection of its own. @throws what Redis answers, or that it does not */
export async function askRedis(port: number, command: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis({
    port,
    host: "127.0.0.1",
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: connectTimeoutMs,
    retryStrategy: null,
  });
  // It reaches whoever waits for the connection or the answer.
  redis.on("error", () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
