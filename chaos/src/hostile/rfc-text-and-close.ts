import { closePayload, encodeClose, encodeFrame, encodeText, OPCODE } from "./frame.ts";
import { askText, type RfcCase } from "./rfc-case.ts";

const ask = askText();
const ping = encodeFrame({ opcode: OPCODE.ping, payload: "hi" });
const noCloseFrame = "a close frame with 1007 first (SHOULD, §7.1.7)";
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const greeting = Buffer.from("Hello-µ@ßöäüàá-UTF-8!! κόσμε 𝒳");

const wellFormed: readonly (readonly [string, string])[] = [
  ["U+0000", "00"],
  ["U+007F, U+0080", "7f c280"],
  ["U+07FF, U+0800", "dfbf e0a080"],
  ["U+D7FF, U+E000", "ed9fbf ee8080"],
  ["U+FFFD to U+FFFF", "efbfbd efbfbe efbfbf"],
  ["U+10000, U+10FFFF", "f0908080 f48fbfbf"],
  ["U+FEFF, a byte order mark", "efbbbf"],
];

const malformed: readonly (readonly [string, string])[] = [
  ["a lone continuation byte", "80"],
  ["64 continuation bytes", "bf".repeat(64)],
  ["a start without its continuation", "c320"],
  ["cut short: 2 of 3 bytes", "e281"],
  ["cut short: 3 of 4 bytes", "f09d92"],
  ["FE FF, impossible", "feff"],
  ["overlong slash, 2 bytes", "c0af"],
  ["overlong slash, 3 bytes", "e080af"],
  ["overlong slash, 4 bytes", "f08080af"],
  ["overlong U+0000", "c080"],
  ["overlong U+007F", "c1bf"],
  ["overlong U+FFFF", "f08fbfbf"],
  ["surrogate U+D800", "eda080"],
  ["surrogate U+DFFF", "edbfbf"],
  ["a pair of surrogates", "eda080 edb080"],
  ["U+110000", "f4908080"],
  ["5 bytes", "f888808080"],
  ["6 bytes", "fc8480808080"],
  ["behind good text", `${greeting.toString("hex")}edbfbf`],
];

const split = (text: Buffer, at: number): Buffer[] => [
  encodeText(text.subarray(0, at), { fin: false }),
  encodeFrame({ opcode: OPCODE.continuation, payload: text.subarray(at) }),
];
/** What is no JSON is told so: the bytes were taken for text. */
const isText = "error bad_frame, open";
const brokenTail = Buffer.concat([greeting, bytes("f4908080"), Buffer.from("edited")]);

const utf8: RfcCase[] = [
  { id: "6.2.1", says: "letters of many scripts", writes: [encodeText(greeting)], expect: isText },
  { id: "6.2.2", says: "… split inside a letter", writes: split(greeting, 7), expect: isText },
  { id: "6.2.3", says: "… dripping", writes: [encodeText(greeting)], trickled: true, expect: isText },
  ...wellFormed.map(([says, hex], at) => ({
    id: `6.6.${at + 1}`,
    says,
    writes: [encodeText(bytes(hex))],
    expect: isText,
  })),
  ...malformed.map(([says, hex], at) => ({
    id: `6.8.${at + 1}`,
    says,
    writes: [encodeText(bytes(hex))],
    expect: "cut",
    deviates: noCloseFrame,
  })),
  {
    id: "6.3.2",
    says: "malformed in the second fragment",
    writes: split(brokenTail, 20),
    expect: "cut",
    deviates: noCloseFrame,
  },
  {
    id: "6.4.1",
    says: "malformed first fragment; the message goes on",
    writes: [encodeText(bytes("ff"), { fin: false }), ping],
    expect: "pong(hi), open",
    deviates: "may fail at once (§8.1 leaves when open): looked at when the message is whole",
  },
  {
    id: "6.4.2",
    says: "… until it is whole",
    writes: [encodeText(bytes("ff"), { fin: false }), encodeFrame({ opcode: OPCODE.continuation, payload: "x" })],
    expect: "cut",
    deviates: noCloseFrame,
  },
];

const close = OPCODE.close;
const emptyAnswer = "the code back, or 1002 (§7.4): the answer is empty";
const echoed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 4000, 4999];
const unechoed = [1012, 1013, 1014, 3000, 3999];
const invalid = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

const closing: RfcCase[] = [
  { id: "7.1.1", says: "text, then close", writes: [encodeText(ask), encodeClose(1000)], expect: "pong, close 1000" },
  { id: "7.1.2", says: "close twice", writes: [encodeClose(1000), encodeClose(1000)], expect: "close 1000" },
  { id: "7.1.3", says: "ping behind close", writes: [encodeClose(1000), ping], expect: "close 1000" },
  { id: "7.1.4", says: "text behind close", writes: [encodeClose(1000), encodeText(ask)], expect: "close 1000" },
  {
    id: "7.1.4b",
    says: "… in the same write",
    writes: [Buffer.concat([encodeClose(1000), encodeText(ask)])],
    expect: "close 1000",
  },
  {
    id: "7.1.5",
    says: "close inside a text, its rest behind it",
    writes: [
      encodeText(ask.slice(0, 9), { fin: false }),
      encodeClose(1000),
      encodeFrame({ opcode: 0, payload: ask.slice(9) }),
    ],
    expect: "close 1000",
  },
  { id: "7.3.1", says: "close, empty", writes: [encodeClose()], expect: "close empty" },
  {
    id: "7.3.2",
    says: "close, 1 byte",
    writes: [encodeFrame({ opcode: close, payload: "x" })],
    expect: "close empty",
    deviates: emptyAnswer,
  },
  { id: "7.3.4", says: "close with a reason", writes: [encodeClose(1000, "why")], expect: "close 1000" },
  { id: "7.3.5", says: "… of 123 bytes", writes: [encodeClose(1000, "x".repeat(123))], expect: "close 1000" },
  {
    id: "7.3.6",
    says: "… of 124 bytes",
    writes: [encodeFrame({ opcode: close, payload: closePayload(1000, "x".repeat(124)) })],
    expect: "cut",
    deviates: "a close frame with 1002 first (SHOULD, §7.1.7)",
  },
  {
    id: "7.5.1",
    says: "… that is no UTF-8",
    writes: [encodeClose(1000, bytes("cebae1bdb9ed"))],
    expect: "close empty",
    deviates: emptyAnswer,
  },
  {
    id: "7.6",
    says: "close in two fragments",
    writes: [encodeFrame({ opcode: close, payload: closePayload(1000), fin: false })],
    expect: "cut",
    deviates: "a close frame with 1002 first (SHOULD, §7.1.7)",
  },
  ...echoed.map((code, at) => ({
    id: `7.7.${at + 1}`,
    says: `close ${code}`,
    writes: [encodeClose(code)],
    expect: `close ${code}`,
  })),
  ...unechoed.map((code, at) => ({
    id: `7.7.${at + 20}`,
    says: `close ${code}, registered or free to use`,
    writes: [encodeClose(code)],
    expect: "close empty",
    deviates: "the code back (SHOULD, §5.5.1): the answer is empty",
  })),
  ...invalid.map((code, at) => ({
    id: `7.9.${at + 1}`,
    says: `close ${code}, not to be sent`,
    writes: [encodeClose(code, "why")],
    expect: "close empty",
    deviates: emptyAnswer,
  })),
];

export const textAndCloseCases: readonly RfcCase[] = [...utf8, ...closing];
