import { randomBytes } from "node:crypto";
import { escapeIdentifier, escapeLiteral } from "pg";
import { query } from "../database.ts";
import { openDataDirectory } from "./data-directory.ts";
import { openPostgresCluster } from "./postgres-cluster.ts";
import { type ProgramSpec, provide } from "./provide.ts";
import { type Service, startService } from "./service.ts";

export interface PostgresService extends Service {
  /** Of the database `postgres`, as superuser. */
  readonly url: string;
  /** Creates an empty database unless it is there, and answers its URL. */
  createDatabase(name: string): Promise<string>;
  /** The same, owned by a role of that name which is no superuser; answers the URL of that role. Its password is new each time. */
  createOwnDatabase(name: string): Promise<string>;
}

export interface PostgresOptions {
  readonly port?: number | undefined;
  /** Where its data lives; without it, a temporary directory. */
  readonly directory?: string | undefined;
  /** Default true. False turns fsync off, for tests that do not restart it. */
  readonly durable?: boolean | undefined;
}

export const postgresProgram: ProgramSpec = {
  title: "Postgres",
  // A `postgres` without the `initdb` of the same installation is of no use.
  binaries: ["postgres", "initdb"],
  directories: ["/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"],
  aptPackage: "postgresql",
  image: "postgres:17-alpine",
  urlVariable: "TEST_POSTGRES_URL",
};

const unsafe = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/** A Postgres of its own on the loopback interface, with a random password, set up as in production. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresService> {
  const source = await provide(postgresProgram);
  const directory = await openDataDirectory("postgres", options.directory);
  const cluster = await openPostgresCluster(source, directory.path);
  const settings = (options.durable === false ? unsafe : []).flatMap((setting) => ["-c", setting]);
  const urlOf = (port: number, database: string) =>
    `postgres://postgres:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const service = await startService({
    name: "Postgres",
    port: options.port,
    launch: (port) => cluster.launch(port, settings),
    probe: (port) => query(urlOf(port, "postgres"), "select 1").then(() => undefined),
    cleanUp: directory.close,
  });
  const url = urlOf(service.port, "postgres");
  return Object.assign(service, {
    url,
    async createDatabase(name: string) {
      const rows = await query(url, "select 1 from pg_database where datname = $1", [name]);
      if (rows.length === 0) await query(url, `create database ${escapeIdentifier(name)}`);
      return urlOf(service.port, name);
    },
    async createOwnDatabase(name: string) {
      const password = randomBytes(18).toString("base64url");
      const role = escapeIdentifier(name);
      const found = await query(url, "select 1 from pg_roles where rolname = $1", [name]);
      const login = `role ${role} login nosuperuser password ${escapeLiteral(password)}`;
      await query(url, `${found.length === 0 ? "create" : "alter"} ${login}`);
      const own = new URL(await this.createDatabase(name));
      await query(url, `alter database ${role} owner to ${role}`);
      await query(url, `revoke all on database ${role} from public`);
      own.username = encodeURIComponent(name);
      own.password = password;
      return own.href;
    },
  });
}
