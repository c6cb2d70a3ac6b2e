import { appendFile, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** An SMTP server for the mails of one cluster: it takes all, and writes them into a file. */
export async function openMailbox(file: string): Promise<AsyncDisposable & { readonly url: string }> {
  await writeFile(file, "");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    receive(socket, file).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `smtp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function receive(socket: Socket, file: string): Promise<void> {
  const answer = (line: string) => socket.write(`${line}\r\n`);
  let mail: string[] | undefined;
  answer("220 the tour");
  for await (const line of createInterface({ input: socket })) {
    if (mail === undefined) {
      const isData = /^data$/i.test(line);
      if (isData) mail = [];
      answer(isData ? "354 end with a dot" : /^quit$/i.test(line) ? "221 bye" : "250 ok");
    } else if (line !== ".") mail.push(line);
    else {
      await appendFile(file, `${decoded(mail.join("\n"))}\n`);
      mail = undefined;
      answer("250 ok");
    }
  }
}

/** Long lines come as quoted-printable. */
function decoded(mail: string): string {
  if (!/^content-transfer-encoding: quoted-printable/im.test(mail)) return mail;
  const hex = (_all: string, digits: string) => String.fromCharCode(Number.parseInt(digits, 16));
  return mail.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, hex);
}
