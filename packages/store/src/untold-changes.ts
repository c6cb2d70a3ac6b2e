import type { Database, Statement } from "./database.ts";
import type { UntoldChange, UntoldChanges } from "./store-untold.ts";

const LIST: Statement = {
  name: "untold-list",
  text: `
    select c.id, c.room_id as room, c.user_id as user, r.id is not null as "isOpen", m.user_id is not null as "isMember"
    from (select * from hubbub.untold_changes order by id limit $1) c
    left join hubbub.rooms r on r.id = c.room_id and r.archived_at is null
    left join hubbub.members m on m.room_id = r.id and m.user_id = c.user_id
    order by c.id`,
};
const REMOVE: Statement = {
  name: "untold-remove",
  text: "delete from hubbub.untold_changes where id = any($1::bigint[])",
};

export function createUntoldChanges(database: Database): UntoldChanges {
  return {
    list: (limit) => database.run<UntoldChange>(LIST, [limit]),
    async remove(changes) {
      await database.run(REMOVE, [changes.map(({ id }) => id)]);
    },
  };
}
