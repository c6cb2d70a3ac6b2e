import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../settings.ts";
import { parseDoctorArguments } from "./arguments.ts";
import { backupFindings } from "./backup-checks.ts";
import { clockFinding } from "./clock.ts";
import { diagnose } from "./doctor-command.ts";
import { exitOf, type Finding, toJson, toText } from "./finding.ts";
import { certificateFindings, descriptorFinding, diskFindings, nginxFinding } from "./machine-checks.ts";
import { redisBytes, USUAL } from "./redis-memory.ts";

const DAY_MS = 86_400_000;
const settings = parseSettings({});
const levels = (findings: readonly Finding[]) => Object.fromEntries(findings.map(({ name, level }) => [name, level]));

async function openFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "hubbub-doctor-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("doctor and audit-config take --json, and doctor a file of nginx", () => {
  expect(parseDoctorArguments("doctor", ["--json", "--nginx", "f"])).toEqual({ isJson: true, nginx: "f" });
  expect(parseDoctorArguments("audit-config", ["--nginx", "f"])).toBeNull();
  expect(parseDoctorArguments("doctor", ["now"])).toBeNull();
});

test("the bounds of Redis are the sum of infra/redis/redis.conf", () => {
  expect(redisBytes(settings, USUAL).sum).toBe(2_813_081_600);
});

test("clocks that differ by more than 250 ms are a fault, beyond what the way there and back explains", () => {
  const reading = (clockMs: number, roundTripMs: number) =>
    clockFinding("c", { clockMs, askedAtMs: 1_000, roundTripMs });
  expect(reading(1_251, 0).level).toBe("fault");
  expect(reading(749, 0).level).toBe("fault");
  expect(reading(1_250, 0).level).toBe("ok");
  expect(reading(1_300, 100).level).toBe("ok");
});

test("nginx that waits for less than IDLE_TIMEOUT_SECONDS is a fault", () => {
  const conf = (seconds: string) =>
    `location / { proxy_read_timeout 1s; } location = /ws { proxy_read_timeout ${seconds}; }`;
  expect(nginxFinding(conf("75s"), settings).level).toBe("ok");
  expect(nginxFinding(conf("2m"), settings).level).toBe("ok");
  expect(nginxFinding(conf("60s"), settings).level).toBe("fault");
  // Its default is a minute.
  expect(nginxFinding("location = /ws { proxy_pass http://x; }", settings).level).toBe("fault");
});

test("too few descriptors are a warning", () => {
  const limits = (count: string) => `Max open files            ${count}              524288               files`;
  expect(descriptorFinding(limits("1024"), settings).level).toBe("warning");
  expect(descriptorFinding(limits("51000"), settings).level).toBe("ok");
  expect(descriptorFinding(limits("unlimited"), settings).level).toBe("ok");
  expect(descriptorFinding(null, settings).level).toBe("unknown");
});

test("a disk is looked at, and one that is not there is not seen", async () => {
  const found = await diskFindings([tmpdir(), "/nowhere/at/all"]);
  expect(found[0]?.is).toMatch(/free \(\d+ %\)$/);
  expect(found[1]?.level).toBe("unknown");
});

test("a certificate that ends soon is told", async () => {
  const directory = await openFolder();
  const file = join(directory, "cert.pem");
  const args = "req -x509 -newkey rsa:2048 -nodes -subj /CN=x -days 60".split(" ");
  execFileSync("openssl", [...args, "-keyout", join(directory, "key.pem"), "-out", file], { stdio: "ignore" });
  const at = async (days: number) => {
    const found = await certificateFindings(parseSettings({ TLS_CERT_FILE: file }), Date.now() + days * DAY_MS);
    return found[0]?.level;
  };
  expect([await at(0), await at(45), await at(59)]).toEqual(["ok", "warning", "fault"]);
});

test("a public address without a certificate is a fault", async () => {
  const [found] = await certificateFindings(parseSettings({ PUBLIC_URL: "https://127.0.0.1:1" }), Date.now());
  expect(found).toMatchObject({ name: "certificate-public", level: "fault" });
});

test("backups that are missing, old or never tested are told", async () => {
  const directory = await openFolder();
  const of = parseSettings({ BACKUP_TARGETS: `file:${directory}` });
  const look = async (now: number) => levels(await backupFindings(of, now));
  expect(levels(await backupFindings(settings, Date.now()))).toEqual({ "backup-targets": "warning" });
  expect(await look(Date.now())).toMatchObject({ "backup-age": "fault", "backup-test-age": "warning" });
  const id = "20261101T000000Z-abcd";
  const part = { name: "p", bytes: 1, sha256: "0".repeat(64) };
  const takenAt = "2026-11-01T00:00:00Z";
  const catalogue = {
    ...{ format: 1, id, kind: "embedded", takenAt, endedAt: takenAt, cluster: "1", generation: 0, schema: 1 },
    ...{ hubbub: "0.1.0", postgres: "15", rooms: 1, highestEpoch: 1, wal: null, recipients: [], keys: null },
    ...{ database: part, files: { ...part, count: 0, contentBytes: 0 }, byHand: [] },
  };
  const folder = join(directory, "backups", id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "backup.json"), JSON.stringify(catalogue));
  const taken = Date.parse(takenAt);
  expect(await look(taken + DAY_MS)).toMatchObject({ "backup-age": "ok", "backup-test-age": "warning" });
  expect(await look(taken + 3 * DAY_MS)).toMatchObject({ "backup-age": "fault" });
  await writeFile(join(folder, "tested.json"), takenAt);
  expect(await look(taken + DAY_MS)).toMatchObject({ "backup-test-age": "ok", "backup-catalogues": "ok" });
  expect(await look(taken + 91 * DAY_MS)).toMatchObject({ "backup-test-age": "warning" });
  await writeFile(join(folder, "backup.json"), "{");
  expect(await look(taken)).toMatchObject({ "backup-catalogues": "fault" });
});

test("doctor of an embedded server asks nothing of Redis and Postgres, and contradicting settings are a fault", async () => {
  const found = await diagnose(parseSettings({ PORT: "80", OPS_PORT: "80", DATA_DIR: tmpdir() }), undefined);
  expect(found.some(({ name }) => /redis|postgres/.test(name))).toBe(false);
  expect(levels(found)).toMatchObject({ settings: "fault", disk: expect.any(String) });
});

test("a report has faults first, what to do, and an exit code; text of others cannot drive the terminal", () => {
  const fault = {
    name: "f",
    level: "fault",
    is: "bad \u001b[2J",
    shouldBe: "good",
    todo: "mend it",
    ids: ["ASVS 1.1.1"],
  } as const;
  const fine = { name: "o", level: "ok", is: "good", shouldBe: "good", todo: "" } as const;
  expect(exitOf([fine])).toBe(0);
  expect(exitOf([fine, fault])).toBe(1);
  const text = toText([fine, fault]);
  expect(text.indexOf("FAULT")).toBeLessThan(text.indexOf("ok"));
  expect(text).toContain("do: mend it");
  expect(text).not.toContain("\u001b");
  expect(JSON.parse(toJson([fine, fault]))).toMatchObject({ clean: false, findings: [{ name: "o" }, { name: "f" }] });
});
