import exec from "k6/execution";
import http from "k6/http";
import { createRooms, createUsers } from "./lib/accounts.js";
import { enter, gather, shareOf } from "./lib/crowd.js";
import { errors, resumeMs, scenarioOf, thresholds } from "./lib/measures.js";
import { pace, pause, settleWithin } from "./lib/pace.js";
import { textSentNow } from "./lib/room-follower.js";
import { readSettings } from "./lib/settings.js";

/**
 * People in small rooms: of 100 actions 90 are messages, 6 pages of history, and 4 connections that break off, stay
 * away for a moment and resume. RATE is actions a second.
 */
const settings = readSettings({ connections: 40, rooms: 10, rate: 50 });
const DRAIN_MS = 10_000;
const AWAY_MS = 300;

export const options = { ...scenarioOf("chat_mix", settings), thresholds: thresholds(settings) };

export function setup() {
  const users = createUsers(settings, Math.min(settings.users, settings.connections));
  return { rooms: createRooms(settings, settings.rooms, users), tokens: users.map(({ accessToken }) => accessToken) };
}

export default async function (data) {
  const shares = shareOf(settings, data, exec.vu.idInTest);
  await Promise.all(shares.map(({ room, tokens }) => chatIn(room, tokens)));
}

async function chatIn(room, tokens) {
  const members = await gather(settings, room, tokens);
  if (members.length === 0) return;
  const unfinished = new Set();
  let published = 0;
  const publish = (member) => {
    const id = `${room.slice(-8)}-${published++}`;
    return member.connection.ask({ type: "publish", room, id, text: textSentNow(settings.textBytes) });
  };
  const act = () => {
    const at = Math.floor(Math.random() * members.length);
    const member = members[at];
    if (member.away) return;
    const dice = Math.random() * 100;
    if (dice < 90) finish(unfinished, publish(member));
    else if (dice < 96) finish(unfinished, readHistory(room, member.token));
    else finish(unfinished, breakOff(members, at));
  };
  await pace(settings.rate / settings.rooms, settings.durationSeconds, act);
  await settleWithin(DRAIN_MS, () => unfinished.size === 0);
  await settleWithin(DRAIN_MS, () => members.every(({ follower }) => follower.received >= published));
  for (const { connection, follower } of members) {
    follower.settle(published);
    connection.close();
  }
}

function finish(unfinished, promise) {
  const tracked = promise.then(
    () => unfinished.delete(tracked),
    (error) => {
      unfinished.delete(tracked);
      errors.add(1);
      console.error(String(error));
    },
  );
  unfinished.add(tracked);
}

async function readHistory(room, token) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await http.asyncRequest("GET", `${settings.baseUrl}/api/v1/rooms/${room}/messages?limit=50`, null, {
    headers,
  });
  if (answer.status !== 200) throw new Error(`history answered ${answer.status}`);
}

/** The follower stays: what it then sees must go on exactly where it was. An unanswered publish counts all the same. */
async function breakOff(members, at) {
  const member = members[at];
  member.away = true;
  await pause(AWAY_MS);
  member.connection.close();
  await pause(AWAY_MS);
  const started = Date.now();
  members[at] = await enter(settings, member.token, member.follower.room, member.follower);
  resumeMs.add(Date.now() - started);
}
