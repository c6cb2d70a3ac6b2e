import exec from "k6/execution";
import { createRooms, createUsers } from "./lib/accounts.js";
import { enter, gather, shareOf } from "./lib/crowd.js";
import { errors, resumeMs, scenarioOf, thresholds } from "./lib/measures.js";
import { pace, settleWithin } from "./lib/pace.js";
import { textSentNow } from "./lib/room-follower.js";
import { readSettings } from "./lib/settings.js";

/**
 * Everybody's connection breaks at the same moment and comes back at once, while one member of each room goes on
 * talking. Nobody may miss or double a message. `resume_ms`: from the break to being live again.
 */
const settings = readSettings({ connections: 200, rooms: 4, rate: 20 });
const DRAIN_MS = 15_000;
const RESUME_P99_MS = 5_000;

export const options = {
  ...scenarioOf("connect_storm", settings),
  // A delivery counts from its publish: for those who were away that includes the time until they were back.
  thresholds: {
    ...thresholds(settings),
    delivery_ms: [`p(99)<${RESUME_P99_MS}`],
    resume_ms: [`p(99)<${RESUME_P99_MS}`],
  },
};

export function setup() {
  const users = createUsers(settings, Math.min(settings.users, settings.connections));
  return { rooms: createRooms(settings, settings.rooms, users), tokens: users.map(({ accessToken }) => accessToken) };
}

export default async function (data) {
  const shares = shareOf(settings, data, exec.vu.idInTest);
  await Promise.all(shares.map(({ room, tokens }) => stormIn(room, tokens)));
}

async function stormIn(room, tokens) {
  const members = await gather(settings, room, tokens);
  const [speaker] = members;
  if (speaker === undefined) return;
  const publish = (index) => {
    speaker.connection.ask({
      type: "publish",
      room,
      id: `${room.slice(-8)}-${index}`,
      text: textSentNow(settings.textBytes),
    });
  };
  const talking = pace(settings.rate / settings.rooms, settings.durationSeconds, publish);
  await new Promise((resolve) => setTimeout(resolve, (settings.durationSeconds * 1_000) / 3));
  await Promise.all(members.map((_member, at) => (at === 0 ? Promise.resolve() : comeBack(members, at))));
  const sent = await talking;
  await settleWithin(DRAIN_MS, () => members.every(({ follower }) => follower.received >= sent));
  for (const { connection, follower } of members) {
    follower.settle(sent);
    connection.close();
  }
}

async function comeBack(members, at) {
  const { connection, follower, token } = members[at];
  const started = Date.now();
  connection.close();
  await enter(settings, token, follower.room, follower).then(
    (member) => {
      members[at] = member;
      resumeMs.add(Date.now() - started);
    },
    () => errors.add(1),
  );
}
