import { Readable } from "node:stream";
import { ContentMissing, type FileStorage } from "@hubbub/files";
import type { FileId, RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { pause } from "@hubbub/runtime";
import type { ExportContents, FileRecord } from "@hubbub/store";
import { thumbnailKey } from "../files/keys.ts";
import { readmeOf } from "./readme.ts";
import type { ZipPart } from "./zip-parts.ts";

export interface ArchiveSources {
  readonly contents: ExportContents;
  readonly storage: FileStorage;
  readonly user: UserId;
  readonly signal: AbortSignal;
  /** One part of `partsOf` is in the archive. */
  readonly partDone: () => void;
  /** Bytes that the archive may still get. */
  readonly left: () => number;
}

const LINES_PER_PAGE = 500;
const ROOMS_PER_PAGE = 500;
const FILES_PER_PAGE = 100;
/** Events have up to 8 KiB of text. */
const EVENTS_PER_PAGE = { events: 200, rows: 5_000 };
/** An export takes at most this part of one connection to the database: it rests for so many times as long as a page took. */
const REST = 3;
/** Around a file: its headers, its name twice, and what may be listed at the end. */
const FILE_OVERHEAD_BYTES = 4_096;

/** Files that the list of what did not fit names: it is held in memory. */
const LEFT_OUT_MAX = 10_000;

/** How many parts the archive has, for the progress: sections, rooms, files. */
export async function countParts({ contents, user }: Pick<ArchiveSources, "contents" | "user">) {
  const { rooms, files, fileBytes } = await contents.count(user);
  return { total: contents.sections.length + rooms + files, fileBytes };
}

/** The files of the archive. Everything is read in pages, with rests. */
export async function* partsOf(sources: ArchiveSources): AsyncGenerator<ZipPart> {
  const { sections } = sources.contents;
  yield text("README.txt", once(readmeOf(sections, new Date())));
  for (const { name } of sections) {
    yield text(`${name}.ndjson`, sectionLines(sources, name));
    sources.partDone();
  }
  yield text("messages.ndjson", messageLines(sources));
  const avatar = await avatarPart(sources);
  if (avatar !== null) yield avatar;
  const leftOut: string[] = [];
  for await (const file of files(sources)) {
    const part = await filePart(sources, file);
    if (part !== null) yield part;
    else if (leftOut.length < LEFT_OUT_MAX) leftOut.push(leftOutLine(file));
    sources.partDone();
  }
  yield text("left-out.ndjson", once(leftOut.join("")));
}

/** One page waits while the one before is compressed. */
function text(path: string, pages: AsyncIterable<string>): ZipPart {
  return { path, content: Readable.from(bytesOf(pages), { highWaterMark: 1 }) };
}

async function* bytesOf(pages: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const page of pages) if (page !== "") yield Buffer.from(page);
}

async function* once(page: string): AsyncGenerator<string> {
  yield page;
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;

async function* sectionLines(sources: ArchiveSources, name: string): AsyncGenerator<string> {
  const { contents, user } = sources;
  let after: readonly string[] = [];
  for (;;) {
    const lines = await paced(sources, () => contents.section(name, user, after, LINES_PER_PAGE));
    yield lines.map(({ line }) => lineOf(line)).join("");
    const last = lines.at(-1);
    if (last === undefined || lines.length < LINES_PER_PAGE) return;
    after = last.key;
  }
}

async function* messageLines(sources: ArchiveSources): AsyncGenerator<string> {
  for await (const room of rooms(sources)) {
    yield* roomLines(sources, room);
    sources.partDone();
  }
}

async function* rooms(sources: ArchiveSources): AsyncGenerator<RoomId> {
  const { contents, user } = sources;
  let last: RoomId | null = null;
  for (;;) {
    const after: RoomId | null = last;
    const page: readonly RoomId[] = await paced(sources, () => contents.rooms(user, after, ROOMS_PER_PAGE));
    yield* page;
    if (page.length < ROOMS_PER_PAGE) return;
    last = page.at(-1) ?? null;
  }
}

async function* roomLines(sources: ArchiveSources, room: RoomId): AsyncGenerator<string> {
  const { contents, user } = sources;
  let after = 0;
  for (;;) {
    const { events, last } = await paced(sources, () => contents.events(user, room, after, EVENTS_PER_PAGE));
    yield events.map((event) => lineOf(ownEvent(event))).join("");
    if (last === null) return;
    after = last;
  }
}

/** Its author is known. */
function ownEvent({ type, by, epoch, at, ...event }: RoomEvent): object {
  return { ...event, at: new Date(at) };
}

async function* files(sources: ArchiveSources): AsyncGenerator<FileRecord> {
  const { contents, user } = sources;
  let last: FileId | null = null;
  for (;;) {
    const after: FileId | null = last;
    const page: readonly FileRecord[] = await paced(sources, () => contents.files(user, after, FILES_PER_PAGE));
    yield* page;
    if (page.length < FILES_PER_PAGE) return;
    last = page.at(-1)?.id ?? null;
  }
}

/** null: there is none, or it was removed meanwhile. */
async function avatarPart({ contents, storage, user }: ArchiveSources): Promise<ZipPart | null> {
  const hash = await contents.avatar(user);
  if (hash === null) return null;
  try {
    return { path: "avatar.webp", content: await storage.read(thumbnailKey(hash, "large")) };
  } catch (error) {
    if (error instanceof ContentMissing) return null;
    throw error;
  }
}

/** null: it does not fit, or it was deleted meanwhile. */
async function filePart({ storage, left }: ArchiveSources, file: FileRecord): Promise<ZipPart | null> {
  if (file.bytes + FILE_OVERHEAD_BYTES > left()) return null;
  try {
    const content = file.bytes === 0 ? Readable.from([]) : await storage.read(file.hash);
    return { path: `files/${file.id}-${file.name}`, bytes: file.bytes, content };
  } catch (error) {
    if (error instanceof ContentMissing) return null;
    throw error;
  }
}

function leftOutLine({ id, room, name, bytes }: FileRecord): string {
  return lineOf({ id, room, name, bytes });
}

/** @throws the reason of the signal */
async function paced<Page>({ signal }: ArchiveSources, read: () => Promise<Page>): Promise<Page> {
  signal.throwIfAborted();
  const begunAt = performance.now();
  const page = await read();
  await pause((performance.now() - begunAt) * REST, signal);
  return page;
}
