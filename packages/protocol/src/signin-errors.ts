/** Refusals of the ways to sign in, a part of `ERRORS`. */
export const SIGNIN_ERRORS = {
  second_factor_required: {
    status: 401,
    retry: false,
    means: "the password is right; send the ticket of secondFactor with a code or a passkey",
  },
  bad_code: { status: 401, retry: false, means: "the code is wrong, or was used before" },
  bad_ticket: { status: 401, retry: false, means: "the ticket is unknown, used or expired; begin again" },
  bad_passkey: { status: 401, retry: false, means: "the passkey is unknown, or its answer does not verify" },
  proof_required: {
    status: 403,
    retry: false,
    means: "this changes how you log in: send your password or a code, or log in again first",
  },
  insufficient_scope: { status: 403, retry: false, means: "the scopes of this access token do not allow this" },
  already_enabled: { status: 409, retry: false, means: "this is on already; turn it off first" },
  limit_reached: { status: 409, retry: false, means: "you have as many of these as you may; remove one first" },
  identity_taken: { status: 409, retry: false, means: "this login belongs to another user" },
  unknown_credential: { status: 404, retry: false, means: "you have no such passkey, token or linked login" },
  provider_error: { status: 502, retry: false, means: "the login provider refused or failed; begin the login again" },
} as const;
