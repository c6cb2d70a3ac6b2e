/** Refusals of the own account, a part of `ERRORS`. */
export const ACCOUNT_ERRORS = {
  already_account: {
    status: 409,
    retry: false,
    means: "you have an account already; change its name or password there",
  },
  account_suspended: {
    status: 403,
    retry: false,
    means: "this account is suspended, until retryAfterMs has passed if that is given",
  },
  mail_disabled: { status: 501, retry: false, means: "this server sends no mail; ask its operator" },
  bad_link: { status: 400, retry: false, means: "the code of the mail is wrong, used or expired; ask for a new mail" },
  unknown_export: { status: 404, retry: false, means: "you have no such export, or its archive is gone" },
  email_taken: {
    status: 409,
    retry: false,
    means: "another account has verified this address; remove it there first",
  },
} as const;
