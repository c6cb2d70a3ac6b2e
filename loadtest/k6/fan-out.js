import exec from "k6/execution";
import { createRooms, createUsers } from "./lib/accounts.js";
import { gather, shareOf } from "./lib/crowd.js";
import { scenarioOf, thresholds } from "./lib/measures.js";
import { pace, settleWithin } from "./lib/pace.js";
import { textSentNow } from "./lib/room-follower.js";
import { readSettings } from "./lib/settings.js";

/** Few talk, everybody listens: RATE messages a second into ROOMS rooms, CONNECTIONS in all. */
const settings = readSettings({});
const DRAIN_MS = 10_000;
const SPEAKERS = 4;

export const options = { ...scenarioOf("fan_out", settings), thresholds: thresholds(settings) };

export function setup() {
  const users = createUsers(settings, Math.min(settings.users, settings.connections));
  return { rooms: createRooms(settings, settings.rooms, users), tokens: users.map(({ accessToken }) => accessToken) };
}

export default async function (data) {
  const shares = shareOf(settings, data, exec.vu.idInTest);
  await Promise.all(shares.map(({ room, tokens }) => speakIn(room, tokens)));
}

async function speakIn(room, tokens) {
  const members = await gather(settings, room, tokens);
  if (members.length === 0) return;
  let acked = 0;
  const publish = (index) => {
    const { connection } = members[index % Math.min(SPEAKERS, members.length)];
    const id = `${room.slice(-8)}-${index}`;
    connection.ask({ type: "publish", room, id, text: textSentNow(settings.textBytes) }).then((answer) => {
      if (answer.type === "ack") acked++;
    });
  };
  const sent = await pace(settings.rate / settings.rooms, settings.durationSeconds, publish);
  await settleWithin(DRAIN_MS, () => members.every(({ follower }) => follower.received >= sent));
  for (const { connection, follower } of members) {
    follower.settle(Math.max(acked, sent));
    connection.close();
  }
}
