import { randomBytes } from "node:crypto";
import { HubbubHttp, HubbubSignin } from "@hubbub/client";

/**
 * Makes an account for a bot, and prints what the other scripts need: `export $(node examples/dist/bots/new-bot.js)`. The
 * account joins the room of this name, or makes it. Its password is random and is not kept: the token is all that a bot needs.
 */
const { HUBBUB_URL: url = "http://127.0.0.1:8080", HUBBUB_NAME: username = "robot" } = process.env;
const { HUBBUB_ROOM_NAME: name = "lobby" } = process.env;

const password = randomBytes(24).toString("base64url");
const { accessToken } = await new HubbubHttp({ url }).signup({ username, password });
const http = new HubbubHttp({ url, getToken: async () => accessToken });
const [found] = (await http.listRooms({ name })).rooms;
const { id } = found ?? (await http.createRoom({ name, visibility: "public" }));
await http.joinRoom(id);
const scopes = ["read", "write", "manage-rooms"] as const;
const { token } = await new HubbubSignin(http).createToken({ name: "bot", scopes });
console.log(`HUBBUB_URL=${url} HUBBUB_TOKEN=${token} HUBBUB_ROOM=${id}`);
