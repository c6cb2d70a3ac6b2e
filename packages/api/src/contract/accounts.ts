import { createRoute } from "@hono/zod-openapi";
import {
  changePasswordBody,
  guestBody,
  loginBody,
  me as meSchema,
  refreshBody,
  sessionList,
  signupBody,
  tokens,
} from "@hubbub/protocol/http";
import { answer, bearer, inSession, json, refusals } from "./shapes.ts";

const tokensSchema = tokens.meta({ id: "Tokens" });
const tags = ["accounts"];

export const signup = createRoute({
  method: "post",
  path: "/auth/signup",
  tags,
  summary: "Open an account and log in",
  request: { body: json(signupBody) },
  responses: {
    201: answer("the new user, logged in", tokensSchema),
    default: refusals("bad_request", "username_taken", "username_reserved", "weak_password", "overloaded"),
  },
});

export const login = createRoute({
  method: "post",
  path: "/auth/login",
  tags,
  summary: "Log in",
  request: { body: json(loginBody) },
  responses: {
    200: answer("a new session", tokensSchema),
    default: refusals("bad_request", "bad_credentials", "overloaded"),
  },
});

export const guest = createRoute({
  method: "post",
  path: "/auth/guest",
  tags,
  summary: "Get a throw-away identity",
  request: { body: { ...json(guestBody), required: false } },
  responses: {
    201: answer(
      "the guest, logged in; the name is guest- and the wish, with a random end when that was taken or none given",
      tokensSchema,
    ),
    default: refusals("bad_request", "guests_disabled", "username_reserved", "overloaded"),
  },
});

export const refresh = createRoute({
  method: "post",
  path: "/auth/refresh",
  tags,
  summary: "Trade a refresh token for new tokens",
  request: { body: json(refreshBody) },
  responses: {
    200: answer("new tokens of the same session; the old refresh token is spent", tokensSchema),
    default: refusals("bad_request", "bad_token", "refresh_reused"),
  },
});

export const logout = createRoute({
  method: "post",
  path: "/auth/logout",
  tags,
  summary: "End the session and close its connections",
  security: bearer,
  responses: { 204: { description: "ended" }, default: refusals("bad_token") },
});

export const me = createRoute({
  method: "get",
  path: "/me",
  tags,
  summary: "Who this token stands for",
  security: bearer,
  responses: {
    200: answer("the caller", meSchema.meta({ id: "Me" })),
    default: refusals("bad_token", "session_revoked"),
  },
});

export const changePassword = createRoute({
  method: "put",
  path: "/me/password",
  tags,
  summary: "Change the password and end all other sessions",
  security: bearer,
  request: { body: json(changePasswordBody) },
  responses: {
    204: { description: "changed" },
    default: refusals("bad_request", "bad_token", "session_revoked", "bad_credentials", "weak_password", "overloaded"),
  },
});

export const listSessions = createRoute({
  method: "get",
  path: "/me/sessions",
  tags,
  summary: "The living sessions of the caller, last used first",
  security: bearer,
  responses: {
    200: answer("the sessions", sessionList),
    default: refusals("bad_token", "session_revoked"),
  },
});

export const endSession = createRoute({
  method: "delete",
  path: "/me/sessions/{session}",
  tags,
  summary: "End one session of the caller and close its connections",
  security: bearer,
  request: { params: inSession },
  responses: {
    204: { description: "ended" },
    default: refusals("bad_request", "bad_token", "session_revoked", "unknown_session"),
  },
});

export const endSessions = createRoute({
  method: "delete",
  path: "/me/sessions",
  tags,
  summary: "Log out everywhere: end all sessions of the caller, this one included",
  security: bearer,
  responses: { 204: { description: "ended" }, default: refusals("bad_token", "session_revoked") },
});
