import { createHash, randomBytes } from "node:crypto";
import { NamedRate } from "@hubbub/broker";
import { ProtocolError, type PublicUser } from "@hubbub/protocol";
import { type Logger, type Metrics, siteOf } from "@hubbub/runtime";
import type { NewMailCode, Store } from "@hubbub/store";
import type { ApiSettings } from "../settings.ts";
import { MailQueue } from "./mail-queue.ts";
import { confirmMail, noticeMail, resetMail } from "./mail-texts.ts";
import { createMailer } from "./mailer.ts";

const CODE_BYTES = 32;
const HOUR_MS = 3_600_000;
const RESET_TTL_MS = HOUR_MS;
const CONFIRM_TTL_MS = 24 * HOUR_MS;
const SECONDS_PER_HOUR = 3_600;
/** Bound of an IPv6 site, as a multiple of the bound of one network. */
const ADDRESSES_PER_SITE = 4;

export const hashCode = (code: string): string => createHash("sha256").update(code).digest("base64url");

/** Mails about accounts. Calls with a client's address @throw ProtocolError mail_disabled, rate_limited, overloaded. */
export interface AccountMail {
  readonly isEnabled: boolean;
  /** Sends a code that makes this the address of the user. */
  confirm(user: PublicUser, recipient: string, clientAddress: string): void;
  /** As `confirm` for a new account, which exists whether the mail can be sent or not: it throws nothing. */
  greet(user: PublicUser, recipient: string, clientAddress: string): void;
  /** Sends a code to the account that verified this address, if there is one. */
  reset(recipient: string, clientAddress: string): void;
  /** Tells the owner of an address of a change. Sends nothing when mail is disabled or the queue is full. */
  notify(kind: "password" | "email", recipient: string, username: string): void;
  close(): Promise<void>;
}

interface MailParts {
  readonly store: Store;
  readonly settings: ApiSettings;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export function createAccountMail(parts: MailParts): AccountMail {
  const { SMTP_URL, MAIL_FROM, PUBLIC_URL } = parts.settings;
  if (SMTP_URL === undefined || MAIL_FROM === undefined || PUBLIC_URL === undefined) return disabledMail;
  const mailer = createMailer(SMTP_URL, MAIL_FROM);
  const queue = new MailQueue({ ...parts, send: mailer.send, max: parts.settings.MAIL_QUEUE_MAX });
  return mailOver(queue, parts, PUBLIC_URL, () => mailer.close());
}

const refuse = (): never => {
  throw new ProtocolError("mail_disabled");
};
const disabledMail: AccountMail = {
  isEnabled: false,
  confirm: refuse,
  greet: () => undefined,
  reset: refuse,
  notify: () => undefined,
  close: () => Promise.resolve(),
};

function mailOver(
  queue: MailQueue,
  { store, settings }: MailParts,
  publicUrl: string,
  closeMailer: () => void,
): AccountMail {
  const charge = createMailLimits(settings);
  /** null: the user had enough mails in the last hour. */
  const issue = async (wanted: Omit<NewMailCode, "hash">): Promise<string | null> => {
    const code = randomBytes(CODE_BYTES).toString("base64url");
    const isIssued = await store.mailCodes.issue({ ...wanted, hash: hashCode(code) }, settings.MAILS_PER_HOUR_PER_USER);
    return isIssued ? code : null;
  };
  const confirm: AccountMail["confirm"] = ({ id: user, username }, to, clientAddress) => {
    charge(to, clientAddress);
    queue.add(async () => {
      const code = await issue({ user, purpose: "confirm", address: to, ttlMs: CONFIRM_TTL_MS });
      return code === null ? null : confirmMail({ to, username, publicUrl, code });
    });
  };
  return {
    isEnabled: true,
    confirm,
    greet: (user, to, clientAddress) => unlessRefused(() => confirm(user, to, clientAddress)),
    reset(recipient, clientAddress) {
      charge(recipient, clientAddress);
      queue.add(async () => {
        const account = await store.accounts.findByEmail(recipient);
        if (account === null || account.email === null) return null;
        // The verified spelling, not the one of the request.
        const { id: user, username, email: to } = account;
        const code = await issue({ user, purpose: "reset", address: to, ttlMs: RESET_TTL_MS });
        return code === null ? null : resetMail({ to, username, publicUrl, code });
      });
    },
    notify: (kind, to, username) =>
      unlessRefused(() => queue.add(async () => noticeMail(kind, { to, username, publicUrl }))),
    async close() {
      await queue.close();
      closeMailer();
    },
  };
}

function unlessRefused(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

/** By recipient, whether it is known here or not, and by client address and IPv6 site. */
function createMailLimits(settings: ApiSettings): (recipient: string, clientAddress: string) => void {
  const perHour = (name: string, count: number) => new NamedRate(name, count, SECONDS_PER_HOUR);
  const recipients = perHour("recipient_mails", settings.MAILS_PER_HOUR_PER_RECIPIENT);
  const clients = perHour("address_mails", settings.MAILS_PER_HOUR_PER_ADDRESS);
  const sites = perHour("site_mails", settings.MAILS_PER_HOUR_PER_ADDRESS * ADDRESSES_PER_SITE);
  return (recipient, clientAddress) => {
    clients.take(clientAddress);
    sites.take(siteOf(clientAddress));
    recipients.take(recipient.toLowerCase());
  };
}
