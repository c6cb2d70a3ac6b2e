import { chmod } from "node:fs/promises";
import { askRedis, freePort, makeCertificates, openDataDirectory, startRedis } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRedis } from "./redis-url.ts";
import { checkRedis, LogRefused } from "./start-check.ts";

/** A Redis that also speaks TLS under the name `localhost`, and a sentinel that speaks TLS and has users of its own. */
let directory: Awaited<ReturnType<typeof openDataDirectory>>;
let files: Awaited<ReturnType<typeof makeCertificates>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
let sentinel: Awaited<ReturnType<typeof startRedis>>;
let tlsPort: number;
let sentinelPort: number;

beforeAll(async () => {
  directory = await openDataDirectory("tls-redis", undefined);
  await chmod(directory.path, 0o711);
  files = await makeCertificates(directory.path);
  const tls = ["--tls-cert-file", files.server.cert, "--tls-key-file", files.server.key];
  const common = [...tls, "--tls-ca-cert-file", files.authority, "--tls-auth-clients", "no"];
  [tlsPort, sentinelPort] = [await freePort(), await freePort()];
  redis = await startRedis({ durable: false, settings: [...common, "--tls-port", `${tlsPort}`] });
  const replication = ["--tls-replication", "yes", "--tls-port", `${sentinelPort}`, "--sentinel"];
  sentinel = await startRedis({ durable: false, settings: [...common, ...replication] });
  const ask = (...words: string[]) => askRedis(sentinel.port, "SENTINEL", ...words);
  await ask("CONFIG", "SET", "resolve-hostnames", "yes");
  await ask("CONFIG", "SET", "announce-hostnames", "yes");
  await ask("MONITOR", "main", "localhost", `${tlsPort}`, "1");
});
afterAll(async () => {
  await sentinel?.stop();
  await redis?.stop();
  await directory?.close();
});

const url = (host: string, query = "") => `rediss://${host}:${tlsPort}${query}`;
const check = (where: string) => checkRedis(where, "hubbub", 0);

test("TLS with the CA that signed the certificate works, for a user with a password too", async () => {
  await check(url("localhost", `?ca=${files.authority}`));
  await askRedis(redis.port, "ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all");
  await check(url("app:pw@localhost", `?ca=${files.authority}`));
  await expect(check(url("app:no@localhost", `?ca=${files.authority}`))).rejects.toThrow("user name or the password");
});

test("an unknown CA, a wrong one and a wrong host name are refused in one sentence", async () => {
  for (const query of ["", `?ca=${files.stranger}`]) {
    await expect(check(url("localhost", query))).rejects.toThrow(LogRefused);
    await expect(check(url("localhost", query))).rejects.toThrow(
      /name the CA that signed the certificate with \?ca=FILE/,
    );
  }
  await expect(check(url("127.0.0.1", `?ca=${files.authority}`))).rejects.toThrow(/is for another host name/);
  await expect(check(url("localhost", "?ca=/nowhere.pem"))).rejects.toThrow(/no such file.*nowhere\.pem/);
});

test("a Redis that wants a client certificate gets it from cert and key, and refuses who has none", async () => {
  await askRedis(redis.port, "CONFIG", "SET", "tls-auth-clients", "yes");
  const pair = `&cert=${files.client.cert}&key=${files.client.key}`;
  await check(url("localhost", `?ca=${files.authority}${pair}`));
  await expect(check(url("localhost", `?ca=${files.authority}`))).rejects.toThrow(
    /client certificate is asked for; .*cert=FILE/,
  );
  await askRedis(redis.port, "CONFIG", "SET", "tls-auth-clients", "no");
});

test("sentinels are asked over TLS with a user and a password of their own, and so is the master they name", async () => {
  await askRedis(sentinel.port, "ACL", "SETUSER", "watch", "on", ">other", "+@all");
  await askRedis(sentinel.port, "ACL", "SETUSER", "default", "resetpass", "off");
  const where = (login: string) =>
    `rediss+sentinel://app:pw@localhost:${sentinelPort}/main?ca=${files.authority}&${login}`;
  const client = openRedis(where("sentinel-user=watch&sentinel-password=other"), { lazyConnect: true });
  await client.connect();
  expect(await client.client("INFO")).toContain("user=app");
  expect(client.stream).toMatchObject({ authorized: true, remotePort: tlsPort });
  client.disconnect();
  await expect(check(where("sentinel-user=watch&sentinel-password=wrong"))).rejects.toThrow(
    "a sentinel refuses sentinel-user or sentinel-password",
  );
  const unknown = where("sentinel-user=watch&sentinel-password=other").replace(files.authority, files.stranger);
  await expect(check(unknown)).rejects.toThrow(/TLS with a sentinel fails: name the CA/);
});
