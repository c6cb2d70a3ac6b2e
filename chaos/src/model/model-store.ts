import type { RoomEvent } from "@hubbub/protocol";
import { event as eventSchema } from "@hubbub/protocol/codec";
import type {
  Accounts,
  Admin,
  Audit,
  Bans,
  Blocks,
  Bots,
  Chains,
  Cluster,
  Erasures,
  Events,
  Exports,
  Files,
  Flows,
  Invites,
  MailCodes,
  Members,
  MinuteStats,
  Nodes,
  Profiles,
  Reports,
  Rooms,
  Search,
  SearchIndex,
  Sessions,
  Shards,
  Signin,
  Statuses,
  Store,
  Tasks,
  Threads,
  Unread,
  UntoldChanges,
  Users,
} from "@hubbub/store";
import type { ModelProcess } from "./model-process.ts";
import { StoreState } from "./store-state.ts";

/** Postgres: alone in what it does; may be away, and may come back as it was some transactions ago. */
export class ModelDatabase {
  #journal: ((state: StoreState) => void)[] = [];
  readonly #empty: () => StoreState;
  #state: StoreState;
  #isUp = true;
  /** Another one after every outage: connections of before are gone. */
  #incarnation = 1;

  constructor(leaks: (event: RoomEvent) => boolean = () => false) {
    this.#empty = () => new StoreState(leaks);
    this.#state = this.#empty();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get state(): StoreState {
    return this.#state;
  }

  /** One transaction. What throws has changed nothing. */
  commit<Answer>(change: (state: StoreState) => Answer): Answer {
    const answer = change(this.#state);
    this.#journal.push(change);
    return answer;
  }

  /** `lost`: how many of the newest transactions are gone when it is back. */
  away(downMs: number, lost: number): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    setTimeout(() => {
      this.#incarnation += 1;
      if (lost > 0) {
        this.#journal = this.#journal.slice(0, Math.max(0, this.#journal.length - lost));
        this.#state = this.#empty();
        for (const change of this.#journal) change(this.#state);
      }
      this.#isUp = true;
    }, downMs);
  }
}

/** As `pg` says it, and as `isUnavailable` knows it. */
class ConnectionLost extends Error {
  readonly code = "ECONNRESET";
}

/** The store as one process sees it. What the model does not need is not there. */
export class ModelStore implements Store {
  readonly users: Users = absent("users");
  readonly sessions: Sessions = absent("sessions");
  readonly signin: Signin = absent("signin");
  readonly accounts: Accounts = absent("accounts");
  readonly profiles: Profiles = absent("profiles");
  readonly mailCodes: MailCodes = absent("mailCodes");
  readonly rooms: Rooms;
  readonly cluster: Cluster = absent("cluster");
  readonly erasures: Erasures = absent("erasures");
  readonly audit: Audit = absent("audit");
  readonly reports: Reports = absent("reports");
  readonly exports: Exports = absent("exports");
  readonly files: Files = absent("files");
  readonly admin: Admin = absent("admin");
  readonly nodes: Nodes = absent("nodes");
  readonly stats: MinuteStats = absent("stats");
  readonly bans: Bans = absent("bans");
  readonly invites: Invites = absent("invites");
  readonly blocks: Blocks = absent("blocks");
  readonly chains: Chains = absent("chains");
  readonly untoldChanges: UntoldChanges = absent("untoldChanges");
  readonly threads: Threads;
  readonly unread: Unread = absent("unread marks");
  readonly statuses: Statuses = absent("statuses");
  readonly search: Search = absent("search");
  readonly searchIndex: SearchIndex = absent("searchIndex");
  readonly flows: Flows = absent("flows");
  readonly bots: Bots = absent("bots");
  readonly tasks: Tasks = absent("tasks");
  readonly members: Members;
  readonly events: Events;
  readonly shards: Shards;
  readonly #database: ModelDatabase;
  readonly #process: ModelProcess;

  constructor(database: ModelDatabase, process: ModelProcess) {
    this.#database = database;
    this.#process = process;
    this.rooms = Object.assign(absent<Rooms>("rooms"), this.#roomStatements());
    this.members = Object.assign(absent<Members>("members"), this.#memberStatements());
    this.events = Object.assign(absent<Events>("events"), this.#eventStatements());
    this.threads = Object.assign(absent<Threads>("threads"), this.#threadStatements());
    this.shards = Object.assign(absent<Shards>("shards"), this.#shardStatements());
  }

  async migrate(): Promise<void> {
    // There is one schema.
  }

  async assertSchema(): Promise<void> {
    // There is one schema.
  }

  async ping(): Promise<void> {
    await this.#ask(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
  }

  #roomStatements(): Pick<Rooms, "beginEpoch" | "epochAround"> {
    return {
      beginEpoch: (room, seen, jump, epochSeen = 0) =>
        this.#commit((state) => state.beginEpoch(room, seen, jump, epochSeen)),
      epochAround: (room, epoch) => this.#ask((state) => state.epochAround(room, epoch)),
    };
  }

  /** Everybody is a member, and that is known at once. */
  #memberStatements(): Pick<Members, "standings"> {
    return { standings: async (pairs) => pairs.map(() => ({ role: "member", from: 0 })) };
  }

  #eventStatements(): Pick<
    Events,
    "append" | "deadLetter" | "page" | "states" | "stored" | "moved" | "head" | "recent"
  > {
    return {
      append: (batch) => this.#commit((state) => state.append(batch)),
      deadLetter: ({ lease, offset }, { frame }) =>
        this.#commit((state) => state.deadLetter(lease, offset, letterOf(frame))),
      page: (room, range) => this.#ask((state) => state.page(room, range)),
      states: (room, seqs) => this.#ask((state) => state.states(room, seqs)),
      stored: (room, range, asked) => this.#ask((state) => state.stored(room, range, asked)),
      // States are folded from the targets as they were sent.
      moved: () => this.#ask(() => undefined),
      head: (room) => this.#ask((state) => state.head(room)),
      recent: (room, _sinceMs, limit) => this.#ask((state) => state.recent(room, limit)),
    };
  }

  #threadStatements(): Pick<Threads, "sentChange"> {
    return { sentChange: (room, target, event) => this.#ask((state) => state.sentChange(room, target, event)) };
  }

  #shardStatements(): Pick<Shards, "acquire" | "renew" | "release" | "seal" | "owners"> {
    return {
      acquire: (shard, owner, ttlMs) => this.#commitAt((state, now) => state.acquire(shard, owner, ttlMs, now)),
      renew: (owner, leases, ttlMs) => this.#commitAt((state, now) => state.renew(owner, leases, ttlMs, now)),
      release: (owner, lease) => this.#commitAt((state, now) => state.release(owner, lease, now)),
      seal: (shard, start) => this.#commit((state) => state.seal(shard, start)),
      owners: () => this.#ask((state) => state.owners(performance.now())),
    };
  }

  #commitAt<Answer>(change: (state: StoreState, now: number) => Answer): Promise<Answer> {
    return this.#ask(() => {
      const now = performance.now();
      return this.#database.commit((state) => change(state, now));
    });
  }

  #commit<Answer>(change: (state: StoreState) => Answer): Promise<Answer> {
    return this.#ask(() => this.#database.commit(change));
  }

  /** What was asked before the connection broke may have been done. */
  async #ask<Answer>(act: (state: StoreState) => Answer): Promise<Answer> {
    const database = this.#database;
    const { incarnation } = database;
    const assertThere = () => {
      if (!database.isUp || database.incarnation !== incarnation) throw new ConnectionLost("Connection terminated");
    };
    await this.#process.travel();
    assertThere();
    const answer = act(database.state);
    await this.#process.travel();
    assertThere();
    return answer;
  }
}

function letterOf(frame: string) {
  const read = eventSchema.safeParse(JSON.parse(frame));
  return read.success ? { room: read.data.room, id: read.data.id } : { room: null, id: null };
}

/** Every method says that it is not there. */
function absent<Part extends object>(name: string): Part {
  return new Proxy(Object.create(null), {
    get: (target, key) => Reflect.get(target, key) ?? (() => Promise.reject(new Error(`${name} are not in the model`))),
  });
}
