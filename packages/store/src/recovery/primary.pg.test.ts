import { createTestDatabase, query, startPostgres, startStandby } from "@hubbub/testkit";
import { expect, test } from "vitest";
import { openPostgres } from "../postgres.ts";

const STANDBY = { name: "standby", text: "select pg_is_in_recovery() as standby" };
const WRITE = { name: "write", text: "insert into things values (1)" };
const SLEEP = { name: "sleep", text: "select pg_sleep(60)" };
const SLEEPING = {
  name: "sleeping",
  text: `select count(*)::int as n from pg_stat_activity where state = 'active' and query = '${SLEEP.text}'`,
};

test("writes go to the standby that was promoted while the primary hangs, and go on after a restart of it", async () => {
  await using first = await startPostgres({ durable: false });
  await using database = await createTestDatabase(first.url);
  await query(database.url, "create table things (id int)");
  await using second = await startStandby(first);
  const url = database.url.replace(`:${first.port}/`, `:${second.port},127.0.0.1:${first.port}/`);
  const options = { poolMax: 2, statementTimeoutMs: 60_000, applicationName: "several-hosts" };
  const store = openPostgres({ url, ...options });
  expect(await store.run(STANDBY, [])).toEqual([{ standby: false }]);

  // A statement on a frozen primary ends when another is the primary, long before its time is over.
  await first.pause();
  const hanging = store.run(WRITE, []).catch((error: unknown) => error);
  const other = openPostgres({ url, ...options });
  await expect(other.run(WRITE, [])).rejects.toThrow("no host of DATABASE_URL is a primary");
  await second.promote();
  await expect.poll(() => other.run(WRITE, []).then(() => "written", String), { timeout: 10_000 }).toBe("written");
  await other.close();
  // Only a failed statement starts a search: the next ones fail because no connection can be made.
  await expect.poll(() => store.run(WRITE, []).then(() => "written", String), { timeout: 20_000 }).toBe("written");
  expect(String(await hanging)).toContain("Connection terminated");
  await first.continue();

  await second.kill();
  await second.restart();
  await expect.poll(() => store.run(WRITE, []).then(() => "written", String), { timeout: 10_000 }).toBe("written");

  // The store closes while the server stops. A pool that is ended twice rejects, which would end the process.
  const ended = store.run(SLEEP, []).catch((error: unknown) => error);
  await expect.poll(() => store.run(SLEEPING, [])).toEqual([{ n: 1 }]);
  const closed = store.close();
  await second.kill("SIGINT");
  expect(await ended).toMatchObject({ code: "57P01" });
  await closed;
}, 90_000);
