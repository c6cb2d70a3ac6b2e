const SEQ_AT = '{"type":"durable","room":"00000000-0000-0000-0000-000000000000","seq":'.length;
const TYPE_AT = '{"type":"'.length;
const LETTER_D = 0x64;
const ZERO = 0x30;
const NINE = 0x39;

/** The seq of a durable mark, read from its bytes; 0 for any other frame. */
export function peekDurable(frame: Uint8Array): number {
  if (frame[TYPE_AT] !== LETTER_D) return 0;
  let seq = 0;
  for (let at = SEQ_AT; at < frame.length; at++) {
    const byte = frame[at] ?? 0;
    if (byte < ZERO || byte > NINE) break;
    seq = seq * 10 + byte - ZERO;
  }
  return seq;
}
