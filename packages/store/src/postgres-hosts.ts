import { Socket } from "node:net";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { urlsOfHosts } from "./hosts.ts";
import { type Host, NoPrimary, Primary } from "./primary.ts";

/** Bounds the wait for a connection, of the pool or of the server. After it the call fails as unavailable. */
const CONNECT_TIMEOUT_MS = 5_000;
/** The same while the primary is looked for: a host that hangs must not hold up the others. */
const PROBE_TIMEOUT_MS = 2_000;
/** An unreachable server cannot end its statements: the client gives up this much later. */
const ANSWER_MARGIN_MS = 2_000;

interface HostOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  readonly types: pg.CustomTypesConfig;
}

export interface PostgresHost extends Host {
  readonly pool: pg.Pool;
  readonly handle: NodePgDatabase<Record<string, never>>;
  /** For a client beside the pool. */
  readonly connection: pg.ClientConfig;
  /** Waits for the statements under way. */
  end(): Promise<void>;
}

export interface PostgresHosts {
  /** With the host that is the primary. */
  on<Result>(work: (host: PostgresHost) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Weaker `sslmode` values mean the same to today's driver, which warns that this may change. */
const ANY_TLS = /([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/;

/** TLS that is asked for is checked, certificate and host name, whatever the word; `no-verify` alone checks nothing. */
function withCheckedTls(url: string): string {
  return url.includes("uselibpqcompat=true") ? url : url.replace(ANY_TLS, "$1verify-full");
}

export function openHosts(options: HostOptions): PostgresHosts {
  const urls = urlsOfHosts(withCheckedTls(options.url));
  const isOneOfSeveral = urls.length > 1;
  const primary = new Primary({
    urls,
    open: (url) => openHost(connectionTo(url, options), options, isOneOfSeveral),
    isStandby: (url) => probe(connectionTo(url, options)),
  });
  return {
    async on(work) {
      const host = await primary.host();
      try {
        return await work(host);
      } catch (error) {
        primary.failed(error, host);
        throw error;
      }
    },
    close: async () => await primary.close()?.end(),
  };
}

type Connection = pg.ClientConfig & { readonly connectionString: string };

function connectionTo(url: string, { applicationName, types }: HostOptions): Connection {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: applicationName,
    options: "-c jit=off", // Compiling a short statement takes longer than running it.
    keepAlive: true,
    types,
  };
}

function openHost(connection: Connection, options: HostOptions, isOneOfSeveral: boolean): PostgresHost {
  const sockets = new Set<Socket>();
  const client = { ...connection, stream: () => kept(new Socket(), sockets) };
  const pool = new pg.Pool({
    ...client,
    max: options.poolMax,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + ANSWER_MARGIN_MS,
    ...(isOneOfSeveral ? { onConnect: assertPrimary } : {}),
  });
  // The pool has already dropped an idle connection that fails, and the next caller gets a new one or the error.
  pool.on("error", () => undefined);
  let ended: Promise<void> | undefined;
  // A pool refuses a second call.
  const end = () => (ended ??= pool.end());
  return {
    url: connection.connectionString,
    pool,
    handle: drizzle(pool),
    connection: client,
    end,
    drop() {
      void end();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function kept(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  return socket;
}

async function probe(connection: Connection): Promise<boolean> {
  const bounds = { connectionTimeoutMillis: PROBE_TIMEOUT_MS, query_timeout: PROBE_TIMEOUT_MS };
  const socket = new Socket();
  const client = new pg.Client({ ...connection, ...bounds, stream: () => socket });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await isStandby(client);
  } finally {
    socket.destroy();
  }
}

async function assertPrimary(client: pg.ClientBase): Promise<void> {
  if (await isStandby(client)) throw new NoPrimary("this host became a standby");
}

async function isStandby(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
  return rows[0]?.standby !== false;
}
