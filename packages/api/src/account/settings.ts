import { RESERVED_NAMES } from "@hubbub/protocol";
import { integer, list, url } from "@hubbub/runtime";
import { z } from "zod";

const FROM = /^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/;

/** The part of the environment for names and mail. */
export const accountSettings = {
  /** Names that nobody may take. The words of mentions (`here`, `room`, `all` …) are reserved in any case. */
  RESERVED_NAMES: list(RESERVED_NAMES),
  /** smtp://user:password@host:port or smtps://…; without it this server sends no mail. */
  SMTP_URL: url("smtp", "smtps").optional(),
  MAIL_FROM: z.string().max(320).regex(FROM, "must be an address, or a name and <address>").optional(),
  /** Mails that wait to be sent, those that are sent again included. About 2 KiB each. */
  MAIL_QUEUE_MAX: integer(1, 100_000, 1_000),
  /** Mails that a client address may cause, and that a recipient gets; per process. */
  MAILS_PER_HOUR_PER_ADDRESS: integer(1, 1_000_000, 100),
  MAILS_PER_HOUR_PER_RECIPIENT: integer(1, 10_000, 10),
  /** Mails with a code that a user gets, in the whole cluster. */
  MAILS_PER_HOUR_PER_USER: integer(1, 10_000, 10),
};
