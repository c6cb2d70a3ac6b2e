import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

/** Flags of authenticator data (WebAuthn §6.1). */
const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;
/** COSE: kty EC2, alg ES256, crv P-256. */
const [KTY, ALG, CRV, X, Y] = [1, 3, -1, -2, -3];

interface Options {
  readonly challenge: string;
}

interface Change {
  readonly origin?: string;
  readonly host?: string;
  /** What the authenticator counts; 0: it does not count. */
  readonly counter?: number;
  readonly isVerified?: boolean;
  readonly signer?: KeyObject;
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();
const text = (data: Buffer | Uint8Array) => Buffer.from(data).toString("base64url");

/** An authenticator with one discoverable ES256 credential, in software. */
export class Authenticator {
  readonly id = text(randomBytes(32));
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #origin: string;
  counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** What a browser makes of `navigator.credentials.create`. */
  create({ challenge }: Options, change: Change = {}) {
    const { x = "", y = "" } = this.#keys.publicKey.export({ format: "jwk" });
    const key = new Map<number, number | Uint8Array>([
      [KTY, 2],
      [ALG, -7],
      [CRV, 1],
      [X, new Uint8Array(Buffer.from(x, "base64url"))],
      [Y, new Uint8Array(Buffer.from(y, "base64url"))],
    ]);
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, id, Buffer.from(isoCBOR.encode(key))]);
    const data = Buffer.concat([this.#data(HAS_CREDENTIAL, change), credential]);
    const attestation = new Map<string, string | Uint8Array | Map<string, string>>([
      ["fmt", "none"],
      ["attStmt", new Map<string, string>()],
      ["authData", new Uint8Array(data)],
    ]);
    return this.#answer({
      clientDataJSON: text(this.#clientData("webauthn.create", challenge, change)),
      attestationObject: text(isoCBOR.encode(attestation)),
      transports: ["internal"],
    });
  }

  /** What a browser makes of `navigator.credentials.get`. */
  get({ challenge }: Options, change: Change = {}) {
    const data = this.#data(0, change);
    const client = this.#clientData("webauthn.get", challenge, change);
    const signature = sign("sha256", Buffer.concat([data, sha256(client)]), change.signer ?? this.#keys.privateKey);
    return this.#answer({
      clientDataJSON: text(client),
      authenticatorData: text(data),
      signature: text(signature),
    });
  }

  #answer(response: object) {
    return { id: this.id, rawId: this.id, type: "public-key", clientExtensionResults: {}, response };
  }

  #data(flags: number, { host, counter = this.counter, isVerified = true }: Change): Buffer {
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE(counter);
    const all = flags | PRESENT | (isVerified ? VERIFIED : 0);
    return Buffer.concat([sha256(host ?? new URL(this.#origin).hostname), Buffer.from([all]), counted]);
  }

  #clientData(type: string, challenge: string, { origin = this.#origin }: Change): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }
}
