import * as account from "./routes/account.ts";
import * as admin from "./routes/admin.ts";
import * as changes from "./routes/changes.ts";
import * as login from "./routes/login.ts";
import * as members from "./routes/members.ts";
import * as messages from "./routes/messages.ts";
import * as rooms from "./routes/rooms.ts";
import * as search from "./routes/search.ts";
import * as signup from "./routes/signup.ts";
import * as threads from "./routes/threads.ts";

/** All routes. Each file holds the contract of its routes, which the OpenAPI document shows, and their handlers. */
export const FAMILIES = [signup, login, account, rooms, members, messages, changes, threads, search, admin];
