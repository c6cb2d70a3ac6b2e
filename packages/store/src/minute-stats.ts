import type { RoomId, Visibility } from "@hubbub/protocol";
import type { Database, Statement } from "./database.ts";
import { migrated } from "./nodes.ts";
import type { MinuteStats, ProcessFigures } from "./store-figures.ts";

/** Column by figure: these add up over processes. */
const SUMS = ["connections", "rooms", "accepted", "delivered", "stored", "refused", "cpu", "memory", "unstored", "lag"];
/** Of these the highest counts. */
const HIGHEST = [
  ["loop", "loop"],
  ["acceptP50", "accept_p50"],
  ["acceptP99", "accept_p99"],
] as const;
const COLUMNS = [...SUMS, ...HIGHEST.map(([, column]) => column)];
const FIGURES = [...SUMS, ...HIGHEST.map(([figure]) => figure)] as (keyof ProcessFigures)[];

const KEPT = "8 days";
/** Behind minute, node and busiest rooms. */
const FIRST_FIGURE = 4;

const PUT: Statement = {
  name: "minute-stats-put",
  text: `
    with old as (delete from hubbub.stats_1m where minute < clock_timestamp() - interval '${KEPT}')
    insert into hubbub.stats_1m (minute, node, busiest, ${COLUMNS.join(", ")})
    values ($1::timestamptz, $2, $3::jsonb, ${COLUMNS.map((_, at) => `$${at + FIRST_FIGURE}::float8`).join(", ")})
    on conflict (minute, node) do update set
      busiest = excluded.busiest, ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ")}`,
};

const MINUTES: Statement = {
  name: "minute-stats",
  text: `
    select minute as at,
      ${SUMS.map((column) => `sum(${column}) as ${column}`).join(", ")},
      ${HIGHEST.map(([figure, column]) => `max(${column}) as "${figure}"`).join(", ")}
    from hubbub.stats_1m
    where minute >= $1::timestamptz and minute < $2::timestamptz and ($3::text is null or node = $3)
    group by minute order by minute`,
};

const OF_ROOM: Statement = {
  name: "minute-stats-of-room",
  text: `
    select minute as at, sum((busiest ->> $1::text)::float8) as "perSecond"
    from hubbub.stats_1m
    where minute >= $2::timestamptz and minute < $3::timestamptz and busiest ? $1::text
    group by minute order by minute`,
};

const NAMES: Statement = {
  name: "minute-stats-names",
  text: "select id, name, visibility from hubbub.rooms where id = any($1::uuid[]) and archived_at is null",
};

type Minute = ProcessFigures & { readonly at: Date };

export function createMinuteStats(database: Database): MinuteStats {
  return {
    async put({ node, minute, figures, busiest }) {
      const values = FIGURES.map((figure) => figures[figure] ?? null);
      await database.run(PUT, [minute, node, JSON.stringify(busiest), ...values]);
    },
    async minutes({ from, to }, node) {
      const rows = await migrated(database.run<Minute>(MINUTES, [from, to, node ?? null]), "figures");
      return rows.map(({ acceptP50, acceptP99, ...row }) => ({
        ...row,
        acceptP50: acceptP50 ?? undefined,
        acceptP99: acceptP99 ?? undefined,
      }));
    },
    ofRoom: (room, { from, to }) => migrated(database.run(OF_ROOM, [room, from, to]), "figures"),
    names: (rooms) => database.run<{ id: RoomId; name: string; visibility: Visibility }>(NAMES, [rooms]),
  };
}
