import { randomUUID } from "node:crypto";
import { equal, holds, type Rule } from "../rule.ts";
import { type Person, publish, type Subject, subscribe } from "../subject.ts";

interface Invite {
  readonly id: string;
  readonly code: string;
}

/** A public room of the first user, with a guest in it. */
async function roomOfTwo(subject: Subject) {
  const [owner] = await subject.people();
  const other = await subject.guest();
  const { id } = await owner.room();
  await other.expect(200, "POST", `/rooms/${id}/join`, {});
  return { owner, other, id, path: `/rooms/${id}`, user: other.tokens.user.id };
}

/** A private room of the first user, with a link to it. */
async function invited(subject: Subject, link: object) {
  const [owner] = await subject.people();
  const body = { name: `conformance ${randomUUID()}`, visibility: "private" };
  const { id } = await owner.expect<{ id: string }>(201, "POST", "/rooms", body);
  const { code } = await owner.expect<Invite>(201, "POST", `/rooms/${id}/invites`, link);
  return { owner, id, name: body.name, path: `/rooms/${id}`, code };
}

/** The code of a refusal; undefined: the call was not refused. */
const refusal = async (who: Person, method: string, path: string, body?: object) =>
  (await who.call<{ code?: string } | null>(method, path, body)).body?.code;

export const memberRules: readonly Rule[] = [
  {
    id: "C-ROLE-001",
    title: "an owner gives roles, which the list of members shows; a member gives none and pins nothing",
    async run(subject) {
      const { owner, other, id, path, user } = await roomOfTwo(subject);
      equal(
        await refusal(other, "PUT", `${path}/members/${user}`, { role: "admin" }),
        "forbidden",
        "a role for oneself",
      );
      await using socket = await other.connect();
      const { seq } = await publish(socket, id, "a text");
      const pin = () => socket.ask({ type: "pin", room: id, id: randomUUID(), target: seq });
      equal((await pin())["code"], "forbidden", "the pin of a member");
      await owner.expect(204, "PUT", `${path}/members/${user}`, { role: "moderator" });
      const { members } = await other.expect<{ members: { user: { id: string }; role: string }[] }>(
        200,
        "GET",
        `${path}/members`,
      );
      equal(members.find((one) => one.user.id === user)?.role, "moderator", "the role in the list");
    },
  },
  {
    id: "C-MOD-001",
    title: "a muted member reads, and is refused with muted and the time until the end; the end of the mute ends that",
    async run(subject) {
      const { owner, other, id, path, user } = await roomOfTwo(subject);
      await owner.expect(204, "PUT", `${path}/mutes/${user}`, { seconds: 600 });
      const { status, body } = await other.call("POST", `${path}/messages`, { id: randomUUID(), text: "muted" });
      equal([status, body["code"]], [403, "muted"], "the message of a muted member");
      holds(Number(body["retryAfterMs"]) > 0, "the refusal has no retryAfterMs");
      await other.history(id);
      await owner.expect(204, "DELETE", `${path}/mutes/${user}`);
      await other.expect(201, "POST", `${path}/messages`, { id: randomUUID(), text: "not muted" });
    },
  },
  {
    id: "C-MOD-002",
    title: "a banned user is removed from the room, and no join or link lets them in; after the ban an invitation does",
    async run(subject) {
      const { owner, other, id, path, user } = await roomOfTwo(subject);
      await using socket = await other.connect();
      await subscribe(socket, id);
      await owner.expect(204, "PUT", `${path}/bans/${user}`, { reason: "conformance" });
      await socket.nextOf("removed");
      equal(await refusal(other, "POST", `${path}/join`, {}), "banned", "join of a banned user");
      const { code } = await owner.expect<Invite>(201, "POST", `${path}/invites`, { uses: 1 });
      equal(await refusal(other, "POST", `/invites/${code}/join`), "banned", "a link for a banned user");
      await owner.expect(204, "DELETE", `${path}/bans/${user}`);
      equal(await refusal(other, "POST", `/invites/${code}/join`), "forbidden", "a link for a removed user");
      await owner.expect(204, "POST", `${path}/invites`, { username: other.tokens.user.username });
      await other.expect(200, "POST", `/me/invitations/${id}/accept`);
    },
  },
  {
    id: "C-INV-001",
    title: "a link shows name and number of members, lets in as many as it has uses, and is then unknown_invite",
    async run(subject) {
      const { name, path, code } = await invited(subject, { uses: 1 });
      const [first, second] = [await subject.guest(), await subject.guest()];
      const preview = await first.expect(200, "GET", `/invites/${code}`);
      equal([preview["name"], preview["members"]], [name, 1], "the preview");
      equal(await refusal(first, "GET", path), "unknown_room", "the room before");
      await first.expect(200, "POST", `/invites/${code}/join`);
      await first.expect(200, "GET", path);
      equal(await refusal(second, "POST", `/invites/${code}/join`), "unknown_invite", "the second use");
    },
  },
  {
    id: "C-INV-002",
    title: "a revoked link is unknown_invite",
    async run(subject) {
      const { owner, path, code } = await invited(subject, { seconds: 600 });
      const { invites } = await owner.expect<{ invites: Invite[] }>(200, "GET", `${path}/invites`);
      await owner.expect(204, "DELETE", `${path}/invites/${invites[0]?.id}`);
      equal(await refusal(await subject.guest(), "GET", `/invites/${code}`), "unknown_invite", "the preview");
    },
  },
  {
    id: "C-DIR-001",
    title: "a direct room is the same from either side, and does not exist for others",
    async run(subject) {
      const [first] = await subject.people();
      const [second, third] = [await subject.guest(), await subject.guest()];
      const direct = async (from: Person, to: Person) =>
        (await from.expect(200, "POST", "/direct", { users: [to.tokens.user.username] }))["id"];
      const id = await direct(first, second);
      equal(await direct(second, first), id, "the room from the other side");
      equal(await refusal(third, "GET", `/rooms/${id}`), "unknown_room", "the room for a third user");
    },
  },
];
