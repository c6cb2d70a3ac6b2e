export { createTestDatabase, type TestDatabase } from "./database.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export { type PostgresOptions, type PostgresService, startPostgres } from "./services/postgres.ts";
export { type RedisOptions, type RedisService, startRedis } from "./services/redis.ts";
export type { Service } from "./services/service.ts";
