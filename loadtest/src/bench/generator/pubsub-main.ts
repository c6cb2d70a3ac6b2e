import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { answerParent } from "../measure/child.ts";
import { Histogram } from "../measure/histogram.ts";
import { createFrameTemplate, PAYLOAD_AT } from "./frame-template.ts";
import { messageText, readTextHead } from "./message-text.ts";
import { chargedFrom, nowMicroseconds, pace } from "./pace.ts";

/** PUBLISH and SUBSCRIBE through ioredis in one process: the least that a way through Redis can take. */
const DRAIN_MS = 500;

interface Settings {
  readonly redisUrl: string;
  readonly rate: number;
  readonly channels: number;
  readonly textBytes: number;
  readonly warmupMs: number;
  readonly windowMs: number;
}

answerParent({
  async run({ redisUrl, rate, channels, textBytes, warmupMs, windowMs }: Settings): Promise<number[]> {
    const publisher = new Redis(redisUrl);
    const subscriber = new Redis(redisUrl);
    let times = new Histogram();
    subscriber.on("messageBuffer", (_channel: Buffer, message: Buffer) => {
      const head = readTextHead(message, 0, message.length);
      if (head !== null) times.record(nowMicroseconds() - head.microseconds);
    });
    const names = Array.from({ length: channels }, (_, index) => `channel-${index}`);
    await subscriber.subscribe(...names);
    const template = createFrameTemplate(messageText(0, textBytes));
    const published: Promise<number>[] = [];
    const stop = new AbortController();
    const pacing = pace(rate, stop.signal, (index, dueMs) => {
      const message = template.stamp(index, chargedFrom(dueMs)).subarray(PAYLOAD_AT);
      published.push(publisher.publish(names[index % channels] ?? "", message));
    });
    await sleep(warmupMs);
    times = new Histogram();
    await sleep(windowMs);
    stop.abort();
    await pacing;
    await Promise.all(published);
    await sleep(DRAIN_MS);
    publisher.disconnect();
    subscriber.disconnect();
    return times.toArray();
  },
});
