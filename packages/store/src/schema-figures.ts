import { doublePrecision, jsonb, primaryKey, text } from "drizzle-orm/pg-core";
import { hubbub, instant } from "./schema-base.ts";

const figure = (name: string) => doublePrecision(name).notNull();

/** What one process did in one minute, in counts a second and mean states. Rows are deleted after eight days. */
export const statsMinutes = hubbub.table(
  "stats_1m",
  {
    minute: instant("minute").notNull(),
    node: text("node").notNull(),
    connections: figure("connections"),
    rooms: figure("rooms"),
    accepted: figure("accepted"),
    delivered: figure("delivered"),
    stored: figure("stored"),
    refused: figure("refused"),
    cpu: figure("cpu"),
    loop: figure("loop"),
    memory: figure("memory"),
    /** null: nothing was published. */
    acceptP50: doublePrecision("accept_p50"),
    acceptP99: doublePrecision("accept_p99"),
    unstored: figure("unstored"),
    lag: figure("lag"),
    /** The busiest rooms, at most ten: events a second by room. */
    busiest: jsonb("busiest").$type<Readonly<Record<string, number>>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.minute, table.node] })],
);
