import { execFile as callExecFile } from "node:child_process";
import { access, readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { infraFile, repositoryRoot } from "../paths.ts";
import { placeholdersOf } from "../services/nginx-config.ts";
import { PATRONI } from "../services/patroni-programs.ts";

const execFile = promisify(callExecFile);

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string; readonly target: string };
  readonly profiles?: readonly string[];
  readonly depends_on?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string }>>;
  readonly restart?: string;
  readonly healthcheck?: object;
  readonly [field: string]: unknown;
}

let text: string;
let services: Readonly<Record<string, ComposeService>>;

beforeAll(async () => {
  text = await readFile(join(repositoryRoot, "docker-compose.yml"), "utf8");
  services = parse(text, { merge: true }).services;
});

function entries(isOurs: boolean): [string, ComposeService][] {
  return Object.entries(services).filter(([, { image = "" }]) => image.startsWith("hubbub:") === isOurs);
}

const namesIn = (env: string) => [...env.matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name);

test("every setting that the compose file gives a server exists in .env.example", async () => {
  const example = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const known = new Set(namesIn(example));
  const used = entries(true).flatMap(([, { environment = {} }]) => Object.keys(environment));
  expect(used).toContain("REDIS_URL");
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

/** In containers their defaults hold. A setting that only the operator can know must not be here. */
const DEFAULT_HOLDS = `
  NODE_NAME ZONE ZONE_DRAIN_MS TRACE_EVERY GATHER_MAX_MS DATABASE_STATEMENT_TIMEOUT_MS
  DURABLE REPLAY_WINDOW_MS
  TAIL_EVENTS TAIL_MAX_BYTES TAILS_MAX_BYTES EDIT_WINDOW_MS MENTION_ALL_MAX_MEMBERS
  HELLO_TIMEOUT_MS MAX_BACKPRESSURE_BYTES SLOW_DEADLINE_MS HEARTBEAT_MS
  TOKEN_GRACE_MS ROOMS_PER_NODE ROOM_LINGER_MS HEADS_CHECK_MS
  RINGS_MAX_BYTES MEMBERSHIPS_CACHED GATHER_FROM_PERCENT GATHER_FULL_PERCENT
  FLUSH_MAX_MS SHED_DELAY_MS GUESTS_MAX ACCOUNT_CHANGES_PER_MINUTE_PER_USER
  SESSIONS_PER_USER SESSION_IDLE_HOURS SESSION_MAX_HOURS GUEST_IDLE_HOURS
  EXPORT_MAX_BYTES EXPORT_DAYS EXPORT_PAUSE_HOURS REPORTS_PER_HOUR_PER_USER AUDIT_DAYS REFRESH_GRACE_MS FILE_MAX_BYTES FILE_BYTES_PER_USER FILE_BYTES_PER_ROOM
  UPLOADS_PER_MINUTE_PER_USER UPLOADS_AT_ONCE UPLOADS_AT_ONCE_PER_USER UPLOAD_MIN_BYTES_PER_SECOND
  DOWNLOADS_AT_ONCE DOWNLOADS_AT_ONCE_PER_USER UNUSED_FILE_HOURS IMAGE_MAX_BYTES
  IMAGE_MAX_PIXELS FILE_LINK_SECONDS RESERVED_NAMES MAIL_QUEUE_MAX
  MAILS_PER_HOUR_PER_RECIPIENT MAILS_PER_HOUR_PER_USER TOKENS_PER_USER PASSKEYS_PER_USER
  SPIKE_FAN_OUT SPIKE_FAILED_HELLOS SPIKE_LOGIN_FAILURES SPIKE_MEMBERSHIP_CHANGES
  WRITER_LEASE_MS BATCH_GATHER_MAX_MS MARK_INTERVAL_MS BACKUP_EVERY_MINUTES
`;

test("the compose file gives the servers every other setting of .env.example", async () => {
  const example = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const used = new Set(entries(true).flatMap(([, { environment = {} }]) => Object.keys(environment)));
  const defaults = DEFAULT_HOLDS.trim().split(/\s+/);
  const unused = namesIn(example).filter((name) => !used.has(name) && !defaults.includes(name));
  expect(unused).toEqual([]);
  expect(defaults.filter((name) => used.has(name) || !namesIn(example).includes(name))).toEqual([]);
  const unknown = [...example.matchAll(/^([A-Z][A-Z0-9_]*)=$/gm)].map(([, name = ""]) => name);
  // Of a container its name is one, and one host is no zone.
  expect(defaults.filter((name) => unknown.includes(name) && !["NODE_NAME", "ZONE"].includes(name))).toEqual([]);
});

test("the parts of a cluster are all there, and come back when they fall", () => {
  const roles = entries(true).map(([, { environment }]) => environment?.["ROLES"]);
  expect(new Set(roles)).toEqual(new Set(["gateway", "api,flows,jobs", "writer", "backup", undefined]));
  expect(Object.values(services).every(({ restart }) => restart !== undefined)).toBe(true);
});

test("no secret has a default", () => {
  const uses = [...text.matchAll(/\$\{(\w*(?:PASSWORD|TOKEN|SECRET|KEY)\w*)([^}]*)/g)].map(
    ([, name, rest]) => `${name}${rest}`,
  );
  // Empty ones turn off what they are for.
  const allowed =
    /^(POSTGRES_PASSWORD(:\?.+)?|MIGRATE_PASSWORD:-\$\{POSTGRES_PASSWORD|(REPLICATION_PASSWORD|KEEP_S3_SECRET|OPERATOR_TOKEN|SIGNIN_KEYS|LOGIN_CLIENT_SECRET|STORAGE_S3_SECRET):-)$/;
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((use) => !allowed.test(use))).toEqual([]);
});

test("images of others are pinned to a patch version and watched", () => {
  for (const [name, { image, healthcheck }] of entries(false)) {
    expect(image, name).toMatch(/:(\d+\.\d+(\.\d+)?-\w+|v\d+\.\d+\.\d+)$/);
    expect(healthcheck, name).toBeDefined();
  }
});

test("the template of nginx gets every value it wants, and nothing else", async () => {
  const template = await readFile(infraFile("nginx/nginx.conf.template"), "utf8");
  const given = Object.keys(services["nginx"]?.environment ?? {}).filter((name) => name.startsWith("HUBBUB_"));
  expect(new Set(given)).toEqual(placeholdersOf(template));
});

test("X-Real-IP is believed from the address that nginx really has", () => {
  const networks = services["nginx"]?.networks;
  const address = networks !== undefined && "front" in networks ? networks["front"]?.ipv4_address : undefined;
  expect(address).toContain("172.");
  expect(services["gateway"]?.environment?.["TRUSTED_PROXIES"]).toBe(address);
  expect(services["api"]?.environment?.["TRUSTED_PROXIES"]).toBe(address);
});

test("a front that stops reaches the operators' port of the gateways, and all are told before it closes what is left", async () => {
  const { OPS_PORT, DRAIN_MS } = services["gateway"]?.environment ?? {};
  expect(await readFile(infraFile("nginx/front.sh"), "utf8")).toContain(`"http://$address:${OPS_PORT}/hand-over"`);
  const shutdown = services["nginx"]?.environment?.["HUBBUB_SHUTDOWN_TIMEOUT"] ?? "";
  expect(Number(DRAIN_MS)).toBeLessThan(Number.parseInt(shutdown, 10) * 1_000);
});

test("files that are mounted exist", async () => {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.filter((volume) => volume.startsWith("./")),
  );
  expect(mounted.length).toBeGreaterThan(0);
  await Promise.all(mounted.map((volume) => access(join(repositoryRoot, volume.split(":", 1).join("")))));
});

test("no variable that compose takes from outside is a setting of `npm start`", async () => {
  const own = namesIn(await readFile(join(repositoryRoot, ".env.example"), "utf8"));
  const all = text + (await readFile(infraFile("docker/compose.ha.yml"), "utf8"));
  const taken = [...all.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name = ""]) => name);
  expect(taken).toContain("FRONT_PORT");
  expect(taken.filter((name) => own.includes(name))).toEqual([]);
  const offered = new Set(namesIn(await readFile(infraFile("docker/compose.env.example"), "utf8")));
  expect([...offered].filter((name) => !taken.includes(name))).toEqual([]);
});

test("each image is built by one service, for all that use it", async () => {
  const builders = entries(true).filter(([, { build }]) => build !== undefined);
  expect(new Set(builders.map(([, { image }]) => image)).size).toBe(builders.length);
  expect(new Set(entries(true).map(([, { image }]) => image)).size).toBe(builders.length);
  const dockerfile = await readFile(infraFile("docker/Dockerfile"), "utf8");
  for (const [name, { build }] of builders)
    expect(dockerfile, name).toMatch(new RegExp(`^FROM .* AS ${build?.target}$`, "m"));
});

test("the image of backups has the client programs of the major version that the server has", async () => {
  const [, major] = /:(\d+)\./.exec(services["postgres"]?.image ?? "") ?? [];
  expect(await readFile(infraFile("docker/Dockerfile"), "utf8")).toMatch(
    new RegExp(`\\bage postgresql-client-${major}\\b`),
  );
  expect(services["backup"]?.environment?.["FILES_DIR"]).toBe(services["api"]?.environment?.["FILES_DIR"]);
  expect(services["backup"]?.volumes).toEqual(
    expect.arrayContaining(["keys:/keys:ro", "files:/files", "spool:/spool"]),
  );
});

test("what has a profile is not waited for by what has none, and Prometheus asks every service of ours", async () => {
  const profiled = Object.entries(services)
    .filter(([, { profiles }]) => profiles !== undefined)
    .map(([name]) => name);
  expect(profiled).toEqual(["backup", "prometheus"]);
  for (const [name, { depends_on = {} }] of Object.entries(services))
    expect(
      Object.keys(depends_on).filter((other) => profiled.includes(other)),
      name,
    ).toEqual([]);
  const [{ dns_sd_configs: found }] = parse(await readFile(infraFile("observe/prometheus.yml"), "utf8")).scrape_configs;
  const serving = entries(true).filter(([, { environment }]) => environment?.["ROLES"] !== undefined);
  expect(new Set(found[0].names)).toEqual(new Set(serving.map(([name]) => name)));
});

test("every container rotates its log, and has bounds and no capabilities", () => {
  for (const [name, service] of Object.entries(services)) {
    expect(service, name).toMatchObject({ logging: { driver: "local" }, read_only: true, cap_drop: ["ALL"] });
    expect(Object.keys(service), name).toEqual(expect.arrayContaining(["mem_limit", "pids_limit", "security_opt"]));
  }
});

test("the health check of the image takes 200 alone, asks OPS_PORT where there is one, and starts no Node", async () => {
  const dockerfile = await readFile(infraFile("docker/Dockerfile"), "utf8");
  const [, command = "[]"] = /^HEALTHCHECK [^\n]*\\\n +CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  const [program = "", ...args] = JSON.parse(command) as string[];
  expect([program, ...args].join(" ")).not.toMatch(/\bnode\b/);
  let status = 200;
  const server = createServer((_request, response) => response.writeHead(status).end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const open = String((server.address() as AddressInfo).port);
  const isHealthy = (ports: Readonly<Record<string, string>>) =>
    execFile(program, args, { env: { PATH: process.env["PATH"], ...ports }, timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  expect(await isHealthy({ PORT: open })).toBe(true);
  expect(await isHealthy({ PORT: "1", OPS_PORT: open })).toBe(true);
  expect(await isHealthy({ PORT: open, OPS_PORT: "1" })).toBe(false);
  status = 503;
  expect(await isHealthy({ PORT: open })).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isHealthy({ PORT: open })).toBe(false);
});

test("the Dockerfile copies the manifest of every workspace before it installs", async () => {
  const dockerfile = await readFile(infraFile("docker/Dockerfile"), "utf8");
  const copied = [...dockerfile.matchAll(/^COPY (\S+)\/package\.json /gm)].map(([, workspace]) => workspace);
  const packages = await readdir(join(repositoryRoot, "packages"));
  expect(new Set(copied)).toEqual(new Set([...packages.map((name) => `packages/${name}`), "chaos", "loadtest"]));
});

test("the relaxed flavour lifts every limit of an address", async () => {
  const relaxed = parse(await readFile(infraFile("docker/compose.relaxed.yml"), "utf8")).services;
  for (const service of ["gateway", "api"]) {
    const strict = Object.keys(services[service]?.environment ?? {}).filter((name) => name.endsWith("_PER_ADDRESS"));
    expect(strict.length).toBeGreaterThan(0);
    expect(strict.filter((name) => !(name in relaxed[service].environment))).toEqual([]);
  }
});

test("override files change services that exist", async () => {
  for (const name of ["tls", "relaxed", "second"]) {
    const changed = Object.keys(await overrideOf(name));
    expect(changed.filter((service) => !(service in services))).toEqual([]);
  }
});

/** What a service that compose.ha.yml adds has like the one beside it in docker-compose.yml. */
const BOUNDS = ["read_only", "cap_drop", "security_opt", "logging", "restart", "pids_limit"];
const ADDED: readonly (readonly [names: readonly string[], like: string, bounds: readonly string[]])[] = [
  [["etcd1", "etcd2", "etcd3"], "redis", BOUNDS],
  [["postgres2"], "postgres", [...BOUNDS, "user", "tmpfs", "shm_size", "stop_grace_period"]],
  [["redis2", "redis3", "sentinel1", "sentinel2", "sentinel3"], "redis", [...BOUNDS, "user", "image"]],
];

test("with compose.ha.yml every process asks three sentinels and two hosts of Postgres", async () => {
  const ha = await overrideOf("ha");
  for (const [name, { environment }] of entries(true)) {
    expect(ha[name]?.environment?.["REDIS_URL"], name).toMatch(/sentinel1:26379,sentinel2:26379,sentinel3:26379/);
    for (const setting of Object.keys(environment ?? {}).filter((one) => one.endsWith("DATABASE_URL")))
      expect(ha[name]?.environment?.[setting], name).toMatch(
        /^postgres:\/\/\w+:.*@postgres:5432,postgres2:5432\/hubbub$/,
      );
  }
});

test("what compose.ha.yml adds has the bounds of the rest, and keeps what it learned", async () => {
  const ha = await overrideOf("ha");
  const added = Object.keys(ha).filter((name) => !(name in services));
  expect(added).toEqual(ADDED.flatMap(([names]) => names));
  for (const [names, like, bounds] of ADDED)
    for (const name of names) {
      const service = ha[name] ?? {};
      expect(Object.keys(service), name).toEqual(expect.arrayContaining(["mem_limit", "healthcheck", "image"]));
      for (const bound of bounds) expect(service[bound], `${name}: ${bound}`).toEqual(services[like]?.[bound]);
      expect(service.volumes?.[0], name).toMatch(new RegExp(`^${name}:/(data|var/lib/postgresql/data)$`));
      const { HUBBUB_NODE, PATRONI_NAME, ETCD_NAME } = service.environment ?? {};
      expect(HUBBUB_NODE ?? PATRONI_NAME ?? ETCD_NAME).toBe(name);
    }
});

test("Patroni has one version in the image, the walk-through and the drills, and its image is of the Postgres of compose", async () => {
  const dockerfile = await readFile(infraFile("docker/Dockerfile"), "utf8");
  const doc = await readFile(join(repositoryRoot, "docs/walkthrough.md"), "utf8");
  const versions = [dockerfile, doc].map((one) => /patroni\[etcd3\]==([\d.]+)/.exec(one)?.[1]);
  expect(versions).toEqual([PATRONI, PATRONI]);
  expect(/^ARG POSTGRES_IMAGE=(.*)$/m.exec(dockerfile)?.[1]).toBe(services["postgres"]?.image);
  const ha = await overrideOf("ha");
  for (const name of ["postgres", "postgres2"])
    expect(ha[name]).toMatchObject({ image: expect.stringMatching(/^hubbub:.*-patroni$/), command: [] });
});

async function overrideOf(name: string): Promise<Readonly<Record<string, ComposeService>>> {
  const override = await readFile(infraFile(`docker/compose.${name}.yml`), "utf8");
  return parse(override.replaceAll(" !override", ""), { merge: true }).services;
}
