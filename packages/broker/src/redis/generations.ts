import type { BrokerLogger } from "../broker-logger.ts";
import { createKeys } from "../keys.ts";
import { connect, Link } from "./link.ts";

export interface GenerationsOptions {
  readonly url: string;
  readonly prefix: string;
  readonly shards: number;
  readonly log: BrokerLogger;
}

const ANSWER_TIMEOUT_MS = 5_000;

/** The highest generation of the cluster that this Redis has seen; 0: none. @throws BrokerUnavailable */
export async function newestGeneration(options: GenerationsOptions): Promise<number> {
  await using link = open(options);
  const { newestGeneration: key } = createKeys(options.prefix, options.shards);
  return await link.call(async (redis) => Number((await redis.get(key)) ?? 0));
}

/** The generations set by `setGenerationsToOffer`. @throws BrokerUnavailable */
export async function generationsToOffer(options: GenerationsOptions): Promise<readonly number[]> {
  await using link = open(options);
  const { generationsToOffer: key } = createKeys(options.prefix, options.shards);
  return await link.call(async (redis) => (await redis.get(key))?.split(",").map(Number) ?? []);
}

/**
 * Sets the generations whose logs hold events that must still be offered to a later generation; empty: none.
 * @throws BrokerUnavailable
 */
export async function setGenerationsToOffer(
  options: GenerationsOptions,
  generations: readonly number[],
): Promise<void> {
  await using link = open(options);
  const { generationsToOffer: key } = createKeys(options.prefix, options.shards);
  await link.call(async (redis) => {
    await (generations.length === 0 ? redis.del(key) : redis.set(key, generations.join(",")));
  });
}

/**
 * Closes the logs of the generations `closed`, because `next` replaces them. A process that still runs in one of them gets
 * `unavailable`; a process that starts in one is refused. May be repeated.
 * @throws BrokerUnavailable
 */
export async function closeGenerations(
  options: GenerationsOptions,
  closed: readonly number[],
  next: number,
): Promise<void> {
  await using link = open(options);
  const { newestGeneration: key } = createKeys(options.prefix, options.shards);
  await link.call((redis) => redis.set(key, next));
  for (const generation of closed) {
    const keys = createKeys(options.prefix, options.shards, generation);
    for (let shard = 0; shard < options.shards; shard += 1)
      await link.call((redis) => redis.hset(keys.counters(shard), "over", next));
  }
}

function open(options: GenerationsOptions): Link {
  return new Link(connect({ ...options, name: "hubbub-generations", answerTimeoutMs: ANSWER_TIMEOUT_MS }), options.log);
}
