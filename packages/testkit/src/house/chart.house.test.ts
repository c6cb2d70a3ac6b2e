import { execFile as callExecFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { infraFile, repositoryRoot } from "../paths.ts";

const execFile = promisify(callExecFile);
/** The helm program (v3), and kubernetes-validate of PyPI. Without them the file in the repository is checked by the rules below alone. */
const HELM = process.env["TEST_HELM"];
const VALIDATE = process.env["TEST_KUBERNETES_VALIDATE"];
const KUBERNETES = "1.34.0";
const FULL = [
  "backup.replicas=1",
  "gateway.autoscale.enabled=true",
  "secrets.tls=hubbub-tls",
  "image.pullSecrets[0].name=mine",
];

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef: { readonly name: string; readonly key: string; readonly optional: boolean };
  };
}
interface Container {
  readonly image: string;
  readonly env?: readonly Variable[];
  readonly [field: string]: unknown;
}
interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly spec: PodSpec };
    readonly [field: string]: unknown;
  };
}
interface PodSpec {
  readonly containers: readonly [Container];
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
}

const committed = () => readFile(infraFile("kubernetes/hubbub.yaml"), "utf8");
const values = async () => parse(await readFile(infraFile("helm/hubbub/values.yaml"), "utf8"));
const resourcesOf = (text: string) =>
  parseAllDocuments(text)
    .map((document): Resource | null => document.toJS())
    .filter((resource) => resource !== null);

async function render(...set: readonly string[]): Promise<string> {
  const flags = ["--kube-version", KUBERNETES, ...set.flatMap((value) => ["--set", value])];
  const { stdout } = await execFile(HELM ?? "helm", ["template", "hubbub", infraFile("helm/hubbub"), ...flags]);
  return stdout;
}

async function expectRules(text: string): Promise<void> {
  const resources = resourcesOf(text);
  const example = await readFile(join(repositoryRoot, ".env.example"), "utf8");
  const known = new Set([...example.matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name));
  const pods = resources.filter(({ kind }) => kind === "Deployment" || kind === "Job");
  for (const { metadata, spec } of pods) {
    const pod = spec.template.spec;
    const [container] = pod.containers;
    expect(container.image, metadata.name).toMatch(/:\d+\.\d+\.\d+(-backup)?$/);
    expect(
      (container.env ?? []).filter(({ name }) => !known.has(name)),
      metadata.name,
    ).toEqual([]);
    expect(pod, metadata.name).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(container, metadata.name).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      resources: { limits: { memory: expect.any(String) }, requests: { cpu: expect.any(String) } },
    });
  }
  for (const resource of pods.filter(({ kind }) => kind === "Deployment")) expectServing(resource, resources);
}

function expectServing({ metadata, spec }: Resource, resources: readonly Resource[]): void {
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
  const role = String(env["ROLES"]).split(",", 1).join("");
  expect(metadata.name).toBe(`hubbub-${role}`);
  const pause = Number(
    (container["lifecycle"] as { preStop: { exec: { command: string[] } } }).preStop.exec.command[1],
  );
  expect(pause).toBeGreaterThan(0);
  expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(Number(env["DRAIN_DEADLINE_MS"]) + pause * 1_000);
  expect(container["ports"]).toContainEqual({ name: "ops", containerPort: Number(env["OPS_PORT"]) });
  // A part that is away must never restart a process; whether it may be asked is another question.
  expect(container).toMatchObject({
    startupProbe: { httpGet: { path: "/livez", port: "ops" } },
    livenessProbe: { httpGet: { path: "/livez", port: "ops" } },
    readinessProbe: { httpGet: { path: "/readyz", port: "ops" } },
  });
  const named = (kind: string) =>
    resources.find((other) => other.kind === kind && other.metadata.name === metadata.name);
  expect(named("NetworkPolicy"), role).toBeDefined();
  const isOneOnly = role === "backup";
  expect(spec["strategy"]).toMatchObject(isOneOnly ? { type: "Recreate" } : { rollingUpdate: { maxUnavailable: 0 } });
  if (!isOneOnly) expect(named("PodDisruptionBudget")?.spec, role).toMatchObject({ maxUnavailable: 1 });
  if (named("HorizontalPodAutoscaler") !== undefined) expect(spec.replicas).toBeUndefined();
}

test("the rendered manifest has probes by role, a grace period over the drain, and nothing unknown or unpinned", async () => {
  const text = await committed();
  expect(resourcesOf(text).filter(({ kind }) => kind === "Deployment")).toHaveLength(3);
  await expectRules(text);
});

/** What a role of a cluster reads of the secrets; one that another role reads is of use to nobody but an intruder. */
const SHARED = ["DATABASE_URL", "REDIS_URL"];
const FILES = ["SECRET_KEYS", "FILES_S3_ACCESS_KEY_ID", "FILES_S3_SECRET_ACCESS_KEY"];
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  gateway: SHARED,
  writer: SHARED,
  api: [...SHARED, ...FILES, "ADMIN_TOKEN", "SMTP_URL", "OIDC_CLIENT_SECRET"],
  backup: [...SHARED, ...FILES, "BACKUP_DATABASE_URL", "BACKUP_S3_ACCESS_KEY_ID", "BACKUP_S3_SECRET_ACCESS_KEY"],
};

test("each role gets the secrets that it reads and no other", async () => {
  const given = await values();
  for (const [role, names] of Object.entries(SECRETS))
    expect([...given[role].secretEnv].sort()).toEqual([...names].sort());
  for (const { kind, metadata, spec } of resourcesOf(await committed())) {
    if (kind !== "Deployment") continue;
    const [container] = spec.template.spec.containers;
    const secrets = (container.env ?? []).filter(({ valueFrom }) => valueFrom !== undefined);
    const role = given[metadata.name.replace("hubbub-", "")];
    expect(container["envFrom"], metadata.name).toBeUndefined();
    expect(secrets, metadata.name).toEqual(
      role.secretEnv.map((key: string) => ({
        name: key,
        valueFrom: { secretKeyRef: { name: given.secrets.env, key, optional: !SHARED.includes(key) } },
      })),
    );
  }
});

test("the manifest is of this version and has the replicas and settings of the chart's values", async () => {
  const { version } = parse(await readFile(join(repositoryRoot, "package.json"), "utf8"));
  const chart = parse(await readFile(infraFile("helm/hubbub/Chart.yaml"), "utf8"));
  expect([chart.version, chart.appVersion]).toEqual([version, version]);
  const given = await values();
  for (const { kind, metadata, spec } of resourcesOf(await committed())) {
    if (kind !== "Deployment") continue;
    const role = given[metadata.name.replace("hubbub-", "")];
    const [{ image, env = [] }] = spec.template.spec.containers;
    expect([image, spec.replicas]).toEqual([`${given.image.repository}:${version}`, role.replicas]);
    const settings = Object.entries({ ...given.settings, ...role.settings }).map(([name, value]) => ({ name, value }));
    expect(env).toEqual(expect.arrayContaining(settings));
  }
});

test.skipIf(HELM === undefined)(
  "helm renders the manifest that is in the repository, and every option of the chart",
  async () => {
    const rendered = await render();
    expect(
      rendered,
      "helm template hubbub infra/helm/hubbub --kube-version 1.34.0 > infra/kubernetes/hubbub.yaml",
    ).toBe(await committed());
    const full = await render(...FULL);
    expect(resourcesOf(full).map(({ kind }) => kind)).toContain("HorizontalPodAutoscaler");
    await expectRules(full);
  },
);

test.skipIf(HELM === undefined || VALIDATE === undefined)("the schemas of Kubernetes take all of it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-chart-"));
  const file = join(directory, "full.yaml");
  await writeFile(file, await render(...FULL));
  const files = [infraFile("kubernetes/hubbub.yaml"), file];
  await execFile(VALIDATE ?? "", ["-k", KUBERNETES, "--strict", ...files]);
  await rm(directory, { recursive: true });
});
