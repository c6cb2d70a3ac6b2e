import { FRAME_MAX_BYTES, type LimitInfo, type Limits, ProtocolError, TEXT_MAX_BYTES } from "@hubbub/protocol";
import type { GatewaySettings } from "../config.ts";

/** `rates`: those that are not settings as they are. */
export function toldLimits(settings: GatewaySettings, rates: Readonly<Record<string, LimitInfo>>): Limits {
  const ofUser = rates["user_publishes"]?.count ?? settings.PUBLISHES_PER_SECOND_PER_USER;
  const all = {
    connection_frames: { count: settings.FRAMES_PER_SECOND, seconds: 1 },
    connection_publishes: { count: settings.PUBLISHES_PER_SECOND, seconds: 1 },
    connection_subscriptions: { count: settings.SUBSCRIPTIONS_PER_CONNECTION },
    connection_unacked: { count: settings.INFLIGHT_PUBLISHES_PER_CONNECTION },
    address_connections: { count: settings.CONNECTIONS_PER_ADDRESS },
    address_unauthenticated: { count: settings.UNAUTHENTICATED_PER_ADDRESS },
    user_connections: { count: settings.CONNECTIONS_PER_USER },
    ...rates,
    ...ifSet("room_publishes", settings.PUBLISHES_PER_SECOND_PER_ROOM),
    ...ifSet("cluster_publishes", settings.PUBLISHES_PER_SECOND_IN_CLUSTER),
  };
  return {
    frameMaxBytes: FRAME_MAX_BYTES,
    textMaxBytes: TEXT_MAX_BYTES,
    framesPerSecond: settings.FRAMES_PER_SECOND,
    // A client that does not know `all` keeps a guest's lower rate too.
    publishesPerSecond: Math.min(settings.PUBLISHES_PER_SECOND, ofUser),
    subscriptions: settings.SUBSCRIPTIONS_PER_CONNECTION,
    inflight: settings.INFLIGHT_PUBLISHES_PER_CONNECTION,
    all,
  };
}

function ifSet(name: string, count: number): Record<string, LimitInfo> {
  return count === 0 ? {} : { [name]: { count, seconds: 1 } };
}

export function tooManySubscriptions(count: number): ProtocolError {
  const limit = { name: "connection_subscriptions", count, left: 0 };
  return new ProtocolError("too_many_subscriptions", undefined, { limit });
}
