import { randomBytes } from "node:crypto";
import { chmod, chown, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { infraFile } from "../paths.ts";
import { type Account, findAccount } from "./account.ts";
import type { Program } from "./provide.ts";
import { run } from "./run.ts";
import type { Launch } from "./service-process.ts";

/** A data directory of Postgres that is ready to be served. */
export interface PostgresCluster {
  /** Of the superuser `postgres`. */
  readonly password: string;
  launch(port: number, settings: readonly string[]): Launch;
}

export function openPostgresCluster(source: Program, directory: string): Promise<PostgresCluster> {
  return source.kind === "binary" ? openLocal(source.directory, directory) : openContainer(source.image, directory);
}

async function openLocal(binaries: string, directory: string): Promise<PostgresCluster> {
  const owner = await serverAccount();
  const data = join(directory, "data");
  // The account of Postgres has to pass through.
  if (owner !== null) await chmod(directory, 0o711);
  const password = await keepPassword(directory, (file) => initialise(join(binaries, "initdb"), data, file, owner));
  const config = join(data, "hubbub.conf");
  await copyFile(infraFile("postgres/postgresql.conf"), config);
  await give(config, owner);
  const local = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
  return {
    password,
    launch: (port, settings) => ({
      name: "Postgres",
      command: join(binaries, "postgres"),
      args: ["-D", data, "-c", `config_file=${config}`, ...local, "-p", `${port}`, ...settings],
      cwd: directory,
      // Fast shutdown: it does not wait for clients to leave.
      stopSignal: "SIGINT",
      ...owner,
    }),
  };
}

async function initialise(initdb: string, data: string, passwordFile: string, owner: Account | null): Promise<void> {
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  await give(data, owner);
  await give(passwordFile, owner);
  const locale = ["--locale=C", "--encoding=UTF8"];
  const access = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  await run(initdb, ["--pgdata", data, "--no-sync", ...locale, ...access], { ...owner, cwd: data });
}

async function openContainer(image: string, directory: string): Promise<PostgresCluster> {
  const data = join(directory, "data");
  await mkdir(data, { recursive: true });
  const password = await keepPassword(directory, () => Promise.resolve());
  const mounts = [
    "-v",
    `${infraFile("postgres/postgresql.conf")}:/hubbub.conf:ro`,
    "-v",
    `${data}:/var/lib/postgresql/data`,
  ];
  const user = process.getuid?.() === 0 ? [] : ["--user", `${process.getuid?.()}:${process.getgid?.()}`];
  return {
    password,
    launch: (port, settings) => {
      const container = `hubbub-postgres-${process.pid}-${port}`;
      const docker = ["run", "--rm", "--name", container, ...user, "-p", `127.0.0.1:${port}:5432`, ...mounts];
      const server = [image, "-c", "config_file=/hubbub.conf", "-c", "listen_addresses=*", ...settings];
      return {
        name: "Postgres",
        command: "docker",
        args: [...docker, "-e", "POSTGRES_PASSWORD", ...server],
        env: { ...process.env, POSTGRES_PASSWORD: password },
        stopSignal: "SIGINT",
        container,
      };
    },
  };
}

/** The password file appears only when `first` has succeeded: a half-made cluster is made again. */
async function keepPassword(directory: string, first: (passwordFile: string) => Promise<void>): Promise<string> {
  const file = join(directory, "password");
  const kept = await readFile(file, "utf8").catch(() => null);
  if (kept !== null) return kept;
  const password = randomBytes(18).toString("base64url");
  const unfinished = `${file}.new`;
  await writeFile(unfinished, password, { mode: 0o600 });
  await first(unfinished);
  await rename(unfinished, file);
  return password;
}

/** Postgres refuses to run as root. */
async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const account = (await findAccount("postgres")) ?? (await findAccount("nobody"));
  if (account === null)
    throw new Error("Postgres does not run as root, and there is no account `postgres` or `nobody`.");
  return account;
}

async function give(path: string, owner: Account | null): Promise<void> {
  if (owner !== null) await chown(path, owner.uid, owner.gid);
}
