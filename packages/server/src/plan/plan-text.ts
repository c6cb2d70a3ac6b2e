import { bytes, percent } from "../doctor/units.ts";
import type { Figures } from "./figures.ts";
import type { Load } from "./load.ts";
import type { Plan } from "./plan.ts";

const count = (value: number): string => Math.round(value).toLocaleString("en");
const MIB = 2 ** 20;

export function planText(load: Load, plan: Plan, { date, machine }: Figures): string {
  const { postgres, redis, network, bounds } = plan;
  const [first] = bounds;
  return [
    `for ${count(load.online)} connections, ${count(load.rooms)} rooms, ${count(load.perSecond)} messages a second at the busiest time and ${count(load.meanPerSecond)} on average,`,
    `each with ${count(load.text)} bytes of text for ${count(load.listeners)} listeners, kept for ${count(load.days)} days`,
    "",
    `gateways   ${plan.gateways}, a core and ${bytes(plan.gatewayBytes)} each; one is spare`,
    `apis       ${plan.apis}, a core each`,
    `writers    ${plan.writers}, SHARDS=${plan.shards}; one is spare`,
    `Redis      maxmemory ${bytes(redis.maxBytes)}, ${percent(redis.cores)} of its core`,
    `Postgres   ${count(postgres.rows)} rows, ${bytes(postgres.rowBytes)}, and about ${bytes(postgres.searchBytes)} for search`,
    `           ${bytes(postgres.walBytesPerDay)} of WAL a day, ${percent(postgres.cores)} of a core`,
    `backups    ${bytes(plan.backups.bytesPerTarget)} in each target`,
    `network    ${bytes(network.toClients)}/s to clients, ${bytes(network.fromRedis)}/s from Redis to the gateways`,
    "",
    `the bound that comes first: ${first?.name}, at ${count(first?.perSecond ?? 0)} messages a second`,
    ...bounds.slice(1).map(({ name, perSecond }) => `      then: ${name}, at ${count(perSecond)}`),
    "",
    `From figures of ${date} (${machine}); another machine has others: npm run bench, then --bench.`,
    "CPU is planned to half a core. Sizes of search and of compressed backups are estimates; files and their thumbnails are not in it.",
    "",
  ].join("\n");
}

/** For compose.env, docker-compose.yml and redis.conf. */
export function composeLines({ gateways, apis, writers, shards, redis }: Plan): string {
  return [
    "# compose.env",
    `GATEWAYS=${gateways}`,
    `APIS=${apis}`,
    `WRITERS=${writers}`,
    "# docker-compose.yml, x-settings; choose it once, before the first start",
    `#   SHARDS: "${shards}"`,
    "# infra/redis/redis.conf; mem_limit of the container is 1.4 times this",
    `#   maxmemory ${Math.ceil(redis.maxBytes / MIB)}mb`,
    "",
  ].join("\n");
}
