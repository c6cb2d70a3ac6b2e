import assert from "node:assert/strict";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { eventually, run } from "@hubbub/testkit";
import { WebSocket } from "ws";
import { keepsContract } from "./contract.ts";
import { Stack } from "./stack.ts";
import type { Step } from "./step.ts";

/** The override files. Certificates are made for the test, so nobody vouches for them. */
export const overrideSteps: readonly Step[] = [
  {
    name: "a second stack on this host",
    async run(stack) {
      const second = new Stack({
        ...stack,
        project: "hubbub-second",
        settings: { FRONT_PORT: "8090", GATEWAYS: "1", APIS: "1", WRITERS: "1" },
        overrides: ["relaxed", "second"],
      });
      await second.up();
      const seen = await keepsContract(second);
      await keepsContract(stack);
      await second.compose("down", "--volumes");
      return `both keep the contract (${seen})`;
    },
  },
  {
    name: "TLS at the front",
    async run(stack) {
      const certs = join(stack.directory, "certs");
      await makeCertificate(certs);
      stack.overrides = ["relaxed", "tls"];
      await stack.up({
        FRONT_CERTS: certs,
        FRONT_PORT: "8080",
        FRONT_TLS_PORT: "8443",
        FRONT_ORIGINS: "https://localhost:8443",
      });
      const head = await run("curl", [
        "-sS",
        "-o",
        "/dev/null",
        "-D",
        "-",
        "--cacert",
        join(certs, "cert.pem"),
        "https://localhost:8443/",
      ]);
      assert.match(head, /^HTTP\/2 200/);
      assert.match(head, /strict-transport-security: max-age=\d+/i);
      const plain = await fetch(`${stack.url}/docs?x=1`, { redirect: "manual" });
      assert.equal(plain.status, 308);
      assert.match(plain.headers.get("location") ?? "", /^https:\/\/127\.0\.0\.1[^/]*\/docs\?x=1$/);
      const cookie = await eventually(() => upgrade("wss://localhost:8443/ws"));
      assert.match(cookie, /hubbub_gw=.*httponly.*secure|hubbub_gw=.*secure.*httponly/i);
      stack.overrides = ["relaxed"];
      await stack.up({ FRONT_ORIGINS: "" });
      return "HTTP/2, HSTS, a redirect that keeps path and query, wss with a Secure cookie, nginx healthy";
    },
  },
];

async function makeCertificate(directory: string): Promise<void> {
  await mkdir(directory);
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "1",
    "-keyout",
    key,
    "-out",
    cert,
    ...subject,
  ]);
  // nginx runs as uid 101.
  await chmod(key, 0o644);
  await chmod(directory, 0o755);
}

/** Answers the cookie that the front gives with an upgrade from its own page. */
function upgrade(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, "hubbub.v1", { rejectUnauthorized: false, origin: "https://localhost:8443" });
    socket.once("upgrade", ({ headers }) => resolve(headers["set-cookie"]?.join("; ") ?? ""));
    socket.once("open", () => socket.close());
    socket.once("error", reject);
  });
}
