import { useModel } from "../../../model.ts";
import { Act, Part, Row } from "../../../parts/part.tsx";
import { useLoaded } from "../../../parts/use-loaded.ts";
import { clockOf, dayOf } from "../../../words.ts";

/** Where the user is logged in, and the end of that. */
export function LoginsPart() {
  const { app } = useModel();
  const [sessions, again] = useLoaded(async () => app.chat?.do((_, account) => account.sessions()));
  const end = async (id: string): Promise<void> => {
    await app.chat?.do((_, account) => account.endSession(id));
    await again();
  };
  const endOthers = async (): Promise<void> => {
    await app.chat?.do((_, account) => account.endSessions({ isOthers: true }));
    await again();
  };
  return (
    <Part heading="Where you are logged in">
      <ul id="logins" className="sheet-list">
        {sessions?.map(({ id, current, usedAt, address = "", agent = "" }) => (
          <Row
            key={id}
            what={agentOf(agent)}
            hint={`${current ? "this one" : `${dayOf(usedAt)} ${clockOf(usedAt)}`} ${address}`}
          >
            {!current && <Act label="End" work={() => end(id)} />}
          </Row>
        ))}
      </ul>
      {sessions?.some(({ current }) => !current) && <Act label="End all others" work={endOthers} />}
    </Part>
  );
}

/** What a client says of itself, in short. */
function agentOf(agent: string): string {
  const [, browser] = /(Firefox|Edg|OPR|Chrome|Safari)/.exec(agent) ?? [];
  const [, system] = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent) ?? [];
  if (browser !== undefined && system !== undefined) return `${browser} on ${system}`;
  return agent === "" ? "A login" : agent;
}
