import * as avatar from "./account/avatar.ts";
import * as email from "./account/email.ts";
import * as profile from "./account/profile.ts";
import * as reset from "./account/reset.ts";
import * as upgrade from "./account/upgrade.ts";
import * as announcements from "./admin/announcement-routes.ts";
import * as adminAudit from "./admin/audit-routes.ts";
import * as adminReports from "./admin/report-routes.ts";
import * as adminRoles from "./admin/role-routes.ts";
import * as adminUsers from "./admin/user-routes.ts";
import * as bots from "./bots/bot-routes.ts";
import * as hooks from "./bots/hook-routes.ts";
import * as chain from "./chain/chain-routes.ts";
import * as erasure from "./erasure/erasure-routes.ts";
import * as exports from "./exports/export-routes.ts";
import * as connections from "./figures/connection-routes.ts";
import * as figures from "./figures/figure-routes.ts";
import * as zoneOrders from "./figures/zone-routes.ts";
import * as account from "./routes/account.ts";
import * as admin from "./routes/admin.ts";
import * as audit from "./routes/audit.ts";
import * as changes from "./routes/changes.ts";
import * as direct from "./routes/direct.ts";
import * as drafts from "./routes/drafts.ts";
import * as files from "./routes/files.ts";
import * as invites from "./routes/invites.ts";
import * as login from "./routes/login.ts";
import * as members from "./routes/members.ts";
import * as messages from "./routes/messages.ts";
import * as moderation from "./routes/moderation.ts";
import * as presence from "./routes/presence.ts";
import * as reports from "./routes/reports.ts";
import * as roomSettings from "./routes/room-settings.ts";
import * as rooms from "./routes/rooms.ts";
import * as search from "./routes/search.ts";
import * as signup from "./routes/signup.ts";
import * as threads from "./routes/threads.ts";
import * as unread from "./routes/unread.ts";
import * as zones from "./routes/zones.ts";
import * as codes from "./signin/code-routes.ts";
import * as identities from "./signin/identity-routes.ts";
import * as signin from "./signin/login-routes.ts";
import * as passkeys from "./signin/passkey-routes.ts";
import * as provider from "./signin/provider-routes.ts";
import * as socketTickets from "./signin/socket-ticket-routes.ts";
import * as tokens from "./signin/token-routes.ts";
import * as data from "./streams/data-routes.ts";
import * as watch from "./streams/watch-routes.ts";
import * as tasks from "./tasks/task-routes.ts";

/** All routes. Each file holds the contract of its routes, which the OpenAPI document shows, and their handlers. */
export const FAMILIES = [
  signup,
  login,
  signin,
  provider,
  account,
  erasure,
  exports,
  upgrade,
  profile,
  avatar,
  email,
  reset,
  codes,
  passkeys,
  tokens,
  socketTickets,
  identities,
  rooms,
  chain,
  roomSettings,
  members,
  moderation,
  audit,
  reports,
  invites,
  direct,
  messages,
  files,
  changes,
  threads,
  search,
  unread,
  drafts,
  presence,
  data,
  watch,
  bots,
  hooks,
  tasks,
  admin,
  zones,
  adminUsers,
  adminRoles,
  adminAudit,
  adminReports,
  announcements,
  figures,
  connections,
  zoneOrders,
];
