import { z } from "zod";
import { publicUser, roomId, seq, time, userId, uuid } from "./schemas.ts";

/** Figures of processes, rooms and connections, for people with a server role. */

const nodeName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);

/** What one process does now: counts a second over the last ten seconds, and the state of the moment. */
export const figures = z.object({
  connections: z.number(),
  rooms: z.number(),
  /** Events that this process gave to the log, repeated ones too. */
  accepted: z.number(),
  /** Frames of rooms that were handed to connections: one for each connection. */
  delivered: z.number(),
  /** Events committed by this writer. */
  stored: z.number(),
  refused: z.number(),
  /** Cores in use. */
  cpu: z.number(),
  /** Share of the time in which the event loop was busy, 0 to 1. */
  loop: z.number(),
  /** Resident bytes. */
  memory: z.number(),
  /** From publish to ack, ms; missing while nothing is published. */
  acceptP50: z.number().optional(),
  acceptP99: z.number().optional(),
  /** Accepted events that this process keeps until they are stored. */
  unstored: z.number(),
  /** Accepted events that this writer has not committed. */
  lag: z.number(),
});
export type Figures = z.output<typeof figures>;

const roomRate = z.object({ room: roomId, perSecond: z.number() });

/** What a process tells of itself once a second. */
export const toldNode = z.object({
  node: z.string(),
  roles: z.array(z.string()),
  build: z.string(),
  startedAt: time,
  state: z.enum(["ready", "unready", "draining"]),
  figures,
  /** The busiest rooms of what it gave to the log, estimated. */
  busiest: z.array(roomRate),
});
export type ToldNode = z.output<typeof toldNode>;

/** `seenAt`: when it told the last time. A process that ends in order is not in the list; one that is silent stays for an hour. */
export const clusterNode = toldNode.omit({ busiest: true }).extend({ seenAt: time });
export type ClusterNode = z.output<typeof clusterNode>;
/** `name`: of public rooms. */
export const busyRoom = roomRate.extend({ name: z.string().optional() });
export type BusyRoom = z.output<typeof busyRoom>;
/** `at`: now, by the clock of `seenAt`. */
export const clusterView = z.object({ at: time, nodes: z.array(clusterNode), busiest: z.array(busyRoom) });
export type ClusterView = z.output<typeof clusterView>;

export const minutesQuery = z.object({ node: nodeName.optional() });
/** One minute: the mean of each count and state, added up over processes; of `loop` and the times of acks the highest. */
export const minuteFigures = figures.extend({ at: time });
export type MinuteFigures = z.output<typeof minuteFigures>;
/** The last 60 minutes, and the same 60 a day before. Minutes without figures are missing. */
export const minutesView = z.object({ today: z.array(minuteFigures), yesterday: z.array(minuteFigures) });
export type MinutesView = z.output<typeof minutesView>;

const roomMinute = z.object({ at: time, perSecond: z.number() });
export const roomView = z.object({
  room: roomId,
  name: z.string().optional(),
  visibility: z.enum(["public", "private", "direct"]),
  createdAt: time,
  members: z.int(),
  /** Missing: the log does not have the room; nothing was sent lately. */
  head: z.object({ epoch: z.int(), seq, durable: z.int() }).optional(),
  /** Gateways with connections that have subscribed the room; `users`: how many different ones they are of. */
  nodes: z.array(z.object({ node: z.string(), connections: z.int(), users: z.int() })),
  /** Gateways that did not answer in time. */
  silent: z.array(z.string()),
  /** As an estimate; only minutes in which the room was among the ten busiest of a process. */
  today: z.array(roomMinute),
  yesterday: z.array(roomMinute),
});
export type RoomView = z.output<typeof roomView>;

/** `after`: the id of the last connection of the page before. */
export const connectionsQuery = z.object({
  node: nodeName.optional(),
  room: roomId.optional(),
  user: userId.optional(),
  after: uuid.optional(),
});
export const connection = z.object({
  id: uuid,
  node: z.string(),
  /** Missing: it has not said hello. */
  user: publicUser.optional(),
  /** The half of it that names a network. */
  address: z.string(),
  openedAt: time,
  rooms: z.int(),
  /** Bytes that the client has not read. */
  unsent: z.int(),
  /** It does not read fast enough and is caught up later. */
  slow: z.boolean(),
});
export type ConnectionView = z.output<typeof connection>;
/** `total`: of all that match, on the gateways that answered. `cursor`: for `after`. */
export const connectionsPage = z.object({
  connections: z.array(connection),
  total: z.int(),
  silent: z.array(z.string()),
  cursor: uuid.optional(),
});
export type ConnectionsPage = z.output<typeof connectionsPage>;

/** What a gateway answers to a question about its connections. */
export const connectionsAnswer = z.object({ total: z.int(), users: z.int(), connections: z.array(connection) });
export type ConnectionsAnswer = z.output<typeof connectionsAnswer>;
