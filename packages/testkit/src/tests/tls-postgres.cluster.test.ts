import { execFile } from "node:child_process";
import { chmod, chown, copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serverMain } from "../cluster-env.ts";
import { query } from "../database.ts";
import { eventually } from "../eventually.ts";
import { type Certificates, makeCertificates } from "../services/certificates.ts";
import { openDataDirectory } from "../services/data-directory.ts";
import { type PostgresService, startPostgres } from "../services/postgres.ts";

/** What a person reads who points DATABASE_URL at a Postgres with, or without, TLS. The certificate is for `localhost` alone. */
let directory: Awaited<ReturnType<typeof openDataDirectory>>;
let plain: PostgresService;
let secure: PostgresService;
let files: Certificates;

beforeAll(async () => {
  directory = await openDataDirectory("tls-postgres", undefined);
  // The account of Postgres has to pass through.
  await chmod(directory.path, 0o711);
  files = await makeCertificates(directory.path, "postgres");
  plain = await startPostgres({ durable: false });
  secure = await startPostgres({ durable: false, directory: join(directory.path, "postgres") });
  await turnTlsOn(secure, join(directory.path, "postgres", "data"));
});
afterAll(async () => {
  await plain?.stop();
  await secure?.stop();
  await directory?.close();
});

async function turnTlsOn(postgres: PostgresService, data: string): Promise<void> {
  const { uid, gid } = await stat(data);
  const sources = { "server.crt": files.server.cert, "server.key": files.server.key, "root.crt": files.authority };
  for (const [name, source] of Object.entries(sources)) {
    await copyFile(source, join(data, name));
    await chown(join(data, name), uid, gid);
  }
  await query(postgres.url, "alter system set ssl_ca_file = 'root.crt'");
  await query(postgres.url, "alter system set ssl = on");
  await query(postgres.url, "select pg_reload_conf()");
  await eventually(async () => expect(await query(postgres.url, "show ssl")).toEqual([{ ssl: "on" }]));
}

/** What `migrate` says, and how it ends. */
function migrate(postgres: PostgresService, host: string, parameters: string): Promise<{ code: number; said: string }> {
  const url = new URL(postgres.url);
  url.hostname = host;
  url.search = parameters;
  const env = { PATH: process.env["PATH"], DATABASE_URL: url.href };
  return new Promise((resolve) => {
    execFile(process.execPath, [serverMain, "migrate"], { env, cwd: directory.path }, (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stderr }),
    );
  });
}

const NO_AUTHORITY = /^DATABASE_URL: the certificate of Postgres is not signed .* sslmode=verify-full&sslrootcert=FILE/;

test.each<[string, string, () => string, RegExp]>([
  ["a certificate of an unknown authority", "localhost", () => "sslmode=require", NO_AUTHORITY],
  ["the certificate of another authority", "localhost", () => verifiedBy("stranger"), NO_AUTHORITY],
  ["another host name than the certificate's", "127.0.0.1", () => verifiedBy("authority"), /for another host name/],
  [
    "a file that is not there",
    "localhost",
    () => "sslmode=verify-full&sslrootcert=/nowhere.crt",
    /no such file or directory, open '\/nowhere.crt'/,
  ],
])("%s is explained in one sentence", async (_what, host, parameters, sentence) => {
  const { code, said } = await migrate(secure, host, parameters());
  expect(said).toMatch(sentence);
  expect(said.trimEnd().split("\n")).toHaveLength(1);
  expect(code).toBe(1);
});

test.each(["require", "verify-full"])(
  "a Postgres without TLS is explained when the URL has sslmode=%s",
  async (mode) => {
    const { code, said } = await migrate(plain, "127.0.0.1", `sslmode=${mode}`);
    expect(said).toMatch(
      /^DATABASE_URL: this Postgres does not speak TLS; remove sslmode, or enable TLS in Postgres\n$/,
    );
    expect(code).toBe(1);
  },
);

test.each<[string, () => string]>([
  ["the authority's certificate", () => verifiedBy("authority")],
  ["no-verify", () => "sslmode=no-verify"],
])("with %s it works", async (_what, parameters) => {
  expect(await migrate(secure, "localhost", parameters())).toEqual({ code: 0, said: "" });
});

test("a Postgres that wants a client certificate takes that of sslcert and sslkey, and refuses who has none", async () => {
  const rules = join(directory.path, "postgres", "data", "pg_hba.conf");
  const before = await readFile(rules, "utf8");
  await writeFile(rules, `hostssl all postgres ::1/128 cert\nhostssl all postgres 127.0.0.1/32 cert\n${before}`);
  await query(secure.url, "select pg_reload_conf()");
  const pair = `&sslcert=${files.client.cert}&sslkey=${files.client.key}`;
  await eventually(async () => {
    const refused = await migrate(secure, "localhost", verifiedBy("authority"));
    expect(refused.said).toMatch(
      /^DATABASE_URL: Postgres wants a client certificate; name it .*sslcert=FILE&sslkey=FILE/,
    );
  });
  expect(await migrate(secure, "localhost", verifiedBy("authority") + pair)).toEqual({ code: 0, said: "" });
});

function verifiedBy(authority: "authority" | "stranger"): string {
  return `sslmode=verify-full&sslrootcert=${files[authority]}`;
}
