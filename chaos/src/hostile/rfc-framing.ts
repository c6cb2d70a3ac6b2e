import { FRAME_MAX_BYTES } from "@hubbub/protocol";
import { encodeClose, encodeFrame, encodeText, OPCODE } from "./frame.ts";
import { askText, type RfcCase } from "./rfc-case.ts";

const { continuation, binary, ping, pong, close } = OPCODE;
const ask = askText();
const noCloseFrame = "a close frame with 1002 first (SHOULD, §7.1.7)";
const tooBigNoCloseFrame = "a close frame with 1009 first (SHOULD, §7.1.7)";
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
/** `text` in fragments of `size` bytes. */
const fragments = (text: string, size: number): Buffer[] =>
  times(Math.ceil(text.length / size), (at) =>
    encodeFrame({
      opcode: at === 0 ? OPCODE.text : continuation,
      fin: (at + 1) * size >= text.length,
      payload: text.slice(at * size, (at + 1) * size),
    }),
  );
const part = (payload: string, fin: boolean): Buffer => encodeFrame({ opcode: continuation, payload, fin });
const begin = (payload: string): Buffer => encodeText(payload, { fin: false });
const hi = encodeFrame({ opcode: ping, payload: "hi" });

const sizes: RfcCase[] = [
  { id: "1.1.1", says: "text, 0 bytes", writes: [encodeText("")], expect: "error bad_frame, open" },
  ...[65, 125, 126, 127, 128, 16_384, FRAME_MAX_BYTES].map((size, at) => ({
    id: `1.1.${at + 2}`,
    says: `text, ${size} bytes`,
    writes: [encodeText(askText(size))],
    expect: "pong, open",
  })),
  {
    id: "1.1.9",
    says: "text, 997 bytes, dripping",
    writes: [encodeText(askText(997))],
    trickled: true,
    expect: "pong, open",
  },
  ...[0, 125, 126, 65_535].map((size, at) => ({
    id: `1.2.${at + 1}`,
    says: `binary, ${size} bytes: not of our protocol`,
    writes: [encodeFrame({ opcode: binary, payload: "x".repeat(size) })],
    expect: "error binary_frame, close 4502",
  })),
];

const pings: RfcCase[] = [
  { id: "2.1", says: "ping, empty", writes: [encodeFrame({ opcode: ping })], expect: "pong(), open" },
  { id: "2.2", says: "ping, text", writes: [hi], expect: "pong(hi), open" },
  {
    id: "2.3",
    says: "ping, bytes that are no UTF-8",
    writes: [encodeFrame({ opcode: ping, payload: Buffer.from([0, 0xff, 0xfe, 0xfd]) })],
    expect: "pong(\u0000\u00ff\u00fe\u00fd), open",
  },
  {
    id: "2.4",
    says: "ping, 125 bytes",
    writes: [encodeFrame({ opcode: ping, payload: "x".repeat(125) })],
    expect: "pong(125), open",
  },
  {
    id: "2.5",
    says: "ping, 126 bytes",
    writes: [encodeFrame({ opcode: ping, payload: "x".repeat(126) })],
    expect: "cut",
    deviates: noCloseFrame,
  },
  {
    id: "2.6",
    says: "ping, dripping",
    writes: [encodeFrame({ opcode: ping, payload: "x".repeat(125) })],
    trickled: true,
    expect: "pong(125), open",
  },
  { id: "2.7", says: "pong nobody asked for", writes: [encodeFrame({ opcode: pong })], expect: "open" },
  {
    id: "2.9",
    says: "pong nobody asked for, ping",
    writes: [encodeFrame({ opcode: pong, payload: "no" }), hi],
    expect: "pong(hi), open",
  },
  {
    id: "2.10",
    says: "10 pings in one write",
    writes: [Buffer.concat(times(10, (at) => encodeFrame({ opcode: ping, payload: `${at}` })))],
    expect: `${times(10, (at) => `pong(${at})`).join(", ")}, open`,
  },
];

const reserved: RfcCase[] = times(7, (at) => {
  const rsv = at + 1;
  const opcode = [OPCODE.text, OPCODE.text, OPCODE.text, binary, binary, ping, close][at] ?? 0;
  return {
    id: `3.${rsv}`,
    says: `reserved bits ${rsv.toString(2).padStart(3, "0")}, opcode ${opcode}`,
    writes: [encodeFrame({ opcode, payload: opcode === close ? "" : ask, rsv })],
    expect: "cut",
    deviates: noCloseFrame,
  };
});

const opcodes: RfcCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
  id: opcode < 8 ? `4.1.${opcode - 2}` : `4.2.${opcode - 10}`,
  says: `opcode ${opcode}`,
  writes: [encodeFrame({ opcode, payload: opcode % 2 === 0 ? "x" : "" })],
  expect: "cut",
  deviates: noCloseFrame,
}));

const violation = (id: string, says: string, ...writes: (Buffer | null)[]): RfcCase => ({
  id,
  says,
  writes,
  expect: "cut",
  deviates: noCloseFrame,
});

const fragmented: RfcCase[] = [
  violation("5.1", "ping in two fragments", encodeFrame({ opcode: ping, payload: "a", fin: false }), part("b", true)),
  violation("5.2", "pong in two fragments", encodeFrame({ opcode: pong, payload: "a", fin: false }), part("b", true)),
  { id: "5.3", says: "text in two fragments", writes: fragments(ask, 12), expect: "pong, open" },
  { id: "5.4", says: "… in one write", writes: [Buffer.concat(fragments(ask, 12))], expect: "pong, open" },
  { id: "5.5", says: "… of a byte each, dripping", writes: fragments(ask, 1), trickled: true, expect: "pong, open" },
  {
    id: "5.6",
    says: "… a ping between them",
    writes: [begin(ask.slice(0, 9)), hi, part(ask.slice(9), true)],
    expect: "pong(hi), pong, open",
  },
  {
    id: "5.8",
    says: "… a ping between them, dripping",
    writes: [begin(ask.slice(0, 9)), hi, part(ask.slice(9), true)],
    trickled: true,
    expect: "pong(hi), pong, open",
  },
  violation("5.9", "continuation of nothing, FIN", part(ask, true)),
  violation("5.10", "… then a text", part(ask, true), encodeText(ask)),
  violation("5.12", "continuation of nothing, no FIN", part(ask, false), encodeText(ask)),
  {
    ...violation("5.15", "whole text, then a continuation", ...fragments(ask, 12), null, part(ask, true)),
    expect: "pong, cut",
  },
  violation("5.18", "text begun inside a text", begin(ask.slice(0, 9)), encodeText(ask)),
  {
    id: "5.19",
    says: "fragments, empty ones too, pings all over",
    writes: [
      begin(""),
      hi,
      part(ask.slice(0, 5), false),
      part("", false),
      hi,
      part(ask.slice(5), false),
      part("", true),
    ],
    expect: "pong(hi), pong(hi), pong, open",
  },
  {
    id: "5.20",
    says: "close between fragments",
    writes: [begin(ask.slice(0, 9)), encodeClose(1000), part(ask.slice(9), true)],
    expect: "close 1000",
  },
];

const past = (id: string, says: string, ...writes: Buffer[]): RfcCase => ({
  id,
  says,
  writes,
  expect: "cut",
  deviates: tooBigNoCloseFrame,
});

const limits: RfcCase[] = [
  {
    id: "9.1",
    says: "a byte over the bound of a frame",
    writes: [encodeText(askText(FRAME_MAX_BYTES + 1))],
    expect: "error too_large, open",
  },
  {
    id: "9.2",
    says: "text, 64 KiB: the most that is read",
    writes: [encodeText(askText(65_536))],
    expect: "error too_large, open",
  },
  past("9.3", "text, 64 KiB and a byte", encodeText(askText(65_537))),
  {
    id: "9.4",
    says: "64 KiB in fragments of 1 KiB",
    writes: fragments(askText(65_536), 1_024),
    expect: "error too_large, open",
  },
  past("9.5", "64 KiB and a byte in fragments", Buffer.concat(fragments(askText(65_537), 1_024))),
  past("9.6", "a length of 70,000, and no more", encodeText("", { claimedLength: 70_000n })),
  past("9.7", "a length of 4 GiB and 5", encodeText("", { claimedLength: 2n ** 32n + 5n })),
  past("9.8", "a length of 2^63", encodeText(ask, { lengthBits: 64, claimedLength: 2n ** 63n })),
  past("9.9", "a length of 2^64 - 1", encodeText(ask, { lengthBits: 64, claimedLength: 2n ** 64n - 1n })),
  ...([16, 64] as const).map((lengthBits) => ({
    id: `9.${lengthBits}`,
    says: `a short length in ${lengthBits} bits`,
    writes: [encodeText(ask, { lengthBits })],
    expect: "pong, open",
    deviates: "the shortest form is a MUST (§5.2); taken all the same",
  })),
];

const masking: RfcCase[] = [
  {
    id: "mask 1",
    says: "text without a mask, then a good one",
    writes: [encodeText(ask, { masked: false }), encodeText(ask)],
    expect: "cut",
    deviates: "closing at the first such frame (MUST, §5.1): the mask bit is not looked at, four bytes pass for a key",
  },
  {
    id: "mask 2",
    says: "text masked with zeros",
    writes: [Buffer.concat([Buffer.from([0x81, 0x80 | ask.length, 0, 0, 0, 0]), Buffer.from(ask)])],
    expect: "pong, open",
  },
];

export const framingCases: readonly RfcCase[] = [
  ...sizes,
  ...pings,
  ...reserved,
  ...opcodes,
  ...fragmented,
  ...limits,
  ...masking,
];
