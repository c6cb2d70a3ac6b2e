import { newId, type SessionId } from "@hubbub/protocol";
import { startOwnRedis } from "@hubbub/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openOnRedis } from "../../test/redis-broker.ts";

const SESSIONS = 500;

test("sessions asked for in one turn of the event loop are one command, each with its own answer", async () => {
  const own = await startOwnRedis(onTestFinished);
  await using broker = openOnRedis({ url: own.url });
  const sessions = Array.from({ length: SESSIONS }, () => newId() as SessionId);
  const revoked = sessions.filter((_session, at) => at % 7 === 0);
  for (const session of revoked) await broker.revocations.add(session, 60_000);
  await own.admin.config("RESETSTAT");
  const answers = await Promise.all(sessions.map((session) => broker.revocations.has(session)));
  expect(sessions.filter((_session, at) => answers[at])).toEqual(revoked);
  const calls = await own.admin.info("commandstats");
  expect(calls).toMatch(/cmdstat_mget:calls=1,/);
  expect(calls).not.toMatch(/cmdstat_exists/);
});
