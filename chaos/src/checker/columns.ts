/** One record in numbers: texts are numbers of a dictionary. */
export interface Row {
  readonly type: number;
  readonly client: number;
  readonly room: number;
  readonly id: number;
  readonly word: number;
  readonly digest: number;
  readonly a: number;
  readonly b: number;
  readonly at: number;
}

/** 45 bytes each: 1 for the type, five words, three doubles. */
const CHUNK_ROWS = 4_096;

class Chunk {
  readonly type = new Uint8Array(CHUNK_ROWS);
  readonly client = new Uint32Array(CHUNK_ROWS);
  readonly room = new Uint32Array(CHUNK_ROWS);
  readonly id = new Uint32Array(CHUNK_ROWS);
  readonly word = new Uint32Array(CHUNK_ROWS);
  readonly digest = new Uint32Array(CHUNK_ROWS);
  readonly a = new Float64Array(CHUNK_ROWS);
  readonly b = new Float64Array(CHUNK_ROWS);
  readonly at = new Float64Array(CHUNK_ROWS);
}

/** Rows by column, in chunks, so that growing copies nothing. */
export class Columns {
  readonly #chunks: Chunk[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push({ type, client, room, id, word, digest, a, b, at: time }: Row): void {
    const at = this.#length % CHUNK_ROWS;
    if (at === 0) this.#chunks.push(new Chunk());
    const chunk = this.#chunkOf(this.#length);
    chunk.type[at] = type;
    chunk.client[at] = client;
    chunk.room[at] = room;
    chunk.id[at] = id;
    chunk.word[at] = word;
    chunk.digest[at] = digest;
    chunk.a[at] = a;
    chunk.b[at] = b;
    chunk.at[at] = time;
    this.#length += 1;
  }

  get(index: number): Row {
    const chunk = this.#chunkOf(index);
    const at = index % CHUNK_ROWS;
    return {
      type: chunk.type[at] ?? 0,
      client: chunk.client[at] ?? 0,
      room: chunk.room[at] ?? 0,
      id: chunk.id[at] ?? 0,
      word: chunk.word[at] ?? 0,
      digest: chunk.digest[at] ?? 0,
      a: chunk.a[at] ?? 0,
      b: chunk.b[at] ?? 0,
      at: chunk.at[at] ?? 0,
    };
  }

  #chunkOf(index: number): Chunk {
    const chunk = this.#chunks[Math.floor(index / CHUNK_ROWS)];
    if (chunk === undefined) throw new RangeError(`no record ${index}`);
    return chunk;
  }
}

/** Texts by number, each kept once. 0 is the empty text. */
export class Dictionary {
  readonly #numbers = new Map<string, number>([["", 0]]);
  readonly #texts: string[] = [""];

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    // A text that came out of a larger one, or was put together, would keep its parts alive.
    const own = Buffer.from(text).toString();
    this.#numbers.set(own, this.#texts.length);
    return this.#texts.push(own) - 1;
  }

  textOf(number: number): string {
    const text = this.#texts[number];
    if (text === undefined) throw new RangeError(`no text ${number}`);
    return text;
  }
}
