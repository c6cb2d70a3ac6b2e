import { createClient, HubbubError, personalToken } from "@hubbub/client";

/**
 * Deletes messages with a forbidden word, and mutes who sends three of them for ten minutes. Its user must be a moderator of
 * the room, and its token have the scopes read, write and manage-rooms.
 */
const { HUBBUB_URL: url = "http://127.0.0.1:8080", HUBBUB_TOKEN: token = "", HUBBUB_ROOM: id = "" } = process.env;
const forbidden = /\b(casino|lottery)\b/i;
const MUTE_AFTER = 3;
const MUTE_SECONDS = 600;

const client = createClient({ url, getToken: personalToken({ url, token }) });
await client.connect();
const strikes = new Map<string, number>();

async function judge(user: string, seq: number): Promise<void> {
  const count = (strikes.get(user) ?? 0) + 1;
  await client.room(id).delete(seq);
  if (count >= MUTE_AFTER) await client.http.moderation.mute(id, user, MUTE_SECONDS);
  if (count >= MUTE_AFTER) strikes.delete(user);
  else strikes.set(user, count);
}

await client.room(id).subscribe({
  onEvent: (event) => {
    const isText = event.kind === "message" || event.kind === "edit";
    if (!isText || !forbidden.test(event.text)) return;
    const seq = event.kind === "edit" ? event.target : event.seq;
    judge(event.by.id, seq).catch((error: unknown) => {
      console.error(error instanceof HubbubError ? `${error.code}: ${error.message}` : error);
    });
  },
});
console.error("listening");
process.once("SIGTERM", () => client.close());
