import { crc32, deflateSync } from "node:zlib";

/** Pictures that somebody built to do harm. */

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One PNG chunk: length, type, data, check sum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.byteLength);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, sum]);
}

/** A black picture of one bit a pixel. 10,000 by 10,000 of them take 13 kB here and 100 MB in memory. */
export function pngOf(width: number, height: number, extra: readonly Buffer[] = []): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 1;
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height);
  const parts = [
    pngChunk("IHDR", head),
    ...extra,
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([SIGNATURE, ...parts]);
}

/** A head that promises more than the data holds. */
export function pngWithLyingHead(): Buffer {
  const small = pngOf(8, 8);
  const width = Buffer.alloc(4);
  width.writeUInt32BE(4_000);
  const head = Buffer.concat([width, width, small.subarray(24, 29)]);
  const rest = small.subarray(SIGNATURE.length + 25);
  return Buffer.concat([SIGNATURE, pngChunk("IHDR", head), rest]);
}

export const SCRIPT = "<script>alert(document.domain)</script>";
export const SVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>`;
/** A GIF by its first bytes, and a script by all of them. */
export const GIF_SCRIPT = Buffer.from("GIF89a/*\u0001\u0000\u0001\u0000*/=1;alert(1);//", "latin1");
