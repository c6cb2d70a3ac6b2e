import { createClient, personalToken } from "@hubbub/client";
import { fileOutbox } from "@hubbub/client/node";

/**
 * Answers each message that begins with "!echo". Its token (docs/signing-in.md) has the scopes read and write.
 * HUBBUB_URL, HUBBUB_TOKEN and HUBBUB_ROOM say where.
 */
const { HUBBUB_URL: url = "http://127.0.0.1:8080", HUBBUB_TOKEN: token = "", HUBBUB_ROOM: id = "" } = process.env;

const client = createClient({
  url,
  getToken: personalToken({ url, token }),
  // What it was about to say when it was stopped goes out after the next start.
  outbox: fileOutbox("echo-bot.json"),
  onState: ({ state }) => console.error(state),
});
await client.connect();
const room = client.room(id);
await room.subscribe({
  onEvent: (event) => {
    if (event.kind !== "message" || !event.text.startsWith("!echo ")) return;
    // The same id for the same question: a second run of the bot answers nothing twice.
    const answer = { id: `echo-${event.epoch}-${event.seq}`, replyTo: event.seq };
    room.publish(event.text.slice("!echo ".length), answer).catch((error) => console.error(error.message));
  },
  onRefused: (error) => console.error(error.message),
});
console.error("listening");
process.once("SIGTERM", () => client.close());
