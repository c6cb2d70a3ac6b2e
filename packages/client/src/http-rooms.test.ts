import { expect, onTestFinished, test } from "vitest";
import { FakeServer } from "../test/fake-server.ts";
import { HubbubHttp } from "./http.ts";

/** What was asked, with the body, of a server whose rooms have these settings. */
async function asking(settings: object) {
  const server = new FakeServer();
  const asked: string[] = [];
  server.http = ({ method, url }) => {
    asked.push(`${method} ${url?.replace("/api/v1", "")}`);
    return { status: 200, body: { id: "r", settings, invites: [], invitations: [], bans: [] } };
  };
  const url = await server.listen();
  onTestFinished(() => server.close());
  return { http: new HubbubHttp({ url, getToken: async () => "t" }), asked };
}

test("each call about rooms, ways into them and people in them is one request", async () => {
  const { http, asked } = await asking({});
  const { rooms, invites, moderation } = http;
  await rooms.direct(["bob"]);
  await rooms.change("a/b", { name: "tea" });
  await rooms.archive("r");
  await rooms.unarchive("r");
  await rooms.delete("r");
  await invites.createLink("r", { uses: 1 });
  expect(await invites.links("r")).toEqual([]);
  await invites.revokeLink("r", "i");
  await invites.preview("c");
  await invites.useLink("c");
  await invites.inviteUser("r", "bob");
  expect(await invites.invitations()).toEqual([]);
  await invites.accept("r");
  await invites.decline("r");
  await moderation.mute("r", "u", 60);
  await moderation.unmute("r", "u");
  await moderation.ban("r", "u");
  await moderation.unban("r", "u");
  expect(await moderation.bans("r", "c")).toMatchObject({ bans: [] });
  expect(asked).toEqual([
    "POST /direct",
    "PATCH /rooms/a%2Fb",
    "PUT /rooms/r/archive",
    "DELETE /rooms/r/archive",
    "DELETE /rooms/r",
    "POST /rooms/r/invites",
    "GET /rooms/r/invites",
    "DELETE /rooms/r/invites/i",
    "GET /invites/c",
    "POST /invites/c/join",
    "POST /rooms/r/invites",
    "GET /me/invitations",
    "POST /me/invitations/r/accept",
    "DELETE /me/invitations/r",
    "PUT /rooms/r/mutes/u",
    "DELETE /rooms/r/mutes/u",
    "PUT /rooms/r/bans/u",
    "DELETE /rooms/r/bans/u",
    "GET /rooms/r/bans?cursor=c",
  ]);
});

test("a change of settings keeps the others, and never sends whether the room is archived", async () => {
  const { http } = await asking({ archived: true, slowModeSeconds: 5, history: "joined" });
  const sent: unknown[] = [];
  const { rooms } = http;
  rooms.change = async (_room, { settings }) => {
    sent.push(settings);
    return { id: "r" } as never;
  };
  await rooms.changeSettings("r", { permissions: { pin: "member" } });
  await rooms.slowMode("r", 0);
  await rooms.slowMode("r", 60);
  expect(sent).toEqual([
    { slowModeSeconds: 5, history: "joined", permissions: { pin: "member" } },
    { history: "joined" },
    { slowModeSeconds: 60, history: "joined" },
  ]);
});
