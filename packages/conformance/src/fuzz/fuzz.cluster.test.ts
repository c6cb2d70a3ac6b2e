import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Embedded, serverMain, startEmbedded } from "@hubbub/testkit";
import { expect, test } from "vitest";
import { readDocument } from "./document.ts";
import { DEFAULTS, fuzz } from "./fuzz.ts";

const ADMIN_TOKEN = "operator-of-the-test";

const ACCOUNT = { username: "root-of-the-test", password: "correct horse" };
/** Limits are not the subject. A mail server that nobody needs to answer: a mail waits. */
const SETTINGS = {
  ...{ ADMIN_TOKEN, ACCOUNT_CHANGES_PER_MINUTE_PER_USER: "100000", EXPORT_PAUSE_HOURS: "0" },
  SMTP_URL: "smtp://127.0.0.1:9",
  MAIL_FROM: "hubbub@example.org",
};

const NEEDS_PASSKEY = "signs a challenge with the key of an authenticator";
const NEEDS_PROVIDER = "needs a login provider";
const NEEDS_ZONES = "moves the clients of a cluster; an embedded server has no zones";
const NEEDS_MAIL = "takes a code that only a mail has";
/** Operations that cannot succeed here, and why: of these the fuzzer has seen refusals alone. */
const NEVER: Readonly<Record<string, string>> = {
  "POST /auth/passkey": NEEDS_PASSKEY,
  "POST /auth/second-factor/passkey": NEEDS_PASSKEY,
  "POST /me/passkeys": NEEDS_PASSKEY,
  "POST /me/passkeys/{passkey}/remove": NEEDS_PASSKEY,
  "GET /auth/provider": NEEDS_PROVIDER,
  "GET /auth/provider/callback": NEEDS_PROVIDER,
  "POST /auth/provider/token": NEEDS_PROVIDER,
  "POST /me/identities": NEEDS_PROVIDER,
  "DELETE /me/identities/{identity}": NEEDS_PROVIDER,
  "POST /auth/email/confirm": NEEDS_MAIL,
  "POST /auth/password/reset": NEEDS_MAIL,
  "POST /admin/nodes/rebalance": NEEDS_ZONES,
  "POST /admin/rebalance": NEEDS_ZONES,
  "PUT /admin/nodes/zones/{zone}": NEEDS_ZONES,
  "PUT /admin/zones/{zone}": NEEDS_ZONES,
  "PUT /admin/processes/{process}": NEEDS_ZONES,
};

/** The first admin is made at the command line, while the server is stopped. */
async function makeAdmin(embedded: Embedded): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(ACCOUNT);
  const { status } = await fetch(`${embedded.url}/api/v1/auth/signup`, { method: "POST", headers, body });
  expect(status).toBe(201);
  await embedded.kill("SIGTERM");
  const env = { PATH: process.env["PATH"], DATA_DIR: embedded.directory };
  await promisify(execFile)(process.execPath, [serverMain, "admin", "grant", ACCOUNT.username, "admin"], { env });
  await embedded.restart();
}

test("no operation of a server answers what its document does not have", async () => {
  await using embedded = await startEmbedded({ ...SETTINGS, PUBLIC_URL: "http://localhost:8080" });
  await makeAdmin(embedded);
  const options = { ...DEFAULTS, requestsPerOperation: 5, adminToken: ADMIN_TOKEN, account: ACCOUNT };
  const tried = await fuzz(embedded.url, options);
  expect(tried.flatMap(({ findings }) => findings)).toEqual([]);
  const document: unknown = await (await fetch(`${embedded.url}/api/v1/openapi.json`)).json();
  expect(tried.length).toBe(readDocument(document).operations.length);
  expect(tried.filter(({ requests }) => requests < 2)).toEqual([]);
  const never = tried.filter(({ hasSucceeded }) => !hasSucceeded).map(({ operation }) => operation);
  expect(never.sort()).toEqual(Object.keys(NEVER).sort());
});

const text = (maxLength: number) => ({ type: "string", maxLength });
const taken = {
  description: "taken",
  content: { "application/json": { schema: { type: "object", required: ["ok"] } } },
};
const refused = { description: "refused", content: { "application/problem+json": { schema: { type: "object" } } } };

const post = (operationId: string) => ({
  post: {
    operationId,
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: { type: "object", required: ["name"], properties: { name: text(8) }, additionalProperties: false },
        },
      },
    },
    responses: { 200: taken, 400: refused, 415: refused },
  },
});
const NAMES = ["honest", "strict", "loose", "broken", "wordy", "unknown", "open"];

function respond(response: ServerResponse, status: number, body: object): void {
  const type = status < 400 ? "application/json" : "application/problem+json";
  response.writeHead(status, { "content-type": type, allow: "POST" });
  response.end(JSON.stringify(status < 400 ? body : { code: "bad_request", status, ...body }));
}

/** Its document says the same of every path, and each path but `honest` does otherwise. */
const liar = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const name = request.url?.slice("/api/v1/".length) ?? "";
  if (name === "openapi.json") {
    const paths = Object.fromEntries(NAMES.map((one) => [`/${one}`, post(one)]));
    return respond(response, 200, { servers: [{ url: "/api/v1" }], paths });
  }
  if (name.startsWith("auth/")) return respond(response, 201, { accessToken: "a", user: { id: "a", username: "a" } });
  if (request.method !== "POST") return respond(response, name === "open" ? 400 : 405, {});
  if (request.headers["content-type"] !== "application/json") return respond(response, 415, {});
  let given: { name?: unknown } | undefined;
  try {
    given = JSON.parse(body) as { name?: unknown };
  } catch {
    return respond(response, 400, {});
  }
  const isGood =
    typeof given?.name === "string" &&
    [...given.name].length <= (name === "strict" ? 7 : 8) &&
    Object.keys(given).length === 1;
  if (!isGood && name !== "loose") return respond(response, 400, {});
  if (name === "broken" && given?.name === "") return respond(response, 500, {});
  return respond(response, name === "unknown" ? 202 : 200, name === "wordy" ? {} : { ok: true });
});

test("a server that does otherwise than its document says is found, and the command prints the request", async () => {
  liar.listen(0, "127.0.0.1");
  await once(liar, "listening");
  const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
  try {
    const tried = await fuzz(url, { ...DEFAULTS, requestsPerOperation: 200 });
    const faults = Object.fromEntries(
      tried.map(({ operation, findings }) => [
        operation.slice("POST /".length),
        findings.map(({ fault }) => fault).join(),
      ]),
    );
    expect(faults["honest"]).toBe("");
    expect(faults["strict"]).toContain("the document permits this request, and it was refused with 400");
    expect(faults["loose"]).toContain("the document does not permit this request, and it was answered with 200");
    expect(faults["broken"]).toContain("the server failed with 500");
    expect(faults["wordy"]).toContain("does not fit its schema");
    expect(faults["unknown"]).toContain("the document has no answer 202 here");
    expect(faults["open"]).toContain("was answered with 400, not 405");
    const main = fileURLToPath(new URL("../../dist/fuzz-main.js", import.meta.url));
    const child = spawn(process.execPath, [main, url, "--only", "broken"]);
    const [output] = await Promise.all([child.stdout.toArray(), once(child, "exit")]);
    expect(child.exitCode).toBe(1);
    expect(Buffer.concat(output).toString()).toContain(`-X POST '${url}/api/v1/broken'`);
  } finally {
    liar.close();
    liar.closeAllConnections();
  }
});
