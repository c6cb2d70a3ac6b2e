// For packages that read the tables with statements of their own.
export type { Database, Statement } from "./database.ts";
export { type EmbeddedDatabase, openEmbedded } from "./embedded.ts";
export { jumpOf } from "./epoch-jump.ts";
export { type EventRow, toEvent } from "./event-row.ts";
export { urlsOfHosts } from "./hosts.ts";
export { assertSchema } from "./migrations.ts";
export { openPostgres } from "./postgres.ts";
export { NoPrimary } from "./recovery/primary.ts";
