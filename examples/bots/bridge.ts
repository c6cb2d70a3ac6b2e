import { type Client, createClient, personalToken } from "@hubbub/client";
import { fileOutbox } from "@hubbub/client/node";

/** Carries messages between two rooms, HUBBUB_ROOM and HUBBUB_OTHER_ROOM. Its user is a member of both. */
const { HUBBUB_URL: url = "http://127.0.0.1:8080", HUBBUB_TOKEN: token = "" } = process.env;
const { HUBBUB_ROOM: one = "", HUBBUB_OTHER_ROOM: other = "" } = process.env;

const outbox = fileOutbox("bridge.json");
const client = createClient({ url, getToken: personalToken({ url, token }), outbox });
await client.connect();
const me = client.state.state === "ready" ? client.state.user.id : "";

async function carry(from: string, to: string, { http }: Client): Promise<void> {
  await http.joinRoom(from);
  await client.room(from).subscribe({
    onEvent: (event) => {
      // Its own messages are those that it carried: to carry them back would never end.
      if (event.kind !== "message" || event.by.id === me) return;
      const text = `${event.by.username}: ${event.text}`;
      client
        .room(to)
        .publish(text, { id: `bridge-${from.slice(-12)}-${event.epoch}-${event.seq}` })
        .catch((error) => console.error(error.message));
    },
    onGap: (gap) => console.error(`messages ${gap.from} to ${gap.to} of ${from} were not carried`),
  });
}

await Promise.all([carry(one, other, client), carry(other, one, client)]);
console.error("listening");
process.once("SIGTERM", () => client.close());
