import { copyFile, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { parse } from "yaml";
import { eventually } from "../eventually.ts";
import { infraFile } from "../paths.ts";
import { WsClient } from "../ws-client.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { openDataDirectory } from "./data-directory.ts";
import { freePort } from "./free-port.ts";
import { type NginxService, startNginx } from "./nginx.ts";

/** The front with the listener of `compose.tls.yml`, a certificate of a real authority, and one process behind it. */
let directory: Awaited<ReturnType<typeof openDataDirectory>>;
let files: Certificates;
let front: NginxService;
let tlsPort: number;
const backend = createServer((_request, response) => response.end("page"));
const sockets = new WebSocketServer({ server: backend, handleProtocols: () => "hubbub.v1" });
sockets.on("connection", (socket) => socket.on("message", () => socket.send('{"type":"echo"}')));
let ports: { gateways: number[]; apis: number[] };

beforeAll(async () => {
  directory = await openDataDirectory("nginx-tls", undefined);
  files = await makeCertificates(directory.path);
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  const { port } = backend.address() as AddressInfo;
  ports = { gateways: [port], apis: [port] };
  tlsPort = await freePort();
  const listen = await listenOfCompose();
  front = await startNginx({ ...ports, directory: directory.path, listen });
});
afterAll(async () => {
  await front?.stop();
  for (const socket of sockets.clients) socket.terminate();
  backend.close();
  await directory?.close();
});

/** Two things differ: where it listens, and the word for HTTP/2, which nginx 1.22 wants behind `ssl`. */
async function listenOfCompose(): Promise<(port: number) => string> {
  const text = (await readFile(infraFile("docker/compose.tls.yml"), "utf8")).replaceAll(" !override", "");
  const listen: string = parse(text).services.nginx.environment.HUBBUB_LISTEN;
  return (port) =>
    listen
      .replaceAll("$$", "$")
      .replace("listen 8080;", `listen 127.0.0.1:${port};`)
      .replace("listen 8443 ssl; http2 on;", `listen 127.0.0.1:${tlsPort} ssl http2;`)
      .replace("/etc/nginx/tls/cert.pem", files.server.cert)
      .replace("/etc/nginx/tls/key.pem", files.server.key);
}

/** A handshake as `localhost`, unless the options say otherwise. */
function handshake(options: ConnectionOptions = {}) {
  return new Promise<{ serial: string; protocol: string | null; alpn: string | false | null }>((resolve, reject) => {
    const where = { host: "127.0.0.1", port: tlsPort, servername: "localhost" };
    const socket = connect({ ...where, ca: authority(), ...options }, () => {
      const { serialNumber } = socket.getPeerCertificate();
      resolve({ serial: serialNumber, protocol: socket.getProtocol(), alpn: socket.alpnProtocol });
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function headersOf(path: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port: tlsPort, servername: "localhost", ca: authority(), path }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, ...answer.headers });
    }).once("error", reject);
  });
}

let pem: Buffer | undefined;
const authority = () => pem ?? [];
beforeAll(async () => {
  pem = await readFile(files.authority);
});

test("clients check the certificate and the host name", async () => {
  expect(await handshake({ ALPNProtocols: ["h2"] })).toMatchObject({ protocol: "TLSv1.3", alpn: "h2" });
  await expect(handshake({ servername: "other.example" })).rejects.toThrow(/does not match certificate's altnames/);
  await expect(handshake({ ca: await readFile(files.stranger) })).rejects.toThrow(/certificate/);
});

test("protocols and ciphers without forward secrecy or authentication are refused", async () => {
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  await expect(handshake(old)).rejects.toThrow(/protocol version/);
  const cbc = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" } as const;
  await expect(handshake(cbc)).rejects.toThrow(/handshake failure/);
  const gcm = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" } as const;
  expect(await handshake(gcm)).toMatchObject({ protocol: "TLSv1.2" });
});

test("HTTP is sent to HTTPS with path and query, except the health check; HTTPS has HSTS and Secure cookies", async () => {
  const plain = await fetch(`${front.url}/docs?x=1`, { redirect: "manual" });
  expect([plain.status, plain.headers.get("location")]).toEqual([308, "https://127.0.0.1/docs?x=1"]);
  expect(plain.headers.get("strict-transport-security")).toBeNull();
  expect((await fetch(`${front.url}/livez`)).status).toBe(200);
  const headers = await headersOf("/");
  expect(headers).toMatchObject({
    status: 200,
    "strict-transport-security": expect.stringMatching(/^max-age=63072000/),
  });
  expect(String(headers["set-cookie"])).toContain("Secure");
  expect(headers["retry-after"]).toBeUndefined();
});

test("what nginx itself refuses has HSTS too, and says when to come back", async () => {
  await front.reconfigure({ gateways: [], apis: [] });
  const hsts = { "strict-transport-security": expect.stringMatching(/^max-age=63072000/) };
  await eventually(async () =>
    expect(await headersOf("/")).toMatchObject({ status: 503, "retry-after": "1", ...hsts }),
  );
  await front.reconfigure(ports);
  await eventually(async () => expect(await headersOf("/")).toMatchObject({ status: 200 }));
});

test("a renewed certificate is served after a reload, and no WebSocket drops", async () => {
  const url = `wss://localhost:${tlsPort}/ws`;
  const staying = new WsClient(new WebSocket(url, "hubbub.v1", { ca: authority() }));
  await staying.opened;
  const before = await handshake();
  // The certificate of the client has another serial; a name that does not match shows that it is the new one.
  await copyFile(files.client.cert, files.server.cert);
  await copyFile(files.client.key, files.server.key);
  await front.reconfigure(ports);
  const after = await eventually(async () => {
    const now = await handshake({ checkServerIdentity: () => undefined });
    expect(now.serial).not.toBe(before.serial);
    return now;
  });
  expect(after.protocol).toBe("TLSv1.3");
  expect(staying.isOpen).toBe(true);
  staying.send("still there?");
  await staying.next("echo");
  await staying.close();
});
