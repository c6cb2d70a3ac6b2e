import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { SMTPServer } from "smtp-server";

export interface Received {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** A real SMTP server in this process. */
export class TestSmtp implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Recipients that got a refusal, in order. */
  readonly refused: string[] = [];
  /** The refusal of the next recipients; 250 accepts. */
  answers: number[] = [];
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      onRcptTo: ({ address }, _session, done) => {
        const answer = this.answers.shift() ?? 250;
        if (answer === 250) return done();
        this.refused.push(address);
        done(Object.assign(new Error("refused"), { responseCode: answer }));
      },
      onData: (stream, session, done) => {
        const lines: string[] = [];
        createInterface({ input: stream })
          .on("line", (line) => lines.push(line))
          .on("close", () => {
            const to = session.envelope.rcptTo.map(({ address }) => address);
            this.received.push(read(to, lines));
            done();
          });
      },
    });
  }

  /** Listens, and answers the URL. */
  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** The headers that tests look at, and the body behind its transfer encoding. */
function read(to: readonly string[], lines: readonly string[]): Received {
  const end = lines.indexOf("");
  const subject = lines.find((line) => line.startsWith("Subject: "))?.slice("Subject: ".length) ?? "";
  const body = lines.slice(end + 1).join("\n");
  const isQuoted = lines.slice(0, end).some((line) => /^content-transfer-encoding: quoted-printable/i.test(line));
  const text = isQuoted
    ? body
        .replace(/=\n/g, "")
        .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : body;
  return { to, subject, text };
}

export function codeOf({ text }: Received): string {
  return /enter this code: ([\w-]{43})/.exec(text)?.[1] ?? "";
}
