import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { infraFile, repositoryRoot } from "../paths.ts";

const MEBI = 1_048_576;
/** Of a byte in a stream, as redis.conf explains. */
const OVERHEAD = 1.25;
const FULL_ROOMS = 2_000;
const DEDUPE_BYTES = 2_000 * 1_200 * 200;

test("G8 redis.conf writes out what the bounds of the log may take, and maxmemory is more than that", async () => {
  const example = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const conf = (await readFile(infraFile("redis/redis.conf"), "utf8")).replaceAll(",", "");
  const setting = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(example)?.[1]);
  const written = (line: string) => Number(new RegExp(`^#   ${line} .*= *(\\d+)$`, "m").exec(conf)?.[1]);
  const shards = setting("SHARDS");
  const sizes = {
    backlog: shards * setting("BACKLOG_MAX_BYTES") * 2 * OVERHEAD,
    replay: shards * setting("REPLAY_MAX_BYTES") * OVERHEAD,
    tails: FULL_ROOMS * setting("TAIL_MAX_BYTES") * OVERHEAD,
    dedupe: DEDUPE_BYTES,
  };
  const sum = Object.values(sizes).reduce((total, size) => total + size, 0);
  for (const [name, size] of Object.entries({ ...sizes, sum })) expect([name, written(name)]).toEqual([name, size]);
  const maxmemory = Number(/^maxmemory (\d+)mb$/m.exec(conf)?.[1]) * MEBI;
  expect(maxmemory).toBeGreaterThan(sum);
});

test("G8 the shards of docker-compose.yml have the bytes of the defaults between them", async () => {
  const example = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const compose = await readFile(join(repositoryRoot, "docker-compose.yml"), "utf8");
  const byDefault = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(example)?.[1]);
  const inCompose = (name: string) => Number(new RegExp(`^  ${name}: "(\\d+)"$`, "m").exec(compose)?.[1]);
  for (const name of ["BACKLOG_MAX_BYTES", "REPLAY_MAX_BYTES"])
    expect(inCompose("SHARDS") * inCompose(name)).toBe(byDefault("SHARDS") * byDefault(name));
});
