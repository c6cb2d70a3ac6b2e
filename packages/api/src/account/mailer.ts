import { createTransport } from "nodemailer";
import type { Mail } from "./mail-queue.ts";

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;

export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** TLS as the URL says: `smtps`, or `smtp` with STARTTLS where the server offers it; `?requireTLS=true` insists on it. */
export function createMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text }) {
      // As an object, so that no part of an address is read as a list or a name.
      const headers = { "auto-submitted": "auto-generated" };
      await transport.sendMail({ from, to: { name: "", address: to }, subject, text, headers });
    },
    close: () => transport.close(),
  };
}
