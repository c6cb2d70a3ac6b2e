import { randomInt } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../paths.ts";
import { nginxProgram } from "../services/nginx.ts";
import { type PatroniPrograms, providePatroni } from "../services/patroni-programs.ts";
import { prometheusProgram } from "../services/prometheus.ts";
import { type ProgramSpec, provide } from "../services/provide.ts";
import { redisProgram } from "../services/redis.ts";
import { run } from "../services/run.ts";
import { type S3Server, startS3Server } from "../services/s3.ts";
import { Shell } from "./shell.ts";
import { readSteps } from "./tour.ts";
import { walk } from "./walk.ts";

const DOCUMENT = "docs/walkthrough.md";
const STEP_MS = 240_000;
/** An account other than root may listen there. */
const HTTPS = "8443";
const NAMES = ["A", "B", "C"] as const;
/** Loopback networks that nobody else is likely to use: 127.NET.NUMBER.1 and so on. */
const NETS = [64, 127] as const;
const NUMBERS = [1, 255] as const;

/** What the machines of the document install, beside Patroni, etcd and the programs of Postgres. */
const PROGRAMS: readonly ProgramSpec[] = [
  redisProgram,
  nginxProgram,
  prometheusProgram,
  { title: "redis-cli", binaries: ["redis-cli"], directories: [], aptPackage: "redis-tools" },
  { title: "psql", binaries: ["psql"], directories: [], aptPackage: "postgresql-client" },
  { title: "envsubst", binaries: ["envsubst"], directories: [], aptPackage: "gettext-base" },
  { title: "age", binaries: ["age", "age-keygen"], directories: [], aptPackage: "age" },
  { title: "curl", binaries: ["curl"], directories: [], aptPackage: "curl" },
];

process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 1;
});

async function main(): Promise<number> {
  const steps = readSteps(await readFile(join(repositoryRoot, DOCUMENT), "utf8"));
  const programs = await providePatroni();
  const directories = await Promise.all(PROGRAMS.map(directoryOf));
  const home = await mkdtemp(join(tmpdir(), "hubbub-walk-"));
  const network = `127.${randomInt(...NETS)}.${randomInt(...NUMBERS)}`;
  const addresses = NAMES.map((_, at) => `${network}.${at + 1}`);
  await using bucket = await startS3Server();
  const path = [dirname(programs.etcd), ...directories, programs.postgres, join(repositoryRoot, "node_modules/.bin")];
  const env = {
    ...environment(home, bucket),
    PATH: [...path, process.env["PATH"]].join(":"),
    SITE: `https://${addresses.at(-1)}:${HTTPS}`,
    ...Object.fromEntries(NAMES.map((name, at) => [name, addresses[at]])),
  };
  await makeMachines(home, addresses, programs);
  const shell = new Shell(env, join(home, "operator"), STEP_MS);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => shell.kill());
  try {
    const code = await walk(shell, steps, DOCUMENT);
    if (code !== 0) console.error(await run("bash", ["-c", "tail -n 3 m/*/log/* | cut -c 1-400"], { cwd: home }));
    return code;
  } finally {
    shell.kill();
    await endMachines(addresses, env);
    if (process.argv.includes("--keep")) console.log(`Kept, with all secrets: ${home}`);
    else await rm(home, { recursive: true, force: true });
  }
}

async function directoryOf(spec: ProgramSpec): Promise<string> {
  const program = await provide(spec);
  if (program.kind !== "binary") throw new Error(`${spec.title} is needed on this machine: install ${spec.aptPackage}`);
  return program.directory;
}

function environment(home: string, { options }: S3Server): NodeJS.ProcessEnv {
  return {
    HOME: join(home, "operator"),
    LANG: "C.UTF-8",
    // The client of S3 warns of versions of Node.
    NODE_NO_WARNINGS: "1",
    MACHINES: join(home, "m"),
    HUBBUB: repositoryRoot,
    NAME: "chat.example.com",
    HTTPS,
    BUCKET: `${options.endpoint}/${options.bucket}`,
    BUCKET_ID: options.accessKeyId,
    BUCKET_SECRET: options.secretAccessKey,
  };
}

/** Empty machines, except that Hubbub and Patroni are installed. */
async function makeMachines(home: string, addresses: readonly string[], programs: PatroniPrograms): Promise<void> {
  await mkdir(join(home, "operator"));
  for (const address of addresses) {
    const machine = join(home, "m", address);
    await mkdir(join(machine, "opt"), { recursive: true });
    await symlink(repositoryRoot, join(machine, "opt/hubbub"));
    await symlink(dirname(dirname(programs.patroni)), join(machine, "opt/patroni"));
    // The account of Postgres passes through.
    for (const path of [home, dirname(machine), machine, join(machine, "opt")]) await chmod(path, 0o711);
  }
}

async function endMachines(addresses: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const script = '. "$HUBBUB/infra/machines.sh"; for host in "$@"; do lose "$host"; done';
  await run("bash", ["-c", script, "end", ...addresses], { env });
}
