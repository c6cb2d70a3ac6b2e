import { codeOf, type Exchange, parse } from "./exchange.ts";

export type Fields = Readonly<Record<string, unknown>>;
interface Signed {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: { readonly id: string; readonly username: string };
}

export interface Address {
  readonly exchange: Exchange;
  /** Of all paths. */
  readonly prefix: string;
}

const SUCCESS_MAX = 299;

/** A signed-in user of the fuzzer. It makes the rooms, messages and files that requests name. */
export class Visitor {
  readonly user: string;
  readonly username: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly #address: Address;

  private constructor(address: Address, { accessToken, refreshToken, user }: Signed) {
    this.#address = address;
    [this.user, this.username] = [user.id, user.username];
    [this.token, this.refreshToken] = [accessToken, refreshToken];
  }

  /** By one of the ways, the first that the server takes. @throws when it takes none */
  static async signIn(address: Address, ways: readonly (readonly [path: string, body: object])[]): Promise<Visitor> {
    let refusal: unknown = "no way is known";
    for (const [path, body] of ways) {
      const answer = await send(address, "", { method: "POST", path, body });
      if (answer.status <= SUCCESS_MAX) return new Visitor(address, parse(answer.body) as Signed);
      refusal = codeOf(answer.body);
    }
    throw new Error(`nobody can sign in: ${refusal}`);
  }

  /** A text is sent as it is. Resolves to the fields of the answer, those of a refusal too. */
  async ask(method: string, path: string, body?: object | string): Promise<Fields> {
    const answer = await send(this.#address, this.token, { method, path, body });
    return (parse(answer.body) ?? {}) as Fields;
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: object | string | undefined;
}

function send({ exchange, prefix }: Address, token: string, { method, path, body }: Asked) {
  const type = typeof body === "string" ? "application/octet-stream" : "application/json";
  const headers = {
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": type }),
  };
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return exchange.send({ method, path: prefix + path, headers, body: text });
}
