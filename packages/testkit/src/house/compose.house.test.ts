import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { infraFile, repositoryRoot } from "../paths.ts";
import { placeholdersOf } from "../services/nginx-config.ts";

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string }>>;
  readonly restart?: string;
  readonly healthcheck?: object;
}

let text: string;
let services: Readonly<Record<string, ComposeService>>;

beforeAll(async () => {
  text = await readFile(join(repositoryRoot, "docker-compose.yml"), "utf8");
  services = parse(text, { merge: true }).services;
});

function entries(isOurs: boolean): [string, ComposeService][] {
  return Object.entries(services).filter(([, { build }]) => (build !== undefined) === isOurs);
}

test("every setting that the compose file gives a server exists in .env.example", async () => {
  const example = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const known = new Set([...example.matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name));
  const used = entries(true).flatMap(([, { environment = {} }]) => Object.keys(environment));
  expect(used).toContain("REDIS_URL");
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test("the parts of a cluster are all there, and come back when they fall", () => {
  const roles = entries(true).map(([, { environment }]) => environment?.["ROLES"]);
  expect(new Set(roles)).toEqual(new Set(["gateway", "api", "writer", undefined]));
  expect(Object.values(services).every(({ restart }) => restart !== undefined)).toBe(true);
});

test("no secret has a default", () => {
  const uses = [...text.matchAll(/\$\{(\w*(?:PASSWORD|TOKEN|SECRET|KEY)\w*)([^}]*)/g)].map(
    ([, name, rest]) => `${name}${rest}`,
  );
  const allowed = /^(POSTGRES_PASSWORD(:\?.+)?|MIGRATE_PASSWORD:-\$\{POSTGRES_PASSWORD|ADMIN_TOKEN:-)$/;
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((use) => !allowed.test(use))).toEqual([]);
});

test("images of others are pinned to a patch version and watched", () => {
  for (const [name, { image, healthcheck }] of entries(false)) {
    expect(image, name).toMatch(/:\d+\.\d+(\.\d+)?-\w+$/);
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
  expect(address).toMatch(/^172\./);
  expect(services["gateway"]?.environment?.["TRUSTED_PROXIES"]).toBe(address);
  expect(services["api"]?.environment?.["TRUSTED_PROXIES"]).toBe(address);
});

test("files that are mounted exist", async () => {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.filter((volume) => volume.startsWith("./")),
  );
  expect(mounted.length).toBeGreaterThan(0);
  await Promise.all(mounted.map((volume) => access(join(repositoryRoot, volume.split(":", 1).join("")))));
});
