import { type FileId, ProtocolError } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";
import { createFileSweep } from "./file-sweep.ts";
import { type FileRecord, type Files, type NewFile, toFileInfo } from "./store-files.ts";

const COLUMNS = `f.id, f.room_id as "room", f.user_id as "user", f.hash, f.name, f.type, f.bytes, f.width, f.height`;
const IS_SEEN = "f.stored_at is not null and f.released_at is null";

const LOOK: Statement = {
  name: "files-look",
  text: `
    select f.id, f.room, f."user", f.hash, f.name, f.type, f.bytes, f.width, f.height, f.stored, f.released,
      least(
        $4::bigint - coalesce((select bytes from hubbub.file_usage where owner = $2), 0),
        $5::bigint - coalesce((select bytes from hubbub.file_usage where owner = $1), 0)
      ) as left
    from (select) as asked
    left join (
      select ${COLUMNS}, f.stored_at is not null as stored, f.released_at is not null as released
      from hubbub.files f where f.room_id = $1 and f.user_id = $2 and f.upload_id = $3
    ) f on true`,
};

/** An upload of the same id that did not finish makes room for the next try. */
const DROP_UNFINISHED: Statement = {
  name: "files-drop-unfinished",
  text: `
    with dropped as (
      delete from hubbub.files where room_id = $1 and user_id = $2 and upload_id = $3 and stored_at is null
      returning hash, cost
    ), orphaned as (
      update hubbub.file_contents c set orphaned_at = clock_timestamp() from dropped d where c.hash = d.hash
    ), locked as materialized (
      select owner from hubbub.file_usage where owner in ($1, $2) and exists (select from dropped) order by owner for update
    )
    update hubbub.file_usage u set bytes = u.bytes - d.cost from dropped d, locked l where u.owner = l.owner`,
};

const OWNERS: Statement = {
  name: "files-owners",
  text: "insert into hubbub.file_usage (owner) values ($1), ($2) on conflict do nothing",
};

/**
 * The locks of `quota` make uploads of one user, or to one room, wait for each other here, and read what the one before has left. The order
 * of the owners is the same everywhere: no two uploads wait for each other in a circle.
 */
const ADD: Statement = {
  name: "files-add",
  text: `
    with quota as materialized (
      select owner, bytes from hubbub.file_usage where owner in ($2, $3) order by owner for update
    ), fits as (
      select count(*) as owners,
        bool_and(bytes + $9::bigint <= case when owner = $3 then $12::bigint else $13::bigint end) as ok
      from quota
    ), content as (
      insert into hubbub.file_contents (hash) select $5::text from fits where owners = 2 and ok
      on conflict (hash) do update set taken_at = clock_timestamp() where file_contents.removing_at is null
      returning hash
    ), added as (
      insert into hubbub.files (id, room_id, user_id, upload_id, hash, name, type, bytes, cost, width, height)
      select $1::uuid, $2, $3, $4, hash, $6, $7, $8::bigint, $9, $10::integer, $11::integer from content
      on conflict (user_id, room_id, upload_id) do nothing
      returning cost
    ), charged as (
      update hubbub.file_usage u set bytes = u.bytes + a.cost from added a where u.owner in ($2, $3)
    )
    select owners, coalesce(ok, true) as ok, (select count(*) from content)::int as content,
      (select count(*) from added)::int as added
    from fits`,
};

const FINISH: Statement = {
  name: "files-finish",
  text: "update hubbub.files set stored_at = clock_timestamp() where id = $1 and stored_at is null returning id",
};

const FIND: Statement = {
  name: "files-find",
  text: `
    select ${COLUMNS} from hubbub.files f
    where f.id = any($2::uuid[]) and f.room_id = $1 and ${IS_SEEN} and (
      f.user_id = $3 or exists (
        select from hubbub.rooms r
        where r.id = f.room_id and r.archived_at is null and (
          r.settings->>'history' is distinct from 'joined'
          or coalesce(f.attached_at, f.created_at) > (select m.joined_at from hubbub.members m where m.room_id = f.room_id and m.user_id = $3)
        )
      )
    )`,
};

const IS_FREE = `
  f.id = any($4::uuid[]) and f.room_id = $1 and f.user_id = $2 and ${IS_SEEN} and (f.event_id is null or f.event_id = $3)`;

const CHECK: Statement = {
  name: "files-check",
  text: `select count(*)::int as free from hubbub.files f where ${IS_FREE}`,
};

/** A message that is sent again so late that the log does not know it any more is a new one: its time is the new one too. */
const ATTACH: Statement = {
  name: "files-attach",
  text: `
    with found as materialized (
      select f.id from hubbub.files f where ${IS_FREE} order by f.id for update
    )
    update hubbub.files f set event_id = $3, attached_at = case
      when f.sent_at is null and f.attached_at < clock_timestamp() - interval '10 minutes' then clock_timestamp()
      else coalesce(f.attached_at, clock_timestamp())
    end
    from found
    where f.id = found.id and (select count(*) from found) = cardinality($4::uuid[])
    returning ${COLUMNS}`,
};

const RELEASE: Statement = {
  name: "files-release",
  text: `
    update hubbub.files f set released_at = clock_timestamp()
    from unnest($2::uuid[], $3::text[]) as message (user_id, event_id)
    where f.room_id = $1 and f.user_id = message.user_id and f.event_id = message.event_id and f.released_at is null
    returning f.id`,
};

const DELETE: Statement = {
  name: "files-delete",
  text: `
    update hubbub.files f set released_at = clock_timestamp() where f.room_id = $1 and f.id = $2 and ${IS_SEEN}
    returning f.id`,
};

export function createFiles(database: Database): Files {
  return {
    async look({ room, user, uploadId }, quotas) {
      type Row = FileRecord & { stored: boolean | null; released: boolean | null; left: number };
      const rows = await database.run<Row>(LOOK, [room, user, uploadId, quotas.user, quotas.room]);
      const { left, stored, released, ...file } = single(rows);
      const isGone = released === true;
      return { file: stored === true && !isGone ? file : null, isGone, left: Math.max(0, left) };
    },

    async add(file, quotas) {
      const { room, user, uploadId } = file;
      await database.run(DROP_UNFINISHED, [room, user, uploadId]);
      const values = valuesOf(file).concat(quotas.user, quotas.room);
      const first = await tryToAdd(database, values);
      if (first !== "ownerless") return first;
      await database.run(OWNERS, [room, user]);
      const second = await tryToAdd(database, values);
      return second === "ownerless" ? "busy" : second;
    },

    finish: async (file) => (await database.run(FINISH, [file])).length > 0,
    find: async (room, file, reader) => (await database.run<FileRecord>(FIND, [room, [file], reader]))[0] ?? null,
    findMany: (room, files, reader) => database.run<FileRecord>(FIND, [room, files, reader]),

    async check({ room, user, id }, files) {
      if (files.length === 0) return;
      const { free } = single(await database.run<{ free: number }>(CHECK, [room, user, id, files]));
      if (free < files.length) throw new ProtocolError("unknown_file");
    },

    async attach({ room, user, id }, files) {
      const found = await database.run<FileRecord>(ATTACH, [room, user, id, files]);
      const byId = new Map<FileId, FileRecord>(found.map((file) => [file.id, file]));
      const inOrder = files.flatMap((file) => byId.get(file) ?? []);
      if (inOrder.length < files.length) throw new ProtocolError("unknown_file");
      return inOrder.map(toFileInfo);
    },

    async release(room, messages) {
      const people = messages.map(({ user }) => user);
      const ids = messages.map(({ id }) => id);
      return (await database.run(RELEASE, [room, people, ids])).length;
    },

    delete: async (room, file) => (await database.run(DELETE, [room, file])).length > 0,
    ...createFileSweep(database),
  };
}

function valuesOf(file: NewFile): unknown[] {
  const { id, room, user, uploadId, hash, name, type, bytes, cost, width, height } = file;
  return [id, room, user, uploadId, hash, name, type, bytes, cost, width, height];
}

/** `ownerless`: user or room has had no file before. */
async function tryToAdd(database: Database, values: readonly unknown[]) {
  type Row = { owners: number; ok: boolean; content: number; added: number };
  const { owners, ok, content, added } = single(await database.run<Row>(ADD, values));
  if (owners < 2) return "ownerless";
  if (!ok) return "full";
  if (content === 0) return "busy";
  return added === 0 ? "exists" : "added";
}
