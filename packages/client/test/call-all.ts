import { HubbubAccount } from "../src/account.ts";
import type { Client } from "../src/client.ts";
import { HubbubSignin } from "../src/signin.ts";
import { DraftBox } from "../src/views/draft-box.ts";
import { Presence } from "../src/views/presence.ts";
import { Timeline } from "../src/views/timeline.ts";
import { Typing } from "../src/views/typing.ts";
import { Unread } from "../src/views/unread.ts";
import { View } from "../src/views/view.ts";
import { ROOM } from "./fake-server.ts";

/** Every public method of every object of the package, found by reflection: a new one is called without being listed. */

/** Called by the client or the class itself, or at the end of the test. */
const NOT_HERE = new Set([
  ...["constructor", "close", "linkReady", "linkLost", "receive", "end", "resume", "send:Room"],
]);
const PROTECTED_OF_VIEWS = new Set(["start", "stop", "read", "changed", "load", "ask", "askSoon"]);
const ignore = () => undefined;
/** Where a room or a text and an object will not do. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  "Client.on": ["state", ignore],
  "Client.restore": [[]],
  "Client.followHeads": [[ROOM], { onHead: ignore }],
  "Client.userState": [],
  "Room.subscribe": [{ onEvent: ignore }],
  "Room.listen": [{ onEvent: ignore }],
  "Room.attach": [{ onEvent: ignore }],
  "Room.publish": ["text"],
  "Room.startTask": [{ name: "stats" }],
  "HttpTasks.start": [ROOM, { name: "stats" }],
  "Room.upload": [new Blob(["x"]), { name: "x" }],
  "Room.history": [],
  "HttpFiles.upload": [ROOM, new Blob(["x"]), { name: "x" }],
  "HttpFiles.links": [ROOM, ["x"]],
  "HttpAvatars.set": [new Blob(["x"])],
  "HttpRooms.direct": [["x"]],
  "HubbubHttp.presence": [["x"]],
  "HubbubHttp.signup": [{ username: "x", password: "x" }],
  "HubbubHttp.guest": [],
  "HubbubHttp.createRoom": [{ name: "x", visibility: "public" }],
  "HubbubSignin.passkeyOptions": [],
  "HubbubHttp.request": ["GET", "/me"],
  "Timeline.send": ["text"],
};

function objectsOf(client: Client): object[] {
  const { http } = client;
  const parts = Object.values(http).filter((part): part is object => typeof part === "object" && part !== null);
  const views = [
    new Timeline(client, ROOM),
    new Typing(client, ROOM),
    new Presence(client, ["x"]),
    new Unread(client),
    new DraftBox(client, ROOM),
  ];
  return [client, client.room(ROOM), http, ...parts, new HubbubAccount(http), new HubbubSignin(http), ...views];
}

function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let proto = Object.getPrototypeOf(object); proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (typeof value === "function") names.add(name);
    }
  }
  const isHere = (name: string) =>
    !NOT_HERE.has(name) &&
    !NOT_HERE.has(`${name}:${object.constructor.name}`) &&
    !(object instanceof View && PROTECTED_OF_VIEWS.has(name));
  return [...names].filter(isHere);
}

/** Calls everything. Answers the promises, by name; what is thrown at once counts as a rejection. */
export function callAll(client: Client): Map<string, Promise<unknown>> {
  const promises = new Map<string, Promise<unknown>>();
  for (const object of objectsOf(client)) {
    for (const method of methodsOf(object)) {
      const name = `${object.constructor.name}.${method}`;
      const given = ARGUMENTS[name] ?? [ROOM, "x", {}];
      try {
        const result: unknown = (object as Record<string, (...all: unknown[]) => unknown>)[method]?.(...given);
        if (result instanceof Promise) promises.set(name, result);
      } catch (error) {
        promises.set(name, Promise.reject(error));
      }
    }
  }
  return promises;
}
