import { access, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@hubbub/runtime";
import { expect, onTestFinished, test } from "vitest";
import { assertCanListen, CannotListen } from "./can-listen.ts";
import { startServer } from "./server.ts";
import { readSettings } from "./settings.ts";

test("a free port can be listened on, again and again", async () => {
  await assertCanListen("127.0.0.1", 0);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(assertCanListen("127.0.0.1", port)).rejects.toThrow("choose another port with PORT");
  await expect(assertCanListen("127.0.0.1", port, "OPS_PORT")).rejects.toThrow("choose another port with OPS_PORT");
  await new Promise((resolve) => server.close(resolve));
  await assertCanListen("127.0.0.1", port);
  await assertCanListen("127.0.0.1", port);
});

test.each([
  ["192.0.2.1", "cannot listen on 192.0.2.1:0: this machine has no such address"],
  ["2001:db8::1", /^cannot listen on \[2001:db8::1\]:0: /],
  ["no-such-host.invalid", "no address is known for the name"],
])("HOST=%s is told in a sentence that says what to set", async (host, message) => {
  const refused = expect(assertCanListen(host, 0)).rejects;
  await refused.toThrow(CannotListen);
  await expect(assertCanListen(host, 0)).rejects.toThrow(message);
});

test.each(["PORT", "OPS_PORT"])("a taken %s is told before anything is made in the data directory", async (name) => {
  const parent = await mkdtemp(join(tmpdir(), "can-listen-"));
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => other.close(resolve));
    await rm(parent, { recursive: true });
  });
  const DATA_DIR = join(parent, "data");
  const taken = String((other.address() as AddressInfo).port);
  const { settings, embedded } = readSettings({ HOST: "127.0.0.1", PORT: "0", DATA_DIR, [name]: taken });
  await expect(startServer(settings, embedded, createLogger({ level: "silent", node: "n" }))).rejects.toThrow(
    CannotListen,
  );
  await expect(access(DATA_DIR)).rejects.toMatchObject({ code: "ENOENT" });
});
