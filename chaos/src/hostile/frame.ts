/** WebSocket frames as bytes, right or wrong (RFC 6455 §5.2). */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
  readonly opcode: number;
  readonly payload?: Uint8Array | string | undefined;
  /** Default true. */
  readonly fin?: boolean | undefined;
  /** RSV1 to RSV3 as a number from 0 to 7; default 0. */
  readonly rsv?: number | undefined;
  /** Default true, as a client must. False leaves bit and key out. */
  readonly masked?: boolean | undefined;
  /** Width of the length field; the shortest that fits by default. */
  readonly lengthBits?: 7 | 16 | 64 | undefined;
  /** What the length field says; the truth by default. */
  readonly claimedLength?: bigint | undefined;
}

const maskKey = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const shortMax = 125;
const mediumMax = 65_535;

export function encodeFrame(parts: FrameParts): Buffer {
  const { opcode, fin = true, rsv = 0, masked = true } = parts;
  const payload = Buffer.from(parts.payload ?? "");
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const length = encodeLength(parts.claimedLength ?? BigInt(payload.length), parts.lengthBits);
  length.writeUInt8(length.readUInt8(0) | (masked ? 0x80 : 0), 0);
  const body = masked ? [maskKey, payload.map((byte, index) => byte ^ (maskKey[index % 4] ?? 0))] : [payload];
  return Buffer.concat([Buffer.from([first]), length, ...body]);
}

function encodeLength(length: bigint, bits: 7 | 16 | 64 | undefined): Buffer {
  const width = bits ?? (length <= shortMax ? 7 : length <= mediumMax ? 16 : 64);
  if (width === 7) return Buffer.from([Number(length)]);
  if (width === 16) {
    const field = Buffer.from([126, 0, 0]);
    field.writeUInt16BE(Number(length), 1);
    return field;
  }
  const field = Buffer.alloc(9, 127);
  field.writeBigUInt64BE(length, 1);
  return field;
}

export function encodeText(text: string | Uint8Array, parts: Partial<FrameParts> = {}): Buffer {
  return encodeFrame({ opcode: OPCODE.text, payload: text, ...parts });
}

/** Without a code: an empty payload. */
export function encodeClose(code?: number, reason: string | Uint8Array = ""): Buffer {
  return encodeFrame({ opcode: OPCODE.close, payload: code === undefined ? "" : closePayload(code, reason) });
}

export function closePayload(code: number, reason: string | Uint8Array = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

export interface RawFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** Cuts a stream of server bytes into frames. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): RawFrame[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const frames: RawFrame[] = [];
    for (let frame = this.#take(); frame !== null; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): RawFrame | null {
    const head = readHead(this.#bytes);
    if (head === null || this.#bytes.length < head.start + head.length) return null;
    const payload = this.#bytes.subarray(head.start, head.start + head.length);
    this.#bytes = this.#bytes.subarray(head.start + head.length);
    return { ...head.flags, payload };
  }
}

function readHead(bytes: Buffer) {
  if (bytes.length < 2) return null;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  const short = second & 0x7f;
  const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  if (bytes.length < start) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const flags = { fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 0x0f, masked: second >= 0x80 };
  return { flags, start, length };
}
