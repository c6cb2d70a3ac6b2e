import { type Database, type Statement, single } from "./database.ts";
import type { Events } from "./store.ts";

/** The newest epoch may have no event yet. One look at the index for each room. */
const HEADS: Statement = {
  name: "events-heads",
  text: `
    select coalesce(newest.seq, 0) as seq, greatest(coalesce(newest.epoch, 0), coalesce(r.epoch, 0)) as epoch
    from unnest($1::uuid[]) with ordinality as asked (id, place)
    left join hubbub.rooms r on r.id = asked.id
    left join lateral (
      select seq, epoch from hubbub.events where room_id = asked.id order by seq desc limit 1
    ) newest on true
    order by asked.place`,
};

export function createStoredHeads(database: Database): Pick<Events, "head" | "heads"> {
  return {
    heads: (rooms) => database.run(HEADS, [rooms]),
    async head(room) {
      return single(await database.run<{ seq: number; epoch: number }>(HEADS, [[room]]));
    },
  };
}
