/** At least so many messages, where the count is not exact. */
export function Unread({ count, isExact }: { count: number; isExact: boolean }) {
  if (count === 0) return null;
  return (
    <span className="count">
      {count}
      {!isExact && "+"} <span className="visually-hidden">new messages</span>
    </span>
  );
}

/** What is meant for the user. */
export function Mentions({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="count meant">
      <span aria-hidden="true">@</span>
      {count} <span className="visually-hidden">for you</span>
    </span>
  );
}
