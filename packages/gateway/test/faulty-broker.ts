import type { Broker, BrokerListener } from "@hubbub/broker";
import type { RoomId } from "@hubbub/protocol";
import { memoryBroker } from "./test-gateway.ts";

/** A broker like `broker`, but for some members. */
export function withBroker(broker: Broker, members: Partial<Broker>): Broker {
  return new Proxy(broker, {
    get(target, key) {
      if (key in members) return Reflect.get(members, key);
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** A broker that counts what it is asked, by the name of the question. */
export function countingBroker(inner: Broker): { broker: Broker; asked: Map<string, number> } {
  const asked = new Map<string, number>();
  const broker = new Proxy(inner, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        asked.set(String(key), (asked.get(String(key)) ?? 0) + 1);
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { broker, asked };
}

/** A broker whose deliveries pass through `through`, which hands on what it likes when it likes. */
export function deliveringBroker(through: (room: RoomId, frame: Buffer, handOn: BrokerListener["deliver"]) => void): {
  broker: Broker;
  interrupt(): void;
} {
  const broker = memoryBroker();
  let interrupted = (): void => undefined;
  const listen = (listener: BrokerListener): void => {
    const handOn: BrokerListener["deliver"] = (room, frame) => listener.deliver(room, frame);
    interrupted = () => listener.interrupted();
    broker.listen({
      deliver: (room, frame) => through(room as RoomId, frame, handOn),
      control: (message) => listener.control(message),
      interrupted,
    });
  };
  return { broker: withBroker(broker, { listen }), interrupt: () => interrupted() };
}
