import { newId, type RoomId, type UserId } from "@hubbub/protocol";
import type { SigningKeys } from "@hubbub/runtime";
import { Client } from "pg";
import { parentOf } from "../measure/process-usage.ts";

export interface Person {
  readonly user: UserId;
  readonly token: string;
}

const TOKEN_LIFE_S = 3_600;

/** Users, rooms and memberships in bulk: by SQL, and with tokens signed by the cluster's own key. */
export class People implements AsyncDisposable {
  readonly #database: Client;
  readonly #keys: SigningKeys;

  private constructor(database: Client, keys: SigningKeys) {
    this.#database = database;
    this.#keys = keys;
  }

  static async open(databaseUrl: string, keys: SigningKeys): Promise<People> {
    const database = new Client({ connectionString: databaseUrl, application_name: "bench" });
    await database.connect();
    return new People(database, keys);
  }

  async create(count: number): Promise<Person[]> {
    const people = Array.from({ length: count }, (_, index) => ({ user: newId<UserId>(), name: `bench-${index}` }));
    await this.#database.query(
      "insert into hubbub.users (id, username) select * from unnest($1::uuid[], $2::text[]) on conflict do nothing",
      [people.map(({ user }) => user), people.map(({ user, name }) => `${name}-${user.slice(-8)}`)],
    );
    return Promise.all(people.map(async ({ user, name }) => ({ user, token: await this.#tokenOf(user, name) })));
  }

  /** A room for each list of members. */
  async createRooms(memberLists: readonly (readonly Person[])[]): Promise<RoomId[]> {
    const rooms = memberLists.map(() => newId<RoomId>());
    await this.#database.query(
      "insert into hubbub.rooms (id, name, name_key, visibility, topic) select id, 'room ' || id, 'room ' || id, 'private', '' from unnest($1::uuid[]) id",
      [rooms],
    );
    const pairs = memberLists.flatMap((members, at) => members.map(({ user }) => ({ room: rooms[at], user })));
    await this.#database.query(
      "insert into hubbub.members (room_id, user_id, role) select room, member, 'member' from unnest($1::uuid[], $2::uuid[]) as pair(room, member)",
      [pairs.map(({ room }) => room), pairs.map(({ user }) => user)],
    );
    return rooms;
  }

  async storedEvents(): Promise<number> {
    const { rows } = await this.#database.query<{ stored: string }>("select count(*) as stored from hubbub.events");
    return Number(rows[0]?.stored);
  }

  /** Of a database whose rooms have all their events. Cheaper than counting them. */
  async storedHeads(): Promise<number> {
    const { rows } = await this.#database.query<{ stored: string }>(
      "select coalesce(sum((select max(seq) from hubbub.events e where e.room_id = r.id)), 0) as stored from hubbub.rooms r",
    );
    return Number(rows[0]?.stored);
  }

  /** Whether the index of search has followed; a database without search has nothing to index. */
  async isIndexed(): Promise<boolean> {
    if (!(await this.#hasJournal())) return true;
    const journal = await this.#database.query("select from hubbub.search_journal limit 1");
    return journal.rowCount === 0;
  }

  /** The settings that decide what a commit is worth. */
  async durability(): Promise<string> {
    const { rows } = await this.#database.query<{ text: string }>(
      "select string_agg(name || '=' || setting, ', ' order by name) as text from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')",
    );
    return rows[0]?.text ?? "";
  }

  /** Off: what is inserted into the journal of search is dropped, so that nothing is there to index. */
  async setJournal(isOn: boolean): Promise<void> {
    if (!(await this.#hasJournal())) return;
    await this.#database.query(
      isOn
        ? "drop function if exists hubbub.bench_no_journal cascade"
        : `create or replace function hubbub.bench_no_journal() returns trigger language plpgsql as 'begin return null; end';
           create or replace trigger bench_no_journal before insert on hubbub.search_journal
           for each row execute function hubbub.bench_no_journal()`,
    );
  }

  /** Rows in bulk, made by the database. */
  async fill(text: string, values: readonly unknown[]): Promise<void> {
    await this.#database.query(text, [...values]);
  }

  /** Of the process above all backends. */
  async serverPid(): Promise<number> {
    const { rows } = await this.#database.query<{ pid: number }>("select pg_backend_pid() as pid");
    return parentOf(rows[0]?.pid ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.end();
  }

  async #hasJournal(): Promise<boolean> {
    const { rows } = await this.#database.query<{ has: boolean }>(
      "select to_regclass('hubbub.search_journal') is not null as has",
    );
    return rows[0]?.has === true;
  }

  #tokenOf(user: UserId, name: string): Promise<string> {
    return this.#keys.sign({ sub: user, sid: newId(), name }, TOKEN_LIFE_S);
  }
}
