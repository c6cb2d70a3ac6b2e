import pg from "pg";

/** Looks during one wait, so that a wait that ends by its timeout was seen. */
const LOOKS = 8;
const LOOK_MIN_MS = 50;
/** Of one statement, and of the list. */
const QUERY_MAX = 100;
const NAMED_MAX = 5;

/** Text of a statement is visible to its own role and to members of pg_read_all_stats. */
const BLOCKERS = `
  select pid, usename as user, application_name as application, state,
    round(extract(epoch from clock_timestamp() - xact_start))::int as seconds,
    left(regexp_replace(query, '[[:space:][:cntrl:]]+', ' ', 'g'), ${QUERY_MAX}) as query
  from pg_stat_activity where pid = any (pg_blocking_pids($1)) order by xact_start limit ${NAMED_MAX}`;

interface Blocker {
  readonly pid: number;
  readonly user: string | null;
  readonly application: string | null;
  readonly state: string | null;
  readonly seconds: number | null;
  readonly query: string | null;
}

/** Remembers who blocked a session: when its wait has ended, Postgres does not know that any more. */
export class BlockerWatch implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #watched: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #connected: Promise<unknown>;
  #isLooking = false;
  #seen: readonly Blocker[] = [];

  /** `watched`: the process id of the session in Postgres. `waitMs`: how long one wait of it lasts. */
  constructor(connection: pg.ClientConfig, watched: number, waitMs: number) {
    this.#client = new pg.Client(connection);
    this.#watched = watched;
    // Whoever is not named is called unknown: the migration goes on without this connection.
    this.#client.on("error", () => undefined);
    this.#connected = this.#client.connect().catch(() => undefined);
    this.#timer = setInterval(() => void this.#look(), Math.max(LOOK_MIN_MS, waitMs / LOOKS));
  }

  /** Those who blocked since the last call, in words. */
  take(): string {
    const words = this.#seen.map(describe).join("; ");
    this.#seen = [];
    return words === "" ? "a session that is not known" : words;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#connected;
    await this.#client.end().catch(() => undefined);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { rows } = await this.#client.query<Blocker>(BLOCKERS, [this.#watched]);
      if (rows.length > 0) this.#seen = rows;
    } catch {
      // The next look may succeed.
    } finally {
      this.#isLooking = false;
    }
  }
}

function describe({ pid, user, application, state, seconds, query }: Blocker): string {
  const who = [user, application].filter(Boolean).join(", ");
  const since = seconds === null ? "" : `, in a transaction of ${seconds} s`;
  return `process ${pid} of Postgres (${who === "" ? "unknown" : who}; ${state ?? "unknown state"}${since}: ${query ?? ""})`;
}
